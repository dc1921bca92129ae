import Foundation
import Planning
import Testing

@testable import Larkspur

/// `forget`, and the worker's pass over what was not seen for a long time.
final class ForgettingTests {
  let folder: TemporaryFolder
  let intake: Intake

  init() throws {
    folder = try TemporaryFolder()
    intake = try Intake(queue: folder.queue)
  }

  private func rows(_ sql: String) throws -> [[Cell]] {
    try Inspector(queue: folder.queue).rows(sql).rows
  }

  private func texts(_ sql: String) throws -> [String] {
    try rows(sql).map { if case .text(let text) = $0[0] { text } else { "" } }
  }

  private func forget(
    _ what: Inspector.Forgotten, account: String? = nil
  ) throws -> [Int] {
    let gone = try Inspector(queue: folder.queue).forget(what, account: account)
    #expect(try rows("pragma foreign_key_check").isEmpty)
    return [gone.previews, gone.keys, gone.viewers]
  }

  private func seeSome() throws {
    try intake.saw([
      Sighting("a", keys: ["k", "l"], openID: "ou_1"), Sighting("a", keys: ["k"], openID: "ou_2"),
      Sighting("b", keys: ["k"], openID: "ou_1"),
      Sighting("b", keys: ["k"], openID: "ou_1", account: "shop"),
    ])
  }

  @Test func `a token goes with its keys and viewers`() throws {
    try seeSome()
    #expect(try forget(.token("a")) == [1, 0, 2])
    #expect(try texts("select account || token from previews") == ["defaultb", "shopb"])
  }

  @Test func `a key goes, and with it the previews that have no other key`() throws {
    try seeSome()
    #expect(try forget(.key("k")) == [2, 2, 2])
    #expect(try texts("select token || ' ' || keys from previews") == ["a l"])
    #expect(try texts("select key from keys") == ["l"])
  }

  @Test func `a user is forgotten as a viewer of all previews, which stay`() throws {
    try seeSome()
    #expect(try forget(.viewer(openID: "ou_1")) == [0, 0, 3])
    #expect(try rows("select viewers from previews order by account, token") == [[1], [0], [0]])
  }

  @Test func `only one account's are forgotten if it is named`() throws {
    try seeSome()
    #expect(try forget(.key("k"), account: "shop") == [1, 1, 1])
    #expect(try forget(.viewer(openID: "ou_1"), account: "default") == [0, 0, 2])
    #expect(try forget(.token("b"), account: "shop") == [0, 0, 0])
    #expect(try rows("select count(*) from previews") == [[2]])
  }

  @Test(arguments: [Inspector.Forgotten.token("a"), .key("k"), .viewer(openID: "ou_1")])
  func `rows that two programs forget at once are counted by one of them`(
    what: Inspector.Forgotten
  ) throws {
    try seeSome()
    let total =
      "select (select count(*) from known_token) + (select count(*) from known_key) "
      + "+ (select count(*) from viewer)"
    let before = try rows(total)
    var other = 0
    let gone = try Inspector(queue: folder.queue).forget(what, account: nil) { _ in
      if other == 0 {
        other = (try? Inspector(queue: folder.queue).forget(what, account: nil).total) ?? 0
      }
      return true
    }
    guard case .int(let first) = before[0][0], case .int(let last) = try rows(total)[0][0] else {
      return
    }
    #expect(gone.total + other == first - last)
  }

  @Test func `what was never seen is not forgotten`() throws {
    try seeSome()
    for what in [Inspector.Forgotten.token("k"), .key("a"), .viewer(openID: "ou_3")] {
      #expect(try forget(what) == [0, 0, 0])
    }
  }

  @Test func `thousands of previews and viewers go in slices, and may be stopped`() throws {
    try intake.saw((0..<3_000).map { Sighting("t\($0)", keys: ["k"], openID: "ou_1") })
    try intake.saw((0..<3_000).map { Sighting("hot", keys: ["k"], openID: "ou_\($0)") })
    var calls = 0
    let part = try Inspector(queue: folder.queue).forget(.key("k"), account: nil) { _ in
      calls += 1
      return calls < 5
    }
    #expect(part.previews > 0 && part.previews < 3_001 && part.keys == 0)
    #expect(try rows("select count(*) from previews") == [[.int(3_001 - part.previews)]])
    let rest = try forget(.key("k"))
    #expect(rest == [3_001 - part.previews, 1, 6_000 - part.viewers])
  }
}

/// The worker's daily pass.
final class ForgettingPassTests {
  private let queue: QueueAtWork
  private let intake: Intake
  private static let today = 20_000

