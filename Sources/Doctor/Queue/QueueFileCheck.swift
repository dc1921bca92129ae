import Basics
import Glibc
import Larkspur
import Terminal

/// Whether the path leads to a file that can be a queue, and to no other queue as well.
enum QueueFileCheck {
  static func findings(at path: String) -> [Finding] {
    if let sentence = QueueNames.logWithoutQueue(path) {
      let message = Message(sentence)
      return [.wrong(.queueFile, message.summary, fix: message.fix ?? "")]
    }
    do throws(QueueError) {
      try QueueFile.check(path, creating: false)
    } catch {
      let isUnreachable = FileFacts(path) == nil && errno == EACCES
      return [problem(error, path, isUnreachable: isUnreachable)]
    }
    let facts = FileFacts(path)
    var text = path
    if let size = facts?.size { text += ", \(sizeText(size))" }
    return [.fine(.queueFile, text), names(of: path)]
  }

  static func problem(
    _ error: QueueError, _ path: String, isUnreachable: Bool
  ) -> Finding {
    let message = Message(error.description)
    if error.kind == .missing && QueueNames.leadsNowhere(path) == nil {
      return .warn(
        .queueFile, message.summary, fix: message.fix ?? "'larkspur init' creates it")
    }
    if isUnreachable {
      return .unknown(
        .queueFile, "cannot reach \(path): \(systemMessage(EACCES))",
        fix: "run this as the user who owns the queue, or as root")
    }
    return .wrong(
      .queueFile, message.summary, fix: message.fix ?? "give another file with --db")
  }

  private static func names(of path: String) -> Finding {
    do throws(QueueError) {
      try QueueNames.refuseSecondName(path)
      return .fine(.names, "it has one name and is not a mount point")
    } catch {
      let message = Message(error.description)
      return .wrong(.names, message.summary, fix: message.fix ?? "remove all names but one")
    }
  }
}

/// Bytes for people: `912 bytes`, `4.2 MB`.
func sizeText(_ bytes: Int) -> String {
  let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")]
  guard let (unit, name) = units.first(where: { bytes >= $0.0 }) else { return "\(bytes) bytes" }
  let tenths = bytes / (unit / 10)
  return "\(grouped(tenths / 10)).\(tenths % 10) \(name)"
}
