import Foundation
import Programs
import Testing

@testable import Larkspur

/// Sightings with the real programs.
@Suite(.serialized) struct SightingTests {
  @Test(.enabled(if: CallbackApp.canBeMade, "python3 and OpenSSL's library are needed"))
  func `the callbacks that an app got become sightings`() throws {
    let app = try CallbackApp(encryptKey: "test key")
    try app.change(title: "one")
    _ = try app.settled(try app.post("ou_1", "ou_2").number)
    _ = try app.settled(try app.post("ou_3", place: "signature").number)
    _ = try app.settled(try app.post("ou_4", place: "draft").number)
    let file = app.place.folder.appending(path: "callbacks").path
    let callbacks = try app.callbacks()
    #expect(callbacks.count == 4)
    try callbacks.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
    let saw = try Programs.run(
      "larkspur", ["saw", "--from", file, "--key-from", #"/(\d+)$"#], app.place.environment)
    #expect(saw.status == 0 && saw.out == "3 sightings, 1 draft skipped\n", "\(saw.err)")
    let previews = try Inspector(queue: app.place.queue).rows(
      "select keys, url, chat, viewers from previews order by viewers"
    ).rows
    #expect(
      previews == [
        [.text("1041"), .text("https://example.com/1041"), .null, .int(1)],
        [.text("1041"), .text("https://example.com/1041"), .text("oc_1"), .int(2)],
      ])
  }

  @Test func `what is recorded is listed and forgotten`() throws {
    let place = try Place(sandbox: nil)
    func run(_ words: String...) throws -> Programs.Finished {
      try Programs.run("larkspur", words, place.environment)
    }
    #expect(try run("forget", "--key", "k").status == 66)
    #expect(try run("init").status == 0)
    #expect(try run("saw", "t", "--key", "k").status == 0)
    #expect(try run("saw", "t", "--key", "a b").status == 65)
    #expect(try run("saw", "t").status == 64)
    #expect(try run("list", "--key", "k", "--json").out.contains(#""token":"t""#))
    #expect(try run("forget", "--key", "k").status == 0)
    #expect(try run("forget", "--key", "k").status == 65)
    place.queue = place.folder.path
    #expect(try run("saw", "t", "--key", "k").status == 74)
  }

  /// How often a process has gone to sleep.
  private func sleeps(of process: Int32) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }
    return line?.split(separator: "\t").last.flatMap { Int($0) } ?? -1
  }

  /// A backend's connection, which is closed when the last reference is gone.
  private final class Backend {
    private let connection: Connection

    init(_ queue: String) throws {
      connection = try Connection(path: queue, mode: .readWrite, patience_ms: 1_000)
      try connection.run(
        script: "insert into sighting (token, key, open_id) values ('t', 'k', 'ou_1')")
    }
  }

  private func isAsleep(_ process: Int32) throws -> Bool {
    var last = -1
    return try eventually {
      let now = try sleeps(of: process)
      defer { last = now }
      usleep(50_000)
      return now == last
    }
  }

  @Test func `a backend that has said nothing new and leaves costs the worker at most one look`()
    throws
  {
    let place = try Place(sandbox: nil)
    let worker = try place.startWork("--quiet")
    #expect(eventually { WorkerLock.owner(queue: place.queue) != nil })
    var backends = try (0..<30).map { _ in try Backend(place.queue) }
    #expect(try isAsleep(worker.pid))
    let before = try sleeps(of: worker.pid)
    while !backends.isEmpty {
      let last = try sleeps(of: worker.pid)
      backends.removeLast()
      // So that no two of them share a look.
      #expect(try eventually { try sleeps(of: worker.pid) > last })
    }
    #expect(try isAsleep(worker.pid))
    let slept = try sleeps(of: worker.pid) - before
    // The worker may look at its usual minute meanwhile.
    #expect(slept <= 33, "it looked \(slept) times")
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }
}
