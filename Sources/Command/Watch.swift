import Terminal

/// Shows the progress of a long change and lets the user stop it.
struct Watch: ~Copyable {
  private let stop = StopRequest()
  private let progress: Progress
  private let what: String

  init(_ global: GlobalOptions, what: String) {
    progress = Progress(global)
    self.what = what
  }

  mutating func goesOn(_ done: Int) -> Bool {
    progress.show(done) { "\(grouped(done)) \(what) so far, \(grouped($0)) a second" }
    return stop.arrived == nil
  }

  /// The exit code for the signal that stopped the change, if one did.
  mutating func end() -> ExitCode? {
    progress.clear()
    return stop.arrived
  }
}
