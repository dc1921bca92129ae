import Terminal

/// One thing that was looked at, and how it is.
package struct Finding: Equatable, Sendable {
  /// The words are an interface.
  package enum Grade: String, CaseIterable, Sendable {
    case fine
    /// It works, but somebody should know.
    case warn
    case wrong
    /// It could not be looked at.
    case unknown
  }

  package let code: FindingCode
  package let grade: Grade
  /// One sentence without a final period.
  package let summary: String
  /// A command, or what to do.
  package let fix: String?
  /// The exit code it asks for; nil unless it is wrong.
  package let exit: ExitCode?

  private init(
    _ code: FindingCode, _ grade: Grade, _ summary: String, fix: String?, exit: ExitCode? = nil
  ) {
    assert(code.grades.contains(grade), "\(code) is never \(grade)")
    self.code = code
    self.grade = grade
    self.summary = summary
    self.fix = fix
    self.exit = exit
  }

  package static func fine(_ code: FindingCode, _ summary: String) -> Finding {
    Finding(code, .fine, summary, fix: nil)
  }

  package static func warn(_ code: FindingCode, _ summary: String, fix: String) -> Finding {
    Finding(code, .warn, summary, fix: fix)
  }

  package static func wrong(
    _ code: FindingCode, _ summary: String, fix: String, exit: ExitCode? = nil
  ) -> Finding {
    Finding(code, .wrong, summary, fix: fix, exit: exit ?? code.exit)
  }

  package static func unknown(
    _ code: FindingCode, _ summary: String, fix: String? = nil
  ) -> Finding {
    Finding(code, .unknown, summary, fix: fix)
  }
}
