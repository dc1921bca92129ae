import Planning
import Testing

/// Two pauses of one channel for different reasons.
struct CoveredPauseTests {
  private func channel() -> ChannelState {
    ChannelState(
      channel: Channel(account: 1, kind: .preview), limits: [], record: ChannelRecord(), recent: [])
  }

  @Test func `a quota that is lifted does not end the pause after a call that was one too many`() {
    var channel = channel()
    channel.pause(until: Moment(5_000), why: "too many")
    channel.pause(until: Moment(900_000), for: .quota, why: "used up")
    channel.endPause(for: .quota, at: Moment(1_000))
    #expect(channel.record.pausedUntil == Moment(5_000))
    #expect(channel.record.pausedFor == .paused && channel.record.pausedWhy == "too many")
  }

  @Test func `nor the pause after one that was answered while the quota was used up`() {
    var channel = channel()
    channel.pause(until: Moment(900_000), for: .quota, why: "used up")
    channel.pause(until: Moment(5_000), why: "too many")
    channel.endPause(for: .quota, at: Moment(1_000))
    #expect(channel.record.pausedUntil == Moment(5_000))
  }

  @Test func `a pause that is over meanwhile does not come back`() {
    var channel = channel()
    channel.pause(until: Moment(5_000), why: "too many")
    channel.pause(until: Moment(900_000), for: .quota, why: "used up")
    channel.endPause(for: .quota, at: Moment(6_000))
    #expect(channel.record.pausedUntil == Moment(0))
  }
}
