import Foundation
import Programs
import Testing

/// A long read, during which nothing can be checkpointed from the log.
@Suite struct LogGrowthTests {
  @Test
  func `the log grows behind a reader and is small again when it leaves, with nobody writing`()
    throws
  {
    let place = try Place()
    try place.ask([.preview("a", for: .everyone)])
    let worker = try place.startWork("--quiet")
    #expect(eventually { (try? place.delivered()) == 1 })
    let reader = try Shell(place.queue)
    try reader.run("begin; select count(*) from ask;")
    let people = (0..<2_000).map { "ou_\($0)" }
    func logSize() throws -> Int {
      try FileManager.default.attributesOfItem(atPath: place.queue + "-wal")[.size] as? Int ?? 0
    }
    for number in 0..<1_000 where try logSize() < 20_000_000 {
      try place.ask(
        (0..<20).map {
          .preview("t\(number)_\($0)", for: .people(people), after: .seconds(3_600))
        })
    }
    #expect(try logSize() >= 20_000_000)
    let isFolded = eventually {
      (try? place.number("select value from stats where figure = 'asks not folded yet'")) == 0
    }
    #expect(isFolded)
    try reader.end()
    let isSmall = eventually(within: 30) { (try? logSize()) ?? .max < 10_000_000 }
    let size = try logSize()
    #expect(isSmall, "the log has \(size) bytes")
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
  }
}
