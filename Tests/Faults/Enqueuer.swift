import Chance
import Foundation
import Programs
import Testing

/// One of several ways to ask, as a process that may be killed at any moment.
struct Enqueuer {
  enum Way: CaseIterable {
    case preview, everyone, manyPreviews, plainSQL, card, manyCards, session
  }

  /// What is asked for. There are few cards and sessions, so that asks meet, and enough tokens that
  /// one is always due.
  static let tokens = 80
  static let cards = 4
  static let sessions = 2
  /// More than fit in one transaction.
  static let linesInBulk = 700

  let way: Way
  let started: Started
  /// The user that marks the asks of a bulk.
  let person: String

  /// `number` is unique among the enqueuers at this place.
  init(_ way: Way, number: Int, at place: Place, _ dice: inout Dice) throws {
    self.way = way
    let person = "ou_bulk_\(number)"
    self.person = person
    let token = "token_\(dice.number(1...Self.tokens))"
    let other = "token_\(dice.number(1...Self.tokens))"
    let somebody = "ou_\(dice.number(1...3))"
    let card = "card_\(dice.number(1...Self.cards))"
    let session = "session_\(dice.number(1...Self.sessions))"
    let words: [String]
    switch way {
    case .preview: words = ["preview", token, other, "--open-id", somebody]
    case .everyone: words = ["preview", token, "--everyone"]
    case .manyPreviews:
      let lines = (0..<Self.linesInBulk).map {
        #"{"token":"token_\#($0 % Self.tokens + 1)","open_ids":["\#(person)"]}"#
      }
      words = ["preview", "--from", try Self.write(lines, number, at: place)]
    case .plainSQL:
      started = try Programs.startOther(
        "sqlite3",
        [
          "-cmd", ".timeout 10000", place.queue,
          """
          begin immediate;
          insert into ask (lane, body) values ('\(token)', '{"open_ids":["\(somebody)"]}');
          insert into ask (kind, lane, body) values ('session', '\(session)',
            '{"metadata":"\(number)"}');
          commit;
          select last_insert_rowid();
          """,
        ])
      return
    case .card:
      words = [
        "card", card, "--actions", try Self.write([Self.batch(number, 0)], number, at: place),
      ]
    case .manyCards:
      let lines = (0..<20).map {
        #"{"card":"card_\#($0 % Self.cards + 1)","actions":\#(Self.batch(number, $0))}"#
      }
      words = ["card", "--from", try Self.write(lines, number, at: place)]
    case .session: words = ["session", session, "--channel-context", "\(number)"]
    }
    started = try Programs.start("larkspur", ["enqueue"] + words + ["--quiet"], place.environment)
  }

  /// The ids that it has reported. Only complete lines count, including those of a process that was
  /// killed.
  var accepted: [Int] {
    if way == .manyPreviews || way == .manyCards { return [] }
    let output = started.output
    guard let end = output.lastIndex(of: "\n") else { return [] }
    return output[..<end].split(separator: "\n").compactMap { Int($0) }
  }

  /// Expects that it was refused with a message that contains these words, and that nothing was
  /// accepted.
  func expectRefused(
    _ end: Programs.Finished, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isSaid = way == .plainSQL || (end.status == 74 && end.err.contains(words))
    #expect(isSaid, "\(end.err)", sourceLocation: sourceLocation)
    #expect(accepted.isEmpty, sourceLocation: sourceLocation)
  }

  private static func batch(_ number: Int, _ line: Int) -> String {
    #"[{"action":"delete_elements","params":{"element_ids":["e\#(number)_\#(line)"]}}]"#
  }

  private static func write(_ lines: [String], _ number: Int, at place: Place) throws -> String {
    let file = place.folder.appending(path: "asks-\(number).json")
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    return file.path
  }
}
