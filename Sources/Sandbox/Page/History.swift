/// What the sandbox was asked, as far as its page shows it. Pure and bounded: it keeps only the
/// latest calls and lanes, and only the beginning of long texts.
struct History {
  static let callsMax = 100
  static let lanesMax = 200

  /// When counting began.
  let started: Microseconds
  private(set) var requests = 0
  private(set) var accepted = 0
  /// How often previews, cards and sessions were refreshed. One call may refresh ten previews.
  private(set) var refreshes: [Endpoint: Int] = [:]
  private var lanes = RecentLanes(max: Self.lanesMax)
  private(set) var seconds = SecondCounts()
  private(set) var troubles: [Trouble: Int] = [:]
  /// A ring: see `place(of:)`.
  private var ring: [Call] = []

  init(started: Microseconds) {
    self.started = started
    ring.reserveCapacity(Self.callsMax)
  }

  var refused: Int { requests - accepted }

  /// The lanes that were refreshed last, newest first, and whether there were more.
  var latestLanes: (lanes: [Lane], hasForgotten: Bool) { lanes.latest }

  /// The latest calls, newest first.
  var calls: [Call] { ring.sorted { $0.number > $1.number } }

  /// Counts a request that has been judged, and gives it the next number.
  mutating func note(_ request: Request, _ judgement: Judgement, at now: Microseconds) {
    requests += 1
    let call = Call(number: requests, at: now, request, judgement)
    if call.isAccepted { accepted += 1 }
    if let endpoint = call.endpoint {
      seconds.count(endpoint, isAccepted: call.isAccepted, at: now)
    }
    if let trouble = Trouble(judgement) { troubles[trouble, default: 0] += 1 }
    if judgement.applied { noteRefreshes(judgement, at: now) }
    if requests <= Self.callsMax { ring.append(call) } else { ring[place(of: requests)] = call }
  }

  /// Notes when the call with that number was answered; nil if there was nobody to answer.
  mutating func end(_ number: Int, answered: Microseconds?) {
    guard number > 0, number > requests - Self.callsMax, number <= requests else { return }
    let place = place(of: number)
    ring[place].end = answered.map { .answered(after: $0 - ring[place].at) } ?? .unanswered
  }

  /// Numbers begin with 1.
  private func place(of number: Int) -> Int { (number - 1) % Self.callsMax }

  private mutating func noteRefreshes(_ judgement: Judgement, at now: Microseconds) {
    let (endpoint, names, detail): (Endpoint, [String], Lane.Detail)
    switch judgement.asked {
    case .previews(let update?):
      // An empty list takes effect only if it means everyone.
      let people = update.openIDs?.count ?? 0
      (endpoint, names) = (.previews, judgement.refreshedTokens)
      detail = people == 0 ? .everyone : .people(people)
    case .card(let id, let update?):
      (endpoint, names, detail) = (.cards, [id], .sequence(update.sequence))
    case .session(let id, _):
      (endpoint, names, detail) = (.sessions, [id], .none)
    case .previews, .card, .accessToken, .oauth, .store, nil: return
    }
    refreshes[endpoint, default: 0] += names.count
    lanes.note(
      RecentLanes.Refresh(
        endpoint: endpoint, app: judgement.app ?? "",
        names: names.contains(where: isLong) ? names.map(shortened) : names, detail: detail,
        at: now))
  }
}
