import CSQLite

/// The memory in which the connections to a database share the index of its write-ahead log.
///
/// Every connection keeps it alive, including those of dead processes, because SQLite reads it
/// without asking first. It is freed with the last of them.
final class SharedMemory {
  private var regions: [UnsafeMutableRawBufferPointer] = []

  deinit {
    for region in regions { region.deallocate() }
  }

  /// A region, filled with zeros when it is created. Nil if it does not exist and `isMade` is
  /// false.
  func region(_ index: Int, size: Int, isMade: Bool) -> UnsafeMutableRawPointer? {
    while isMade && regions.count <= index {
      let region = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
      region.initializeMemory(as: UInt8.self, repeating: 0)
      regions.append(region)
    }
    return index < regions.count ? regions[index].baseAddress : nil
  }
}

/// The locks that a connection holds on the shared memory, one bit for each of the eight.
struct SharedSlots {
  var shared: UInt32 = 0
  var exclusive: UInt32 = 0
}

extension OpenFile {
  /// Joins the memory of the living processes. If only dead ones have some, it starts empty: an
  /// operating system would have discarded theirs, and SQLite rebuilds it from the log.
  func joinSharedMemory() -> SharedMemory {
    if let sharedMemory { return sharedMemory }
    let joined = elsewhere { $0.sharedMemory != nil }?.sharedMemory ?? SharedMemory()
    sharedMemory = joined
    return joined
  }

  func leaveSharedMemory() {
    slots = SharedSlots()
    sharedMemory = nil
  }

  func lockSlots(_ mask: UInt32, isExclusive: Bool) -> Int32 {
    if process.isDead { return SQLITE_CORRUPT }
    let isTaken = isHeldElsewhere { other in
      mask & (isExclusive ? other.slots.shared | other.slots.exclusive : other.slots.exclusive) != 0
    }
    if isTaken { return SQLITE_BUSY }
    if isExclusive { slots.exclusive |= mask } else { slots.shared |= mask }
    return SQLITE_OK
  }

  func unlockSlots(_ mask: UInt32) {
    slots.shared &= ~mask
    slots.exclusive &= ~mask
  }
}
