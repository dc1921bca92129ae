import Testing

@testable import Sandbox

struct HistoryTests {
  /// A sandbox that judges and records, as the server does.
  private struct Noted {
    var feishu: Feishu
    var history = History(started: 0)

    init(_ settings: RuleSettings = RuleSettings(), faults: FaultSettings = FaultSettings()) {
      feishu = Feishu(settings, faults: faults)
    }

    @discardableResult
    mutating func post(
      _ tokens: [String], openIDs: [String]? = nil, at now: Microseconds
    ) -> Judgement {
      note(feishu.update(tokens, openIDs: openIDs, at: now), at: now)
    }

    @discardableResult
    mutating func note(
      _ judgement: Judgement, target: String = Path.previews, at now: Microseconds
    ) -> Judgement {
      history.note(Request(target: target, logID: ""), judgement, at: now)
      return judgement
    }

    var lanes: [Lane] { history.latestLanes.lanes }
  }

  private static let unlimited: RuleSettings = {
    var settings = RuleSettings()
    settings.previewPace.perSecond = 0
    return settings
  }()

  @Test func `a call that takes effect refreshes its previews`() {
    var noted = Noted()
    noted.post(["a", "b"], openIDs: ["ou_1", "ou_2"], at: second)
    noted.post(["a"], at: 7 * second)
    #expect(noted.history.requests == 2 && noted.history.accepted == 2)
    #expect(noted.history.refreshes == [.previews: 3])
    #expect(noted.lanes.map(\.name.text) == ["a", "b"])
    #expect(noted.lanes.map(\.times) == [2, 1])
    #expect(noted.lanes.map(\.detail) == [.everyone, .people(2)])
    #expect(noted.lanes.map(\.refreshed) == [7 * second, second])
  }

  @Test func `a refused call is counted, by its reason, and refreshes nothing`() {
    var noted = Noted()
    noted.post(["bad_token_1"], at: 0)
    noted.post(["bad_token_2"], at: 0)
    #expect(noted.history.refused == 2 && noted.lanes.isEmpty && noted.history.refreshes.isEmpty)
    #expect(noted.history.troubles.map(\.value) == [2])
    #expect(noted.history.troubles.keys.first?.verdict == .malformed)
    #expect(noted.history.troubles.keys.first?.code == 230_001)
  }

  @Test func `a call whose answer is lost has refreshed its previews`() {
    var noted = Noted(faults: FaultSettings(chances: [.dropAfter: .always]))
    noted.post(["a"], at: 0)
    #expect(noted.history.accepted == 1 && noted.lanes.map(\.name.text) == ["a"])
    #expect(noted.history.calls[0].isApplied && noted.history.calls[0].fault == .dropAfter)
    #expect(noted.history.calls[0].code == nil)
    #expect(noted.history.troubles.keys.first?.isAccepted == true)
  }

  @Test func `previews that are passed over are not refreshed`() {
    var settings = Self.unlimited
    settings.earlyUpdate = .ignore
    var noted = Noted(settings)
    noted.post(["a"], at: 0)
    noted.post(["a", "b", "b"], at: second)
    #expect(noted.history.refreshes == [.previews: 2])
    #expect(noted.lanes.map(\.name.text) == ["b", "a"] && noted.lanes.map(\.times) == [1, 1])
  }

  @Test func `an empty list of people is everyone where that is the rule`() {
    var settings = RuleSettings()
    settings.emptyAudience = .everyone
    var noted = Noted(settings)
    noted.post(["a"], openIDs: [], at: 0)
    #expect(noted.lanes.map(\.detail) == [.everyone])
  }

  @Test func `cards and sessions are lanes as well`() {
    var noted = Noted()
    let card = CardUpdate(sequence: 7, actions: "[]")
    for asked in [Asked.card("c", card), .session("session_1", SessionUpdate())] {
      noted.note(
        Judgement(
          answer: Answer(status: 200, code: 0, body: ""), applied: true, app: "cli", asked: asked),
        at: 0)
    }
    #expect(noted.history.refreshes == [.cards: 1, .sessions: 1])
    #expect(noted.lanes.map(\.name.endpoint) == [.sessions, .cards])
    #expect(noted.lanes.map(\.detail) == [.none, .sequence(7)])
  }

