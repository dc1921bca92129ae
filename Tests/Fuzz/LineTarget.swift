import Foundation
import Planning
import Terminal

@testable import Command
@testable import Larkspur

/// A file of asks, after one byte that chooses their kind and one that sets the size of the pieces
/// in which it is read.
///
/// The reader must find the same lines as a simple one. Each line is accepted exactly if SQL
/// accepts its content, parsed independently, and what is written is that content.
@MainActor final class LineTarget {
  private let intake: Intake
  private var checkers: [Checker]

  /// A noncopyable value cannot be in an array, so this class holds it.
  private final class Checker {
    var checker: BulkIntake.Checker

    init(_ aim: Aim) throws { checker = try BulkIntake.Checker(BulkIntake.Common(aim)) }
  }

  init() {
    do {
      intake = try Intake(queue: Rehearsal.place())
      try intake.db.run(script: "pragma synchronous = off")
      checkers = try Aim.allCases.map(Checker.init)
    } catch {
      fatalError("no queue can be made: \(error)")
    }
  }

  func check(_ input: Input) {
    var input = input
    let choice = input.byte() % Aim.allCases.count
    let piece = input.byte() + 1
    let file = input.rest()
    let lines = read(file, pieces: piece)
    expect(lines.map(\.number) == SimpleReader.numbers(file), "lines are counted otherwise")
    for line in lines {
      expect(
        line.problem != nil || Array(line.text.utf8) == SimpleReader.line(line.number, of: file),
        "line \(line.number) is not what it was")
    }
    let aim = Aim.allCases[choice]
    let accepted = lines.filter { line in
      guard line.problem == nil else { return false }
      let refusal = checkers[choice].checker.refusal(of: line.text)
      if let refusal { expectSentence(printable(refusal)) }
      compareWithSQL(line.text, aim, checkers[choice])
      return refusal == nil
    }
    write(accepted.map(\.text), aim)
  }

  private func read(_ file: [UInt8], pieces: Int) -> [LineReader.Line] {
    var offset = 0
    var reader = LineReader(bufferSize: pieces) { buffer throws(Failure) in
      let part = file[offset...].prefix(buffer.count)
      buffer.copyBytes(from: part)
      offset += part.count
      return part.count
    }
    var lines: [LineReader.Line] = []
    do {
      while let line = try reader.next() { lines.append(line) }
    } catch {
      fatalError("what has been read already cannot be read: \(error)")
    }
    expect(reader.bytesRead == file.count, "\(reader.bytesRead) of \(file.count) bytes were read")
    return lines
  }

  /// The same line as Foundation writes it, and its parts given to SQL: both must be accepted, or
  /// neither.
  private func compareWithSQL(_ line: String, _ aim: Aim, _ checker: Checker) {
    guard let said = Said(line, aim), let name = said.lane, let whole = said.whole,
      let rest = said.rest
    else { return }
    let isLine = checker.checker.refusal(of: whole) == nil
    let isRow = attempt { () throws(StoreError) in
      try intake.db.execute(
        "insert into ask (kind, lane, body) values (?, ?, ?)", .text(aim.rawValue), .text(name),
        .text(rest))
    }
    expect(isLine == isRow, "as a line: \(isLine), as a row: \(isRow): \(whole.debugDescription)")
  }

  /// What the check has accepted can be written, and matches the lines.
  private func write(_ lines: [String], _ aim: Aim) {
    let isWritten = attempt { () throws(StoreError) in
      do throws(QueueError) {
        _ = try BulkIntake.write(lines, BulkIntake.Common(aim), to: intake)
      } catch {
        fatalError("a line was accepted and then refused: \(error)")
      }
      let rows = try intake.db.all("select lane, body from ask order by id") {
        (row) throws(StoreError) in (lane: row.text(0), body: row.text(1))
      }
      expect(rows.count == lines.count, "\(lines.count) lines became \(rows.count) asks")
      for (line, row) in zip(lines, rows) {
        guard let said = Said(line, aim) else { continue }
        expect(said.lane == row.lane, "another lane is written: \(row.lane.debugDescription)")
        expect(said.isRest(row.body), "another body is written: \(row.body.debugDescription)")
      }
    }
    expect(isWritten, "what was accepted cannot be read")
  }

  /// Does something to the queue and undoes it.
  private func attempt(_ body: () throws(StoreError) -> Void) -> Bool {
    do throws(StoreError) {
      defer { try? intake.db.execute("delete from ask") }
      try body()
      return true
    } catch {
      expect(error.kind == .refused, "SQL fails otherwise than by refusing: \(error)")
      return false
    }
  }
}

/// A line, parsed independently of SQLite.
private struct Said {
  private let members: [String: Any]
  private let key: String

  /// Nil if the line is not an object, repeats a key, or has a number that a Double cannot hold.
  init?(_ line: String, _ aim: Aim) {
    key =
      switch aim {
      case .lane(of: .preview): "token"
      case .lane(of: .card): "card"
      case .lane(of: .session): "session"
      case .previews(.key): "key"
      case .previews(.url): "url"
      }
    guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
      let members = object as? [String: Any]
    else { return nil }
    self.members = members
  }

  var lane: String? { members[key] as? String }
  var whole: String? { Self.text(members) }
  var rest: String? { Self.text(members.filter { $0.key != key }) }

  func isRest(_ body: String) -> Bool {
    guard let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)),
      let other = object as? [String: Any]
    else { return false }
    return Self.text(other) == rest
  }

  private static func text(_ members: [String: Any]) -> String? {
    let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
    return (try? JSONSerialization.data(withJSONObject: members, options: options)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

/// Reads lines in the simplest way, with the whole file in memory.
private enum SimpleReader {
  private static func lines(_ file: [UInt8]) -> [[UInt8]] {
    file.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().map { number, line in
      let text = number == 0 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
      return Array(text.last == 0x0D ? text.dropLast() : text)
    }
  }

  static func numbers(_ file: [UInt8]) -> [Int] {
    let blank: Set<UInt8> = [0x20, 0x09, 0x0D]
    return lines(file).enumerated().filter { !blank.isSuperset(of: $1) }.map { $0.offset + 1 }
  }

  static func line(_ number: Int, of file: [UInt8]) -> [UInt8] { lines(file)[number - 1] }
}
