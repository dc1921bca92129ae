import Planning
import Testing

@testable import Picture

struct SummaryTests {
  private func html(_ history: QueueHistory) -> String {
    Summary(
      history: history, names: ChannelNames(history),
      shortening: Shortening(isFull: false, names: [])
    ).html.source
  }

  @Test func `a verdict is a sentence, with its command as code`() {
    #expect(
      Summary.sentence("1 lane dead; see 'larkspur list --state dead'").source
        == "1 lane dead; see <code>larkspur list --state dead</code>.")
    #expect(Summary.sentence("all is well").source == "All is well.")
    #expect(Summary.sentence("a host's <b>").source == "A host&#39;s &lt;b&gt;.")
  }

  @Test(
    arguments: [
      (.well, "Well"), (.late, "Late"), (.wrong, "Something is wrong"),
    ] as [(QueueHistory.Verdict.Tone, String)])
  func `the tone is said in words`(tone: QueueHistory.Verdict.Tone, headline: String) {
    let page = html(Example.history(.init(tone, "x")))
    #expect(
      page.contains("class=\"verdict \(tone.rawValue)\"") && page.contains(" \(headline)</h2>"))
  }

  @Test func `it says what stopped the calls and for how long`() {
    var history = Example.history()
    history.channels = [Example.channel([.init(place: 1, end: .delivered, calls: 1, lanes: 4)])]
    history.stretches = [
      .init(.run, began_ms: 0, ended_ms: Example.now - 600_000),
      .init(
        .pause, account: "default", api: "preview", began_ms: Example.now - 3_000_000,
        ended_ms: Example.now - 1_800_000),
    ]
    let page = html(history)
    #expect(page.contains("0 asks were delivered, and 1 call was made."))
    #expect(page.contains("Calls for previews were paused or parked for 20 min in all."))
    #expect(page.contains("No worker ran for 10 min."))
  }

  @Test func `calls saved are those of one token each, less those that delivered`() {
    let history = Example.full("x", "y")
    #expect(history.callsSaved == 610 && history.refusals == 3)
    #expect(html(history).contains("<dd>610</dd>"))
  }

  @Test func `the quota shown is the one that ends first`() {
    let pace = { (calls: Int) in
      CallPace(calls: calls, since: Moment(ms: 0), at: Moment(ms: CallPace.window))
    }
    let quota = { (name: String, used: Int, calls: Int) in
      QueueHistory.Quota(
        account: name, used: used, most: 1_000, pace: pace(calls), now_ms: Example.now,
        monthEnds_ms: Example.now + CallPace.window)
    }
    var history = Example.history()
    history.state.quotas = [quota("a", 10, 70), quota("b", 600, 800)]
    let page = html(history)
    #expect(page.contains("600 of 1,000"))
    #expect(page.contains("used up on "))
    history.state.quotas = [quota("a", 10, 70)]
    #expect(html(history).contains("about 80 by the month&#39;s end"))
  }
}

struct HappeningsTests {
  private func events(_ history: QueueHistory) -> [String] {
    Happenings(
      history: history, names: ChannelNames(history),
      shortening: Shortening(isFull: false, names: [])
    ).html.source.split(separator: "\n").map { String($0).replacing(#/<[^>]*>/#, with: "|") }
      .filter { $0.hasPrefix("||202") }
  }

  @Test func `what happened is told in the order of time`() {
    let rows = events(Example.full("x", "calls fail"))
    #expect(rows.count == 2)
    #expect(rows[0].contains("16 min||Calls for previews paused|||calls fail"))
    #expect(rows[1].contains("Account default parked until somebody acts"))
  }

  @Test func `a worker that died and one that is missing are events`() {
    var history = Example.history()
    history.stretches = [
      .init(
        .run, reason: "died", began_ms: 0, ended_ms: Example.now - 1_200_000),
      .init(.run, began_ms: Example.now - 600_000, ended_ms: nil),
    ]
    let rows = events(history)
    #expect(rows.count == 2 && rows[0].contains("The worker died"))
    #expect(rows[1].contains("10 min||No worker ran"))
  }

  @Test func `a peak is told if it stands out`() {
    var history = Example.history()
    history.stretches = [.init(.run, began_ms: 0, ended_ms: nil)]
    let even = (0..<40).map {
      QueueHistory.Channel.Count(place: $0, end: .delivered, calls: 9, lanes: 20)
    }
    history.channels = [Example.channel(even)]
    #expect(events(history).isEmpty)
    history.channels = [
      Example.channel(even + [.init(place: 7, end: .delivered, calls: 41, lanes: 400)])
    ]
    #expect(events(history).count == 1)
    #expect(events(history)[0].contains("50 calls for 420 refreshes, 16% of the limit"))
  }

  @Test func `a month that begins is told where there is a quota`() throws {
    let month = nextQuotaMonth(after: WallMoment(ms: Example.now)).ms
    var history = QueueHistory(
      window: Window(since_ms: Example.hour, now_ms: month + 60_000, first_ms: nil), zone: .utc,
      now_ms: month + 60_000, account: nil, verdict: .init(.well, "x"))
    history.stretches = [.init(.run, began_ms: 0, ended_ms: nil)]
    #expect(events(history).isEmpty)
    history.state.quotas = [
      .init(
        account: "default", used: 1, most: 9,
        pace: CallPace(calls: 0, since: nil, at: Moment(ms: 0)), now_ms: month,
        monthEnds_ms: month)
    ]
    #expect(events(history).map { $0.contains("A new month of the quota began") } == [true])
  }
}
