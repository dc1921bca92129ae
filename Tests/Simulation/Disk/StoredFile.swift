import Chance

/// The bytes of a file, and what is needed to return to the last synced content.
final class StoredFile {
  private(set) var bytes: [UInt8] = []

  /// Since the last sync, oldest first.
  private var changes: [Change] = []

  /// A write or a truncation. It keeps only the bytes that it replaced. The bytes that it wrote are
  /// in the file until a later change replaces them, and that change keeps them. So appending costs
  /// almost nothing.
  private struct Change {
    let offset: Int
    /// Zero for a truncation, which ends the file at the offset.
    let writtenCount: Int
    let replaced: [UInt8]
    let sizeBefore: Int

    var isTruncation: Bool { writtenCount == 0 }
  }

  /// A change that a power cut may leave in the file, wholly or in part.
  private struct Survivor {
    let change: Change
    var written: ArraySlice<UInt8>
  }

  func write(_ written: [UInt8], at offset: Int) {
    if written.isEmpty { return }
    let replacedStart = min(offset, bytes.count)
    let replacedEnd = min(offset + written.count, bytes.count)
    changes.append(
      Change(
        offset: offset, writtenCount: written.count,
        replaced: Array(bytes[replacedStart..<replacedEnd]), sizeBefore: bytes.count))
    put(written[...], at: offset)
  }

  /// Shortens the file. SQLite lengthens files only by writing.
  func truncate(to size: Int) {
    guard size < bytes.count else { return }
    changes.append(
      Change(
        offset: size, writtenCount: 0, replaced: Array(bytes[size...]), sizeBefore: bytes.count))
    bytes.removeSubrange(size...)
  }

  func sync() { changes.removeAll(keepingCapacity: true) }

  /// Returns to the last synced content, except for some of the later changes: a disk writes them
  /// in any order. The last change to survive may be torn after its first sectors.
  func losePower(using random: inout Dice) {
    // The odds range from none to all, so both extremes are frequent however many changes there
    // are.
    let odds = Int.random(in: 0...4, using: &random)
    var survivors: [Survivor] = []
    for survivor in undoAll() where Int.random(in: 0..<4, using: &random) < odds {
      survivors.append(survivor)
    }
    if !survivors.isEmpty, Bool.random(using: &random) {
      tear(&survivors[survivors.count - 1], using: &random)
    }
    for survivor in survivors {
      if survivor.change.isTruncation {
        bytes.removeSubrange(min(survivor.change.offset, bytes.count)...)
      } else {
        put(survivor.written, at: survivor.change.offset)
      }
    }
  }

  private func undoAll() -> [Survivor] {
    var undone: [Survivor] = []
    while let change = changes.popLast() {
      let end = change.offset + change.writtenCount
      undone.append(Survivor(change: change, written: ArraySlice(bytes[change.offset..<end])))
      if bytes.count > change.sizeBefore { bytes.removeSubrange(change.sizeBefore...) }
      put(change.replaced[...], at: change.offset)
    }
    return undone.reversed()
  }

  private func tear(_ survivor: inout Survivor, using random: inout Dice) {
    let offset = survivor.change.offset
    let firstSector = offset / SimulatedDisk.sectorSize + 1
    let lastSector = (offset + survivor.written.count - 1) / SimulatedDisk.sectorSize
    guard !survivor.change.isTruncation, firstSector <= lastSector else { return }
    let end = Int.random(in: firstSector...lastSector, using: &random) * SimulatedDisk.sectorSize
    survivor.written = survivor.written.prefix(end - offset)
  }

  private func put(_ part: ArraySlice<UInt8>, at offset: Int) {
    if part.isEmpty { return }
    if offset > bytes.count {
      bytes.append(contentsOf: repeatElement(0, count: offset - bytes.count))
    }
    let overwritten = min(part.count, bytes.count - offset)
    bytes.replaceSubrange(offset..<offset + overwritten, with: part.prefix(overwritten))
    bytes.append(contentsOf: part.dropFirst(overwritten))
  }
}
