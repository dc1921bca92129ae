import Basics
import Glibc
import Larkspur
import Terminal

/// Where the queue is. `--db` wins over `LARKSPUR_DB`, which wins over the default.
package struct QueuePlace: Equatable, Sendable {
  package let path: String
  /// Missing folders are created only for the default place. A path the user named may be a typo,
  /// and the queue would end up where nobody looks.
  private let isDefault: Bool

  package init(
    flag: String?, variable: (String) throws(Failure) -> String? = environmentVariable
  ) throws(Failure) {
    let fromEnvironment = try variable("LARKSPUR_DB")
    if let named = flag ?? fromEnvironment {
      path = named
      isDefault = false
    } else {
      let folder = try userFolder("XDG_STATE_HOME", else: ".local/state", variable: variable)
      guard let folder else {
        throw Failure(
          .configuration, "cannot find the default queue: HOME is not set; give --db PATH")
      }
      path = "\(folder)/larkspur/queue.db"
      isDefault = true
    }
  }

  package func makeFolders() throws(Failure) {
    guard isDefault, let slash = path.lastIndex(of: "/") else { return }
    try Self.make(folder: path[..<slash])
  }

  private static func make(folder: Substring) throws(Failure) {
    if folder.isEmpty || access(String(folder), F_OK) == 0 { return }
    if let slash = folder.lastIndex(of: "/") { try make(folder: folder[..<slash]) }
    if mkdir(String(folder), 0o700) != 0 && errno != EEXIST {
      throw Failure(
        .databaseNotCreated,
        "cannot create folder \(folder): \(systemMessage()); give another path with --db PATH")
    }
  }

  /// Opens the queue for new asks, and creates it if there is none.
  package func intake() throws(Failure) -> Intake {
    try makeFolders()
    try warnOfSecondName()
    return try withSentences { () throws(QueueError) in try Intake(queue: path) }
  }

  /// Opens a queue that exists.
  package func inspector() throws(Failure) -> Inspector {
    try warnOfSecondName()
    return try withSentences { () throws(QueueError) in try Inspector(queue: path) }
  }

  /// Printed even with `--quiet`, because asks may be lost.
  private func warnOfSecondName() throws(Failure) {
    let warning = try withSentences { () throws(QueueError) in try QueueNames.warning(path) }
    if let warning { Output.sentence(warning) }
  }
}

/// Turns an error of the queue into a sentence with an exit code.
package func withSentences<Result: ~Copyable>(
  _ body: () throws(QueueError) -> Result
) throws(Failure) -> Result {
  do throws(QueueError) { return try body() } catch { throw Failure(error) }
}

extension Failure {
  package init(_ error: QueueError) {
    let code: ExitCode =
      switch error.kind {
      case .refused: .badInput
      case .missing: .inputMissing
      case .cannotCreate: .databaseNotCreated
      case .cannotUse, .busy: .databaseNotUsable
      }
    let sentence = printable(error.description)
    self.init(code, sentence, fix: error.fix.map(printable) ?? Message(sentence).fix)
    if error.kind == .busy { isRetryable = true }
  }
}
