import Foundation

/// Runs histories and prints the report.
@main
enum Main {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    makeHashingDeterministic()
    do throws(Arguments.Wrong) {
      let arguments = try Arguments(words)
      if let seed = arguments.seed { tell(seed, arguments.theme) }
      let shares = Shares(
        arguments: arguments,
        freshSeed: arguments.freshSeed ?? UInt64.random(in: 1_000_000...1_000_000_000_000))
      if let share = arguments.share { return shares.live(share: share) }
      let code: Int32
      do {
        let folder = Folder()
        let summary = shares.run(words: words, in: folder.path)
        code = report(summary, arguments, folder)
      }
      exit(code)
    } catch {
      complain("what is \"\(error.what)\"? See scripts/simulate --help")
      exit(64)
    }
  }

  /// Each process orders its dictionaries differently, so two runs of one seed would differ.
  private static func makeHashingDeterministic() {
    let name = "SWIFT_DETERMINISTIC_HASHING"
    if getenv(name) != nil { return }
    setenv(name, "1", 1)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    complain("this program could not be started again: \(String(cString: strerror(errno)))")
    exit(1)
  }

  private static func tell(_ seed: UInt64, _ theme: Theme?) -> Never {
    let code: Int32
    do {
      let folder = Folder()
      let (life, broken) = folder.live(.make(seed: seed, theme: theme), isTelling: true)
      var summary = Summary()
      summary.add(Told(seed: seed, life, broken))
      print(summary.text)
      if broken != nil { print(folder.explain(seed: seed, theme: theme)) }
      code = broken == nil ? 0 : 1
    }
    exit(code)
  }

  private static func report(
    _ summary: Summary, _ arguments: Arguments, _ folder: borrowing Folder
  ) -> Int32 {
    if isatty(STDERR_FILENO) == 1 { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
    print(summary.text)
    for failure in summary.failures { complain(failure) }
    let explained = !arguments.isUntilBroken && summary.failures.isEmpty ? 3 : 0
    for (seed, what) in summary.broken.dropFirst(explained) {
      print("seed \(seed) breaks \(what)")
    }
    for (seed, _) in summary.broken.prefix(explained) {
      print(folder.explain(seed: seed, theme: arguments.theme))
    }
    if !summary.broken.isEmpty || !summary.failures.isEmpty { return 1 }
    print("Every promise was kept.")
    return 0
  }

  private static func complain(_ what: String) {
    FileHandle.standardError.write(Data("simulate: \(what)\n".utf8))
  }
}
