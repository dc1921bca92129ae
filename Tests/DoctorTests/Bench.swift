import Foundation
import Larkspur
import Planning

@testable import Doctor

/// A folder for each test, removed with it.
final class Bench {
  let folder: String
  var queue: String { file("queue.db") }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-\(UUID())").path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
  }

  deinit {
    chmod(folder, 0o700)
    try? FileManager.default.removeItem(atPath: folder)
  }

  func file(_ name: String) -> String { folder + "/" + name }

  @discardableResult
  func write(_ text: String, to name: String, mode: mode_t = 0o600) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
    chmod(file(name), mode)
    return file(name)
  }

  /// A queue that nobody has open.
  @discardableResult
  func makeQueue(_ asks: [Ask] = []) throws -> String {
    let intake = try Intake(queue: queue)
    if !asks.isEmpty { _ = try intake.add(asks) }
    return queue
  }

  /// Changes the queue as a person might.
  func change(_ sql: String) throws {
    try Connection(path: queue, mode: .readWrite).run(script: sql)
  }

  var reading: Result<QueueReading, StoreError> { DatabaseCheck.read(queue) }

  /// What is found about the database.
  func databaseFindings() -> [Finding] { DatabaseCheck.findings(reading, of: queue) }
}

extension ClockReading {
  /// A machine whose wall clock shows the end of November 2026, an hour after its start.
  static func of(
    wall_ms: Int = 1_796_000_000_000, sinceBoot_ms: Int = 3_600_000, boot: String? = "b"
  ) -> ClockReading {
    ClockReading(
      wall: WallMoment(ms: wall_ms), sinceBoot: BootMoment(ms: sinceBoot_ms), boot: boot)
  }
}