  init() throws {
    queue = try QueueAtWork()
    intake = try Intake(queue: queue.folder.queue)
  }

  private func rows(_ sql: String) throws -> [[Cell]] {
    try Inspector(queue: queue.folder.queue).rows(sql).rows
  }

  /// Sees previews as if on this day.
  private func see(_ sightings: [Sighting], daysAgo: Int) throws {
    let isNew = "seen_day not between 0 and \(Self.today)"
    try intake.saw(sightings)
    for table in ["known_token", "tag", "viewer"] {
      try intake.db.run(
        script: "update \(table) set seen_day = \(Self.today - daysAgo) where \(isNew)")
    }
  }

  /// A pass in slices of this many looks at the clock. Returns how many slices it took.
  @discardableResult
  private func pass(looks: Int = .max) throws -> Int {
    var pass = ForgettingPass(day: Self.today)
    var slices = 0
    var isDone = false
    while !isDone {
      var left = looks
      isDone = try queue.store.transaction { () throws(StoreError) in
        try queue.store.forgetSightings(&pass) {
          left -= 1
          return left <= 0
        }
      }
      slices += 1
    }
    #expect(try rows("pragma foreign_key_check").isEmpty)
    return slices
  }

  @Test func `what was seen 30 days ago stays, and what was seen before goes`() throws {
    try see([Sighting("old", keys: ["k", "old"], openID: "ou_1")], daysAgo: 31)
    try see([Sighting("new", keys: ["k"], openID: "ou_2")], daysAgo: 30)
    try pass()
    #expect(try rows("select token, viewers from previews") == [["new", 1]])
    #expect(try rows("select key, previews, dropped from keys") == [["k", 1, 0]])
  }

  @Test func `a preview that is still seen loses the keys and viewers that are not`() throws {
    try see([Sighting("t", keys: ["old"], openID: "ou_1")], daysAgo: 31)
    try see([Sighting("t", keys: ["new"], openID: "ou_2")], daysAgo: 0)
    try pass()
    #expect(try rows("select keys, viewers from previews") == [["new", 1]])
  }

  @Test func `of a key with too many previews those seen least recently go`() throws {
    let most = SightingLimits().previewsPerKey
    try see((0..<most).map { Sighting("a\($0)", keys: ["k", "all\($0 % 2)"]) }, daysAgo: 2)
    try see([Sighting("old", keys: ["k"])], daysAgo: 3)
    try see([Sighting("b", keys: ["k"])], daysAgo: 1)
    try pass()
    #expect(
      try rows("select key, previews, dropped from keys order by key") == [
        ["all0", .int(most / 2), 0], ["all1", .int(most / 2), 0], ["k", .int(most), 2],
      ])
    // One of the second oldest day went too: the one that was recorded first. It has another key.
    #expect(try rows("select keys from previews where token = 'a0'") == [["all0"]])
    #expect(try rows("select 1 from previews where token = 'old'").isEmpty)
  }

  @Test(arguments: [1, 2, 7])
  func `a pass in slices ends like one in one piece`(looks: Int) throws {
    let most = SightingLimits().previewsPerKey
    try see((0..<2 * most).map { Sighting("t\($0)", keys: ["k"], openID: "ou_1") }, daysAgo: 5)
    try see([Sighting("hot", keys: ["l"])], daysAgo: 31)
    try see((0..<1_000).map { Sighting("hot", keys: ["l"], openID: "ou_\($0)") }, daysAgo: 31)
    try see([Sighting("gone", keys: ["m"])], daysAgo: 40)
    #expect(try pass(looks: looks) > 10)
    #expect(try rows("select count(*), min(token) from previews") == [[.int(most), "t1000"]])
    #expect(try rows("select key, previews, dropped from keys") == [["k", 1_000, .int(most)]])
    #expect(try rows("select count(*) from viewer") == [[.int(most)]])
  }

  /// Its viewers are too many for one slice, and no key keeps it.
  @Test func `a preview with very many viewers goes over several slices`() throws {
    try see((0..<1_000).map { Sighting("hot", keys: ["k"], openID: "ou_\($0)") }, daysAgo: 1)
    try intake.db.run(script: "update tag set seen_day = 0")
    #expect(try pass(looks: 1) > 5)
    #expect(
      try rows("select count(*) from viewer union all select count(*) from previews") == [[0], [0]])
  }
}

extension Cell: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  /// A number in an expected row.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A text in an expected row.
  public init(stringLiteral value: String) { self = .text(value) }
}
