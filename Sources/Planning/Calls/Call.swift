// The life of a call, from draft to record.
//
// 1. `CallDraft`: what a call to several lanes is to carry. Packing makes it.
// 2. `ClaimedCall`: it is on disk, its lanes are in flight, and nothing has been sent.
// 3. The loop sends it and waits for the answer. What the answer means is a `Settlement`.
// 4. `CallRecord`: what the history keeps of it.

/// One call to make: these lanes, all of them for this audience.
package struct CallDraft: Hashable, Sendable {
  package let audience: Audience
  package let lanes: [Int]

  package init(audience: Audience, lanes: [Int]) {
    self.audience = audience
    self.lanes = lanes
  }

  package var isFull: Bool { lanes.count == Preview.tokensPerCall }
}

/// A lane in a call, as it was when the call was claimed.
package struct ClaimedLane: Hashable, Sendable {
  package let id: Int
  package let name: String
  /// This call's number in the lane. What is asked while it is in flight goes in a later call.
  package let callNumber: Int
  package let trials: Trials
  /// When the lane became due and which slot it had, before this call.
  package let ready: Moment
  package let slot: Moment
  package let turn: LaneTurn
  /// The users the lane still had to reach.
  package let wants: Audience
  /// The search for a refused open_id: the group of lanes that go together, the largest number of
  /// users per call, how many open_ids have been refused on their own so far, and whether a call
  /// for this token has succeeded since. A success proves that the token itself is good.
  package let group: Int?
  package let peopleMax: Int?
  package let strikes: Int
  package let isProven: Bool

  package init(
    id: Int, name: String = "", callNumber: Int = 1, trials: Trials = Trials(),
    ready: Moment = .zero, slot: Moment = .zero, turn: LaneTurn? = nil, wants: Audience,
    group: Int? = nil, peopleMax: Int? = nil,
    strikes: Int = 0, isProven: Bool = false
  ) {
    self.id = id
    self.name = name
    self.callNumber = callNumber
    self.trials = trials
    self.ready = ready
    self.slot = slot
    self.turn = turn ?? LaneTurn(.ordinary, at: ready)
    self.wants = wants
    self.group = group
    self.peopleMax = peopleMax
    self.strikes = strikes
    self.isProven = isProven
  }
}

/// A call that is on disk and may be sent.
package struct ClaimedCall: Hashable, Sendable {
  package let id: Int
  package let channel: Channel
  /// Of the lane that opened it.
  package let opener: LaneTurn
  package let started: Moment
  /// How long after its start the server can still act on it.
  package let timeout: Span
  package let lanes: [ClaimedLane]
  package let load: Load

  package enum Load: Hashable, Sendable {
    /// The users for whom all of its lanes are refreshed.
    case audience(Audience)
    /// What its one lane sends, and what the lane remembers of its calls, including this one.
    case parcel(Parcel, memory: Fields)
  }

  package init(
    id: Int, channel: Channel, opener: LaneTurn = LaneTurn(.ordinary, at: .zero),
    started: Moment, timeout: Span,
    lanes: [ClaimedLane], load: Load
  ) {
    self.id = id
    self.channel = channel
    self.opener = opener
    self.started = started
    self.timeout = timeout
    self.lanes = lanes
    self.load = load
  }

  package var audience: Audience? {
    if case .audience(let audience) = load { audience } else { nil }
  }
}

/// What the history keeps of a finished call.
package struct CallRecord: Hashable, Sendable {
  package var outcome: String
  package var sent: Moment?
  package var status: Int?
  package var code: Int?
  package var message: String?
  package var logID: String?
  package var sentBytes: Int
  package var answerBytes: Int

  package init(
    outcome: String, sent: Moment? = nil, status: Int? = nil, code: Int? = nil,
    message: String? = nil, logID: String? = nil, sentBytes: Int = 0, answerBytes: Int = 0
  ) {
    self.outcome = outcome
    self.sent = sent
    self.status = status
    self.code = code
    self.message = message
    self.logID = logID
    self.sentBytes = sentBytes
    self.answerBytes = answerBytes
  }
}