  @Test func `requests for an access token and strange paths count, and are no lanes`() {
    var noted = Noted()
    noted.note(noted.feishu.login(at: 0).judgement, at: 0)
    noted.note(
      noted.feishu.judge(path: "/x?access_token=t-1"), target: "/x?access_token=t-1", at: 0)
    #expect(noted.history.requests == 2 && noted.history.accepted == 1 && noted.lanes.isEmpty)
    #expect(noted.history.calls.map(\.subject) == [.other("POST /x"), .accessToken])
  }

  @Test func `calls are counted by the second, and forgotten after a minute`() {
    var noted = Noted()
    for call in 0..<7 { noted.post(["p\(call)"], at: 100 * second + call) }
    noted.post(["q"], at: 101 * second + 500_000)
    func minute(at now: Microseconds) -> [SecondCounts.Count] {
      noted.history.seconds.lastMinute(of: .previews, at: now)
    }
    let counts = minute(at: 102 * second)
    #expect(counts.count == 60)
    #expect(
      counts.suffix(3) == [
        SecondCounts.Count(accepted: 5, refused: 2), SecondCounts.Count(accepted: 1, refused: 0),
        SecondCounts.Count(),
      ])
    #expect(minute(at: 159 * second).first?.all == 7)
    #expect(minute(at: 160 * second).first?.all == 1)
    #expect(minute(at: 300 * second).allSatisfy { $0.all == 0 })
    #expect(
      noted.history.seconds.lastMinute(of: .cards, at: 102 * second).allSatisfy { $0.all == 0 })
  }

  @Test func `a clock that has just begun has an empty minute behind it`() {
    let history = History(started: 0)
    let counts = history.seconds.lastMinute(of: .previews, at: 0)
    #expect(counts.count == 60 && counts.allSatisfy { $0.all == 0 })
  }

  @Test func `however much comes, only the latest is kept`() {
    var noted = Noted(Self.unlimited)
    for call in 0..<1_200 {
      noted.post((0..<10).map { "p\(call)-\($0)" }, at: call * 1_000)
    }
    #expect(noted.history.requests == 1_200 && noted.history.refreshes == [.previews: 12_000])
    #expect(noted.history.calls.map(\.number) == Array((1_101...1_200).reversed()))
    #expect(noted.lanes.count == History.lanesMax && noted.history.latestLanes.hasForgotten)
    #expect(noted.lanes.first?.name.text == "p1199-9" && noted.lanes.last?.name.text == "p1180-0")
  }

  @Test func `a lane that comes again and again keeps its count`() {
    var noted = Noted(Self.unlimited)
    for call in 0..<1_200 { noted.post(["always", "p\(call)"], at: call * 5 * second) }
    #expect(noted.lanes.first { $0.name.text == "always" }?.times == 1_200)
    #expect(noted.lanes.count == History.lanesMax)
  }

  @Test func `a long text is kept in part`() {
    var noted = Noted(Self.unlimited)
    noted.post([String(repeating: "x", count: 1_000_000)], at: 0)
    #expect(noted.lanes[0].name.text.utf8.count < 300)
    guard case .previews(let first, 1, nil) = noted.history.calls[0].subject else {
      return #expect(Bool(false), "not a call for one preview")
    }
    #expect(first.utf8.count < 300)
  }

  @Test func `when a call is answered is kept with it, also while others come`() {
    var noted = Noted(Self.unlimited)
    for call in 0..<150 { noted.post(["p\(call)"], at: call) }
    noted.history.end(150, answered: 1_149)
    noted.history.end(51, answered: nil)
    // The history no longer has these calls, or they have not come yet.
    noted.history.end(50, answered: 5)
    noted.history.end(0, answered: 5)
    noted.history.end(151, answered: 5)
    let ends = noted.history.calls.map(\.end)
    #expect(ends.first == .answered(after: 1_000) && ends.last == .unanswered)
    #expect(ends.dropFirst().dropLast().allSatisfy { $0 == .awaited })
  }
}
