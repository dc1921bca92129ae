import Delivery
import Larkspur
import Planning
import Testing

/// How many viewers a refresh names before it is for everyone, as the account is configured.
struct ViewersMostTests {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    for person in ["ou_a", "ou_b", "ou_c"] {
      bench.sql("insert into sighting (token, key, open_id) values ('w1', 'k', '\(person)')")
    }
  }

  private func ask() { bench.ask(kind: "key", "k", #"{"viewers":true}"#) }

  private func audience() throws -> String? {
    try bench.intake.db.first("select audience from previews") { $0.text(0) }
  }

  @Test func `one more than allowed makes it everyone, and the view says so`() throws {
    bench.settings.sightings.viewersMost = 2
    ask()
    try bench.run()
    #expect(bench.feishu.arrivals.map(\.people) == [nil])
    #expect(try audience() == "everyone")
  }

  @Test func `as many as allowed are named, more than one call has if the account says so`() throws
  {
    bench.settings.sightings.viewersMost = 150
    for number in 0..<147 {
      bench.sql("insert into sighting (token, key, open_id) values ('w1', 'k', 'ou_\(number)')")
    }
    ask()
    try bench.run()
    #expect(Set(bench.feishu.arrivals.flatMap { $0.people ?? [] }).count == 150)
    #expect(try audience() == "150 people")
  }

  @Test func `a change while the worker runs holds for the next ask`() throws {
    bench.world.after(1_000) { [self] in ask() }
    bench.world.after(5_000) { [bench] in bench.edit { $0[0].sightings.viewersMost = 2 } }
    bench.world.after(15_000) { [self] in ask() }
    try bench.run(.stay, for: 30_000)
    #expect(bench.feishu.arrivals.map { $0.people?.count } == [3, nil])
  }
}
