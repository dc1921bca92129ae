import Larkspur
import Planning
import QueueAccess
import Terminal

/// A card's batch from a file that holds the JSON list of its actions.
enum ActionsFile {
  /// More than one ask can carry, because blanks between the values are not sent.
  private static let bytesMax = 20_000_000

  static func read(_ path: String, _ global: GlobalOptions) throws(Failure) -> String {
    let input = try InputFile(path)
    if input.isTerminal {
      global.say("reading the actions from the terminal: one JSON list, then Ctrl-D")
    }
    guard var bytes = try input.readAll(atMost: bytesMax)?[...] else {
      throw wrong("\(input.name) is larger than \(grouped(bytesMax)) bytes")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw wrong("\(input.name) is not UTF-8")
    }
    if text.utf8.allSatisfy({ " \t\r\n".utf8.contains($0) }) {
      throw wrong("\(input.name) is empty")
    }
    switch try withSentences({ () throws(QueueError) in try JSONText.type(of: text) }) {
    case "array": return text
    case nil: throw wrong("\(input.name) is not JSON")
    case "object": throw wrong("\(input.name) is a JSON object, not a list")
    case "text": throw wrong("\(input.name) is a JSON string, not a list")
    default: throw wrong("\(input.name) is not a JSON list")
    }
  }

  private static func wrong(_ sentence: String) -> Failure {
    Failure(
      .badInput,
      "\(sentence); it must hold the JSON list of actions: " + #"[{"action":"…","params":{…}}]"#)
  }
}
