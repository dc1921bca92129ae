import Chance
import Delivery
import Foundation
import Larkspur
import Planning
import Terminal
import Testing

@testable import Transport

/// The real world, with an address at which nothing answers.
struct CurlWorldTests {
  /// The queue has to be open.
  private func world(_ store: WorkerStore) throws -> CurlWorld {
    try CurlWorld(queue: store.path, signals: StopSignals(), timeouts: Timeouts())
  }

  private func store() throws -> WorkerStore {
    let folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try WorkerStore(queue: folder + "/queue.db")
  }

  private func send(
    _ world: CurlWorld, _ tag: Int, at earliest: BootMoment, latest: BootMoment = .max
  ) {
    world.send(
      Request(url: "http://127.0.0.1:1/", body: [1]), tag: tag, earliest: earliest, latest: latest)
  }

  /// When each of the requests was refused.
  private func refusals(_ world: CurlWorld, of count: Int) -> [Int: BootMoment] {
    var moments: [Int: BootMoment] = [:]
    for _ in 0..<1_000 where moments.count < count {
      for case .finished(let tag, .neverLeft, let moment) in world.wait(milliseconds: 5_000) {
        moments[tag] = moment
      }
    }
    return moments
  }

  @Test func `requests leave in the order of their moments, and none before its own`() throws {
    let store = try store()
    let world = try world(store)
    let began = SystemClocks.sinceBoot()
    for (tag, span) in [(1, 400), (2, 200), (3, 0)] { send(world, tag, at: began + span) }
    let moments = refusals(world, of: 3)
    let (first, second, third) = (
      try #require(moments[3]), try #require(moments[2]), try #require(moments[1])
    )
    #expect(second >= began + 200)
    #expect(third >= began + 400)
    #expect(first < second)
    #expect(second < third)
  }

  @Test func `requests of one moment leave in the order in which they were given`() throws {
    let store = try store()
    let world = try world(store)
    let now = SystemClocks.sinceBoot()
    // All are too late to begin. That is told in the order in which they would have left.
    for tag in 1...3 { send(world, tag, at: now, latest: now) }
    let tags = world.wait(milliseconds: 5_000).compactMap { (event) -> Int? in
      if case .finished(let tag, .tooLate, _) = event { tag } else { nil }
    }
    #expect(tags == [1, 2, 3])
  }

  @Test func `nobody sleeps past the moment of a request`() throws {
    // Without the request, a world looks again after twice the time that has passed: after 256 ms
    // and then after 512 ms. A busy machine may be late, but not most of the time.
    let lateness = try (0..<5).map { _ in
      let store = try store()
      let world = try world(store)
      let moment = SystemClocks.sinceBoot() + 300
      send(world, 1, at: moment)
      return try #require(refusals(world, of: 1)[1]) - moment
    }
    #expect(lateness.sorted()[2] < 50, "\(lateness)")
  }

  @Test func `between two waits requests are seen to as well`() throws {
    let store = try store()
    let world = try world(store)
    send(world, 1, at: 0)
    let enough = SystemClocks.sinceBoot() + 100
    while SystemClocks.sinceBoot() < enough { world.progress() }
    let moment = try #require(refusals(world, of: 1)[1])
    #expect(moment < enough)
  }

  @Test func `a request that would last longer than it may is not begun`() throws {
    let store = try store()
    let world = try world(store)
    let now = SystemClocks.sinceBoot()
    send(world, 1, at: now, latest: now + Timeouts().total_ms - 1_000)
    let events = world.wait(milliseconds: 5_000)
    guard case .finished(1, .tooLate, _) = try #require(events.first) else {
      Issue.record("\(events)")
      return
    }
  }
}
