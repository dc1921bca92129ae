import CSQLite
import Larkspur

/// Recovers the values bound to a statement. SQLite does not report them, but it writes a statement
/// out with its values, and comparing this with the prepared text gives them.
struct Literals {
  private var text: Substring.UTF8View
  private var written: Substring.UTF8View
  private var values: [Value]

  static func values(of statement: OpaquePointer, _ text: String) -> [Value] {
    let count = Int(sqlite3_bind_parameter_count(statement))
    if count == 0 { return [] }
    guard let expanded = sqlite3_expanded_sql(statement) else { fail("out of memory") }
    defer { sqlite3_free(expanded) }
    var literals = Literals(text, String(cString: expanded), count)
    return literals.read()
  }

  private init(_ text: String, _ written: String, _ count: Int) {
    self.text = Substring(text).utf8
    self.written = Substring(written).utf8
    values = Array(repeating: .null, count: count)
  }

  private mutating func read() -> [Value] {
    var last = 0
    var quote: UInt8?
    while let byte = text.popFirst() {
      if quote == nil, byte == UInt8(ascii: "?") {
        last = takeNumber() ?? last + 1
        values[last - 1] = takeLiteral()
        continue
      }
      if quote == byte {
        quote = nil
      } else if quote == nil, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      }
      guard written.popFirst() == byte else { fail("a statement is not written out as it is") }
    }
    return values
  }

  private mutating func takeNumber() -> Int? {
    let digits = text.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    text = text.dropFirst(digits.count)
    return Int(Substring(digits))
  }

  private mutating func takeLiteral() -> Value {
    if written.first == UInt8(ascii: "'") { return .text(takeText()) }
    let word = written.prefix {
      $0 == UInt8(ascii: "-") || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")
        || $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z")
    }
    written = written.dropFirst(word.count)
    if let number = Int(Substring(word)) { return .int(number) }
    guard Substring(word) == "NULL" else { fail("\(Substring(word)) is no value that is bound") }
    return .null
  }

  private mutating func takeText() -> String {
    var bytes: [UInt8] = []
    written = written.dropFirst()
    while let byte = written.popFirst() {
      if byte == UInt8(ascii: "'") {
        guard written.first == byte else { break }
        written = written.dropFirst()
      }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
