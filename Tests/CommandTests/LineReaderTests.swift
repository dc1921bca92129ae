import Terminal
import Testing

@testable import Command

struct LineReaderTests {
  /// Reads all lines, in pieces of `piece` bytes.
  private func lines(_ bytes: [UInt8], piece: Int = 65_536) throws -> [LineReader.Line] {
    var offset = 0
    var reader = LineReader(bufferSize: piece) { buffer throws(Failure) in
      let part = bytes[offset...].prefix(buffer.count)
      buffer.copyBytes(from: part)
      offset += part.count
      return part.count
    }
    var lines: [LineReader.Line] = []
    while let line = try reader.next() { lines.append(line) }
    #expect(reader.bytesRead == bytes.count)
    return lines
  }

  private func texts(_ text: String, piece: Int = 65_536) throws -> [String] {
    try lines(Array(text.utf8), piece: piece).map { "\($0.number) \($0.text)" }
  }

  @Test func `blank lines are passed over and counted`() throws {
    #expect(try texts("a\n\n \t\r\nb\n") == ["1 a", "4 b"])
    #expect(try texts("") == [])
    #expect(try texts("\n\n") == [])
  }

  @Test func `carriage returns and a byte order mark are no part of a line`() throws {
    #expect(try texts("\u{feff}a\r\nb\r\n") == ["1 a", "2 b"])
    #expect(try texts("a\n\u{feff}b") == ["1 a", "2 \u{feff}b"])
    #expect(try texts("\u{feff}") == [])
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 64])
  func `where a buffer ends makes no difference`(piece: Int) throws {
    let text = "\u{feff}{\"å\":1}\r\n\nzwei 線\n\r\nlast"
    #expect(try texts(text, piece: piece) == ["1 {\"å\":1}", "3 zwei 線", "5 last"])
  }

  @Test func `the last line knows that no line break follows`() throws {
    #expect(try lines(Array("a\nb".utf8)).map(\.isLast) == [false, true])
    #expect(try lines(Array("a\nb\n".utf8)).map(\.isLast) == [false, false])
  }

  @Test func `what is not text is said and not repaired`() throws {
    let lines = try lines(Array("a\n".utf8) + [0xFF, 0x0A, 0x62, 0x00, 0x0A, 0x63, 0xC3])
    #expect(
      lines.map(\.problem) == [
        nil, "it is not UTF-8", "it contains a zero byte", "it is not UTF-8",
      ])
    #expect(lines[3].isLast)
  }

  @Test func `a line that is too long is passed over whole`() throws {
    let most = LineReader.bytesMax
    let long = [UInt8](repeating: 0x61, count: most) + [0x0A]
    let lines = try lines(long + [0x61] + long + Array("b".utf8))
    #expect(lines.map(\.problem) == [nil, "it is longer than 5000000 bytes", nil])
    #expect(lines[0].text.utf8.count == most && lines[2].text == "b")
  }
}

struct PrintingTests {
  @Test func `a table is as wide as its values, without what says the usual on every line`() {
    let table = Table(
      .init(
        columns: ["account", "lane", "last_error"],
        rows: [
          [.text("default"), .text("long token"), .text("")],
          [.text("default"), .text("b"), .text("esc\u{1b}[0m")],
        ]), leavingOut: ["account": "default", "last_error": ""])
    #expect(
      table.text == """
        LANE        LAST ERROR
        long token
        b           esc\\u{1b}[0m
        """)
  }

  @Test func `moments are written for programs and words are left alone`() {
    let written = ["2026-11-21 06:00:00", "now", "2026-11-21 06:00:0x"].map {
      UTCText.iso8601(.text($0)).text
    }
    #expect(written == [#""2026-11-21T06:00:00Z""#, #""now""#, #""2026-11-21 06:00:0x""#])
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")])
  func `large numbers are grouped`(number: Int, text: String) {
    #expect(grouped(number) == text)
  }
}
