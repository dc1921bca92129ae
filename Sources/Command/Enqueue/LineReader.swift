import Glibc
import Terminal

/// The lines of a file of any size, in little more memory than the longest allowed line. Blank
/// lines, a byte order mark and the carriage returns of Windows are skipped.
struct LineReader {
  struct Line: Equatable {
    let number: Int
    let text: String
    /// Why the line cannot be used as text.
    let problem: String?
    /// No line break follows. The file may end in the middle of this line.
    let isLast: Bool
  }

  static let bytesMax = 5_000_000

  /// Reads more bytes and returns how many; 0 at the end.
  typealias Fill = (UnsafeMutableRawBufferPointer) throws(Failure) -> Int

  private let fill: Fill
  private var buffer: [UInt8]
  private var rest = 0..<0
  private var number = 0
  /// Bytes returned or skipped so far.
  private(set) var bytesRead = 0

  init(bufferSize: Int = 65_536, fill: @escaping Fill) {
    buffer = [UInt8](repeating: 0, count: bufferSize)
    self.fill = fill
  }

  /// The first `bytes` of a file from its start, whatever has been read from it before.
  init(rereading input: InputFile, bytes: Int = .max) {
    var offset = 0
    self.init { buffer throws(Failure) in
      let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(max(bytes - offset, 0)))
      let count = try input.read(at: offset, into: wanted)
      offset += count
      return count
    }
  }

  mutating func next() throws(Failure) -> Line? {
    while let raw = try nextRaw() {
      number += 1
      var bytes = raw.bytes[...]
      if number == 1 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
      if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
      if !raw.isTooLong && bytes.allSatisfy(Self.isBlank) { continue }
      return line(bytes, raw)
    }
    return nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private func line(_ bytes: ArraySlice<UInt8>, _ raw: Raw) -> Line {
    let text = raw.isTooLong ? nil : String(validating: bytes, as: UTF8.self)
    let problem: String? =
      if raw.isTooLong {
        "it is longer than \(Self.bytesMax) bytes"
      } else if text == nil {
        "it is not UTF-8"
      } else if bytes.contains(0) {
        "it contains a zero byte"
      } else {
        nil
      }
    return Line(number: number, text: text ?? "", problem: problem, isLast: raw.isLast)
  }

  private struct Raw {
    var bytes: [UInt8] = []
    var isTooLong = false
    var isLast = false
  }

  /// Reads up to the next line break; nil at the end of the file.
  private mutating func nextRaw() throws(Failure) -> Raw? {
    var raw = Raw()
    var isBegun = false
    while true {
      if rest.isEmpty {
        let fill = fill
        let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(Failure) in
          try fill(UnsafeMutableRawBufferPointer(bytes))
        }
        rest = 0..<count
        raw.isLast = count == 0
        if raw.isLast { return isBegun ? raw : nil }
      }
      isBegun = true
      let end = lineBreak()
      append(rest.lowerBound..<(end ?? rest.upperBound), to: &raw)
      let next = end.map { $0 + 1 } ?? rest.upperBound
      bytesRead += next - rest.lowerBound
      rest = next..<rest.upperBound
      if end != nil { return raw }
    }
  }

  private func lineBreak() -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let start = base + rest.lowerBound
      let found = memchr(start, Int32(UInt8(ascii: "\n")), rest.count)
      return found.map { rest.lowerBound + (UnsafeRawPointer($0) - start) }
    }
  }

  /// Drops a line that is too long, because a file without line breaks must not fill the memory.
  private func append(_ range: Range<Int>, to raw: inout Raw) {
    if raw.bytes.count + range.count > Self.bytesMax {
      raw.isTooLong = true
      raw.bytes = []
    }
    if !raw.isTooLong { raw.bytes += buffer[range] }
  }
}
