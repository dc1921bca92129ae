import CSQLite
import Glibc

/// The statements that SQLite gets, with their values, for a C program that replays them. Recorded
/// by tracing, so that it contains exactly what Larkspur does.
final class Tape {
  private var bytes: [UInt8] = []
  private var numbers: [String: Int] = [:]
  private var heard: Set<OpaquePointer> = []
  private var withoutTriggers: Set<OpaquePointer> = []

  func add(_ statement: OpaquePointer) {
    let handle = sqlite3_db_handle(statement)
    let connection = introduce(handle)
    if let handle, larkspur_runs_triggers(handle) == 0, withoutTriggers.insert(handle).inserted {
      mark("T")
      put(connection)
    }
    let text = String(cString: sqlite3_sql(statement))
    let number = number(of: text)
    let values = Literals.values(of: statement, text)
    mark("X")
    put(connection)
    put(number)
    put(values.count)
    for value in values {
      switch value {
      case .int(let number):
        mark("i")
        put(number)
      case .text(let text):
        mark("t")
        put(text)
      case .null: mark("n")
      }
    }
  }

  func startClock() { mark("+") }

  func stopClock() { mark("-") }

  func pause(nanoseconds: Int) {
    mark("Z")
    put(nanoseconds)
  }

  func write(to path: String) {
    guard let file = fopen(path, "w") else { fail("\(path): \(String(cString: strerror(errno)))") }
    let written = fwrite(bytes, 1, bytes.count, file)
    if fclose(file) != 0 || written != bytes.count { fail("\(path) cannot be written") }
  }

  private func introduce(_ handle: OpaquePointer?) -> Int {
    guard let handle, let number = Connections.opened.firstIndex(of: handle) else {
      fail("a statement of a connection that nobody knows")
    }
    if heard.insert(handle).inserted {
      let name = sqlite3_db_filename(handle, "main").map { String(cString: $0) } ?? ""
      mark("C")
      put(number)
      put(name.isEmpty ? 1 : 0)
    }
    return number
  }

  private func number(of text: String) -> Int {
    if let known = numbers[text] { return known }
    let number = numbers.count
    numbers[text] = number
    mark("S")
    put(text)
    return number
  }

  private func mark(_ letter: Unicode.Scalar) { bytes.append(UInt8(ascii: letter)) }

  private func put(_ number: Int) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }

  private func put(_ text: String) {
    put(text.utf8.count)
    bytes += text.utf8
  }
}
