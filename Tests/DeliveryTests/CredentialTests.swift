import Delivery
import Planning
import Testing

/// The access token of an app, and when another one is asked for.
struct CredentialTests {
  private let now = Moment(ms: 1_000_000)

  private func fetched(_ value: String = "t-1") -> Credential {
    var credential = Credential()
    credential.fetchBegan()
    credential.arrived(value, lives: .hours(2), at: now, dice: 0)
    return credential
  }

  /// How long the next fetch waits after so many that failed.
  private func wait(afterFailures failures: Int, dice: UInt64) -> Span? {
    var credential = Credential()
    for _ in 0..<failures {
      credential.fetchBegan()
      credential.fetchFailed(wait: nil, at: now, dice: dice)
    }
    return credential.fetchMoment(at: now).map { $0 - now }
  }

  @Test func `failed fetches are a second apart at least, and a minute at most`() {
    #expect(wait(afterFailures: 1, dice: 0) == 1_000)
    #expect(wait(afterFailures: 9, dice: 0) == 1_000)
    #expect(wait(afterFailures: 1, dice: .max) == 2_000)
    #expect(wait(afterFailures: 2, dice: .max) == 3_000)
    #expect(wait(afterFailures: 9, dice: .max) == 61_000)
  }

  @Test func `a renewal that failed is tried again after a pause, although the token is good`() {
    var credential = fetched()
    let soon = now + .hours(2) - .minutes(20)
    credential.fetchBegan()
    credential.fetchFailed(wait: nil, at: soon, dice: .max)
    #expect(credential.usable(at: soon) == "t-1")
    #expect(credential.fetchMoment(at: soon) == soon + 2_000)
  }

  @Test func `it waits for as long as the server asks`() {
    var credential = Credential()
    credential.fetchBegan()
    credential.fetchFailed(wait: 7_000, at: now, dice: 0)
    #expect(credential.fetchMoment(at: now) == now + 7_000)
  }

  @Test func `a success ends the backing off`() {
    var credential = Credential()
    for _ in 0..<5 {
      credential.fetchBegan()
      credential.fetchFailed(wait: nil, at: now, dice: .max)
    }
    credential.fetchBegan()
    credential.arrived("t-1", lives: .hours(2), at: now, dice: 0)
    credential.fetchBegan()
    credential.fetchFailed(wait: nil, at: now, dice: .max)
    #expect(credential.fetchMoment(at: now) == now + .hours(2) - .minutes(30))
    #expect(credential.fetchMoment(at: now + .hours(2)) == now + .hours(2))
  }

  @Test func `a fetch that fails after a success waits as briefly as the first one`() {
    var credential = Credential()
    for _ in 0..<5 {
      credential.fetchBegan()
      credential.fetchFailed(wait: nil, at: now, dice: .max)
    }
    credential.fetchBegan()
    credential.arrived("t-1", lives: .hours(2), at: now, dice: 0)
    let late = now + .hours(2)
    credential.fetchBegan()
    credential.fetchFailed(wait: nil, at: late, dice: .max)
    #expect(credential.fetchMoment(at: late) == late + 2_000)
  }

  @Test func `while one is asked for, no other is`() {
    var credential = Credential()
    credential.fetchBegan()
    #expect(credential.fetchMoment(at: now) == nil)
  }

  @Test func `a refusal of an old token that comes late leaves the new one`() {
    var credential = fetched("t-2")
    let isHopeless = credential.refused("t-1")
    #expect(!isHopeless)
    #expect(credential.usable(at: now) == "t-2")
    #expect(credential.refusals == 0)
  }

  @Test func `a refused token is not sent again, and another one is asked for at once`() {
    var credential = fetched()
    let isHopeless = credential.refused("t-1")
    #expect(!isHopeless)
    #expect(credential.usable(at: now) == nil)
    #expect(credential.fetchMoment(at: now) == now)
  }

  @Test func `the same token handed out again waits before another is asked for`() throws {
    var credential = fetched()
    _ = credential.refused("t-1")
    credential.fetchBegan()
    credential.arrived("t-1", lives: .hours(2), at: now, dice: 0)
    #expect(credential.usable(at: now) == nil)
    #expect(try #require(credential.fetchMoment(at: now)) >= now + 1_000)
  }

  @Test func `the fifth token that is refused in a row is the last`() {
    var credential = Credential()
    for number in 1...5 {
      credential.fetchBegan()
      credential.arrived("t-\(number)", lives: .hours(2), at: now, dice: 0)
      let isHopeless = credential.refused("t-\(number)")
      #expect(isHopeless == (number == 5))
    }
  }

  @Test func `a token expires`() {
    let credential = fetched()
    #expect(credential.usable(at: now + .hours(2) - 1) == "t-1")
    #expect(credential.usable(at: now + .hours(2)) == nil)
  }
}
