import Planning
import Testing

struct RoundTripsTests {
  /// One of which enough is known: answers took so long, over and over.
  private func path(_ spans: [Span]) -> RoundTrips {
    var trips = RoundTrips()
    for index in 0..<RoundTrips.enough { trips.note(spans[index % spans.count]) }
    return trips
  }

  @Test
  func
    `while few answers are known, a call counts when it was answered, or after the whole headroom`()
  {
    var trips = RoundTrips()
    for _ in 1..<RoundTrips.enough { trips.note(20) }
    #expect(trips.arrival(of: 20) == 20)
    #expect(trips.arrival(of: 500) == Budget.jitterHeadroom)
  }

  @Test func `what is answered as fast as the fastest has arrived soon after it left`() {
    let trips = path([20, 22, 21, 20, 25, 20, 30, 20])
    #expect(trips.arrival(of: 20) == RoundTrips.unseenDelay)
  }

  @Test func `what took longer than the fastest may have been held up by that on its way`() {
    let trips = path([20, 22, 21, 20, 25, 20, 30, 20])
    #expect(trips.arrival(of: 27) == RoundTrips.unseenDelay + 7)
    #expect(trips.arrival(of: 5_000) == Budget.jitterHeadroom)
  }

  @Test func `no call arrives after its answer`() {
    #expect(path([2]).arrival(of: 2) == 2)
  }

  @Test func `a path that has become slower is known after some calls`() {
    var trips = path([2])
    #expect(trips.arrival(of: 25) == 25)
    for _ in 0..<RoundTrips.enough { trips.note(25) }
    #expect(trips.arrival(of: 25) == RoundTrips.unseenDelay)
  }

  @Test func `where even the fast ones differ, the fastest may have been held up by as much`() {
    let trips = path([20, 24, 28, 32, 36, 40, 44, 48])
    #expect(trips.arrival(of: 20) == RoundTrips.unseenDelay + 8)
    #expect(trips.arrival(of: 24) == RoundTrips.unseenDelay + 12)
    #expect(trips.arrival(of: 48) == Budget.jitterHeadroom)
  }
}
