import Command

@main struct Main {
  static func main() { CommandProgram.run() }
}
