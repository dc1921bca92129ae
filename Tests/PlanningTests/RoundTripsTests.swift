import Planning
import Testing

struct RoundTripsTests {
  private func path(_ spans: [Span]) -> RoundTrips {
    var trips = RoundTrips()
    for span in spans { trips.note(span) }
    return trips
  }

  @Test
  func
    `while few answers are known, a call counts when it was answered, or after the whole headroom`()
  {
    let trips = path([20, 20, 20, 20, 20, 20, 20])
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
    #expect(path(Array(repeating: 2, count: 8)).arrival(of: 2) == 2)
  }

  @Test func `a path that has become slower is known after some calls`() {
    var trips = path(Array(repeating: 2, count: 32))
    #expect(trips.arrival(of: 25) == 25)
    for _ in 0..<32 { trips.note(25) }
    #expect(trips.arrival(of: 25) == RoundTrips.unseenDelay)
  }
}
