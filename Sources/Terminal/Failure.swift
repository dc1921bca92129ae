/// The error a program ends with: what failed, on what, and what to do next.
package struct Failure: Error, Equatable, Sendable {
  package let code: ExitCode
  /// A single line. A line break in it is printed as an escape, like control characters in quoted
  /// text.
  package let sentence: String
  /// A command, or what to do.
  package let fix: String?
  /// Whether the same command may succeed later although nobody has fixed anything.
  package var isRetryable: Bool
  /// The page of the developer console on which it can be fixed.
  package var consoleURL: String?
  /// What Feishu's support asks for, if the error comes from an answer of Feishu.
  package var logID: String?
  /// The parts of the input or the work that failed, one sentence each.
  package var details: [String] = []

  /// With a sentence of the form `what failed; what to do`.
  package init(_ code: ExitCode, _ sentence: String) {
    self.init(code, sentence, fix: Message(sentence).fix)
  }

  /// With a sentence whose last part is not what to do, or not all of it.
  package init(_ code: ExitCode, _ sentence: String, fix: String?) {
    self.code = code
    self.sentence = sentence
    self.fix = fix
    isRetryable = code.isRetryable
  }
}

extension Failure {
  /// The error for programs. The keys are an interface: they never change, and new ones are added.
  package var json: String {
    JSONObject(
      [("error", .text(sentence)), ("code", .text(code.name))] + remedy
        + [("details", .texts(details))]
    ).text
  }

  /// What a line of a log says about it besides the sentence. In a log `code` is a number of Feishu's.
  package var facts: [(String, JSONObject.Value)] {
    [("exit", .text(code.name)), ("exit_code", .int(Int(code.rawValue)))] + remedy
  }

  private var remedy: [(String, JSONObject.Value)] {
    [
      ("fix", .of(fix)), ("console_url", .of(consoleURL)), ("log_id", .of(logID)),
      ("retryable", .bool(isRetryable)),
    ]
  }
}
