import Planning
import Testing

struct AudienceTests {
  let some = Audience(of: ["b", "a", "b"])

  @Test func `people are a set, whatever order and however often they are named`() {
    #expect(some == .people(["a", "b"]))
  }

  @Test func `everyone absorbs people`() {
    #expect(some.union(.everyone) == .everyone)
    #expect(Audience.everyone.union(some) == .everyone)
    #expect(some.union(Audience(of: ["c"])) == .people(["a", "b", "c"]))
  }

  @Test func `many sets of people at once come to the same as one after the other`() {
    let more = [Audience(of: ["b", "d"]), Audience(of: ["c", "A"]), .nobody, Audience(of: ["d"])]
    #expect(some.union(more) == .people(["A", "a", "b", "c", "d"]))
    #expect(some.union(more) == more.reduce(some) { $0.union($1) })
    #expect(Audience.nobody.union(more) == Audience(of: ["A", "b", "c", "d"]))
    #expect(some.union(more + [.everyone]) == .everyone)
    #expect(Audience.everyone.union(more) == .everyone)
  }

  @Test func `a call to everyone leaves nobody, a call to people leaves the others`() {
    #expect(some.subtracting(.everyone).isEmpty)
    #expect(some.subtracting(Audience(of: ["a", "z"])) == .people(["b"]))
    #expect(Audience.everyone.subtracting(some) == .everyone)
  }

  @Test func `people are part of everyone, and everyone is part of no set of people`() {
    #expect(some.isSubset(of: .everyone))
    #expect(!Audience.everyone.isSubset(of: some))
    #expect(some.isSubset(of: Audience(of: ["a", "b", "c"])))
    #expect(!some.isSubset(of: Audience(of: ["a"])))
  }

  @Test func `any of its users may be picked, the first and the last`() {
    #expect(some.anyone(dice: 0) == .people(["a"]))
    #expect(some.anyone(dice: .max) == .people(["b"]))
  }

  @Test(arguments: [(1, 1), (100, 1), (101, 2), (200, 2), (250, 3)])
  func `an audience takes one call for every hundred people`(people: Int, calls: Int) {
    #expect(crowd(people).callsNeeded == calls)
  }

  @Test func `a piece helps only when it saves a whole call`() {
    #expect(crowd(101).isBroughtNearer(by: crowd(1)))
    #expect(!crowd(150).isBroughtNearer(by: crowd(49)))
    #expect(crowd(150).isBroughtNearer(by: crowd(50)))
    #expect(!crowd(150).isBroughtNearer(by: Audience(of: ["stranger"])))
  }
}

/// This many users. A smaller crowd is a subset of a larger one.
func crowd(_ count: Int, from first: Int = 0) -> Audience {
  Audience(of: (first..<first + count).map { "ou_\(1_000_000 + $0)" })
}
