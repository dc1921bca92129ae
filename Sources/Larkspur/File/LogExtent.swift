import Glibc

/// How far a write-ahead log goes, according to one of its indexes.
///
/// Programs that have the same log open but different indexes overwrite each other's frames. A
/// frame's checksum covers all frames before it, so the checksum of the last frame, which an index
/// stores, stands for all of them.
struct LogExtent {
  private let frames: Int
  private let pageSize: Int
  private let salt: ArraySlice<UInt8>
  private let checksum: LogChecksum

  /// Nil if no program has initialized the index.
  init?(index descriptor: Int32) {
    var header = [UInt8](repeating: 0, count: 48)
    guard pread(descriptor, &header, header.count, 0) == header.count, header[12] != 0 else {
      return nil
    }
    func word(_ place: Int) -> UInt32 {
      header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt32.self) }
    }
    // SQLite writes 1 for 64 KiB, which two bytes cannot hold.
    let size = header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 14, as: UInt16.self) }
    pageSize = size == 1 ? 65_536 : Int(size)
    frames = Int(word(16))
    checksum = LogChecksum(word(24), word(28))
    salt = header[32..<40]
  }

  /// Whether the log begins with all these frames, as they were written.
  func isBeginning(of log: Int32) -> Bool {
    if frames == 0 { return true }
    var header = [UInt8](repeating: 0, count: 32)
    guard pread(log, &header, header.count, 0) == header.count, header[16..<24] == salt else {
      return false
    }
    let isBigEndian = header[3] & 1 == 1
    var sum = LogChecksum(0, 0)
    sum.add(header[..<24], isBigEndian)
    guard sum == LogChecksum(stored: header[24..<32]) else { return false }
    var frame = [UInt8](repeating: 0, count: 24 + pageSize)
    for number in 0..<frames {
      let place = off_t(header.count + number * frame.count)
      guard pread(log, &frame, frame.count, place) == frame.count, frame[8..<16] == salt else {
        return false
      }
      sum.add(frame[..<8], isBigEndian)
      sum.add(frame[24...], isBigEndian)
      guard sum == LogChecksum(stored: frame[16..<24]) else { return false }
    }
    return sum == checksum
  }

  /// Whether the log has a frame that the index does not know yet: a commit is about to become
  /// visible, or a transaction was given up after it had written.
  func isContinued(in log: Int32) -> Bool {
    var header = [UInt8](repeating: 0, count: 32)
    guard pread(log, &header, header.count, 0) == header.count, header[16..<24] == salt else {
      return false
    }
    var frame = [UInt8](repeating: 0, count: 24)
    let place = off_t(header.count + frames * (frame.count + pageSize))
    return pread(log, &frame, frame.count, place) == frame.count && frame[8..<16] == salt
  }
}

/// The checksum that SQLite keeps in a log.
private struct LogChecksum: Equatable {
  private var first: UInt32
  private var second: UInt32

  init(_ first: UInt32, _ second: UInt32) {
    self.first = first
    self.second = second
  }

  /// Reads the checksum as it is stored in the log.
  init(stored bytes: ArraySlice<UInt8>) {
    self = bytes.withUnsafeBytes {
      LogChecksum(Self.word($0, 0, isBigEndian: true), Self.word($0, 4, isBigEndian: true))
    }
  }

  mutating func add(_ bytes: ArraySlice<UInt8>, _ isBigEndian: Bool) {
    bytes.withUnsafeBytes {
      for place in stride(from: 0, to: $0.count, by: 8) {
        first &+= Self.word($0, place, isBigEndian: isBigEndian) &+ second
        second &+= Self.word($0, place + 4, isBigEndian: isBigEndian) &+ first
      }
    }
  }

  private static func word(
    _ bytes: UnsafeRawBufferPointer, _ place: Int, isBigEndian: Bool
  ) -> UInt32 {
    let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
    return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
  }
}
