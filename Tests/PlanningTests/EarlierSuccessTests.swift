import Planning
import Testing

/// A call that left before a pause began, and succeeds during it.
struct EarlierSuccessTests {
  private func pausedChannel() -> ChannelState {
    var channel = ChannelState(
      channel: Channel(account: 1, kind: .preview), limits: [], record: ChannelRecord(), recent: [])
    channel.record.spentMonth = 670
    channel.pause(until: Moment(900_000), for: .quota, why: "used up")
    return channel
  }

  @Test func `it does not show that the month has calls again`() {
    var channel = pausedChannel()
    channel.succeeded(started: Moment(100), at: Moment(300))
    #expect(channel.record.spentMonth == 670)
  }

  @Test func `after the pause calls still go one at a time`() {
    var channel = pausedChannel()
    channel.succeeded(started: Moment(100), at: Moment(300))
    #expect(channel.isOnProbation)
  }

  @Test func `a call after the pause shows both`() {
    var channel = pausedChannel()
    channel.succeeded(started: Moment(900_000), at: Moment(900_200))
    #expect(channel.record.spentMonth == nil)
    #expect(!channel.isOnProbation)
  }
}
