import WorkCommand

@main struct Main {
  static func main() { WorkProgram.run() }
}
