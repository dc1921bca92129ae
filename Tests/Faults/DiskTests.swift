import Foundation
import Programs
import Testing

/// Disks that become full while a worker and enqueuers are busy.
@Suite(.onOwnThreads, .timeLimit(Soak.bound)) struct DiskTests {
  @Test(.enabled(if: SmallDisk.canBeMade, "only root can make a small disk"))
  func `on a full disk nothing is accepted, and with room all goes on by itself`() async throws {
    let trial = try Trial(#function, sandbox: ["--latency", "300ms"])
    // Asks are kept, so each round uses up some space.
    let disk = try SmallDisk(
      kilobytes: 6_000 * Soak.factor, at: trial.place.folder.appending(path: "disk").path)
    try trial.makeQueue(at: disk.path + "/queue.db")
    for _ in 0..<5 { try await trial.ask() }
    let worker = try trial.place.startWork("--quiet")
    for _ in 0..<2 * Soak.factor {
      let isInFlight = try await soon { try trial.isInFlight() }
      #expect(isInFlight)
      let junk = try fill(disk)
      // Asks are still accepted while SQLite has room in its files.
      var accepted = 0
      while accepted < 20, try await trial.ask([.manyPreviews], orBeRefused: "is full") {
        accepted += 1
      }
      #expect(accepted < 20)
      try FileManager.default.removeItem(at: junk)
      for _ in 0..<5 { try await trial.ask() }
    }
    try await trial.end(worker: worker)
    try trial.expectAllKept()
  }

  /// Fills the disk to the last byte.
  private func fill(_ disk: SmallDisk) throws -> URL {
    let junk = URL(filePath: disk.path).appending(path: "junk")
    #expect(FileManager.default.createFile(atPath: junk.path, contents: nil))
    let file = open(junk.path, O_WRONLY)
    defer { close(file) }
    let zeros = [UInt8](repeating: 0, count: 4_096)
    while write(file, zeros, zeros.count) > 0 {}
    return junk
  }

  @Test(
    .enabled(if: ReadOnly.canBeMade, "nothing can be made read-only here"),
    arguments: ["queue.db", ""])
  func `a queue that is read-only refuses whoever comes, and goes on once it is not`(
    what: String
  ) async throws {
    let trial = try Trial("\(#function) \(what)", sandbox: ["--latency", "300ms"])
    let home = trial.place.folder.appending(path: "home")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    try trial.makeQueue(at: home.appending(path: "queue.db").path)
    for _ in 0..<10 { try await trial.ask() }
    do {
      let held = try ReadOnly(home.appending(path: what).path)
      defer { withExtendedLifetime(held) {} }
      let isAccepted = try await trial.ask(orBeRefused: "cannot ")
      #expect(!isAccepted)
      let run = try await trial.place.startWork("--once").finished()
      #expect(run.status == 74 && run.err.contains(trial.place.queue), "\(run.err)")
    }
    try await trial.ask()
    try await trial.drain()
    try trial.expectAllKept()
  }
}
