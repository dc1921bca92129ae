/// An ask that waits in a lane whose asks go in parcels, and when it was asked for.
package struct LinedUpAsk: Hashable, Sendable {
  package let ask: WaitingAsk
  package let asked: Moment

  package init(_ ask: WaitingAsk, asked: Moment) {
    self.ask = ask
    self.asked = asked
  }
}

/// What happens to the asks at the head of a lane when its turn comes.
package struct Lineup: Hashable, Sendable {
  /// Asks that end without a call.
  package struct Ending: Hashable, Sendable {
    package let asks: [Int]
    package let isDead: Bool
    package let reason: String
  }

  package private(set) var endings: [Ending] = []
  /// The parcel to send. Nil if no call is needed.
  package private(set) var parcel: Parcel?

  package init(
    _ waiting: [LinedUpAsk], of kind: Kind, memory: Fields, apart: Int, _ terms: PackingTerms,
    at now: Moment
  ) {
    let rules = kind.parcels
    var good: [WaitingAsk] = []
    var old: [Int] = []
    for lined in waiting {
      if let life = rules.asksLive, lined.asked <= now - life {
        old.append(lined.ask.id)
      } else if let flaw = rules.flaw(of: lined.ask.fields) {
        bury([lined.ask.id], UnusableAsk(flaw).reason)
      } else {
        good.append(lined.ask)
      }
    }
    if let life = rules.asksLive, !old.isEmpty {
      bury(old, "enqueued more than \(life / .days(1)) days ago")
    }
    if good.isEmpty { return }
    switch rules.pack(good, memory: memory, apart: apart, terms) {
    case .parcel(let parcel): self.parcel = parcel
    case .nothing(let asks):
      endings.append(Ending(asks: asks, isDead: false, reason: "already up to date"))
    case .impossible(let asks, let reason): bury(asks, reason)
    }
  }

  private mutating func bury(_ asks: [Int], _ reason: String) {
    endings.append(Ending(asks: asks, isDead: true, reason: reason))
  }
}

extension Parcel {
  /// Whether a stored parcel is sent unchanged. A parcel that may have been applied is, however old
  /// it is. `asked` is when its oldest ask was made.
  package func isKept(for kind: Kind, asked: Moment?, at now: Moment) -> Bool {
    if isUncertain { return true }
    guard let life = kind.parcels.asksLive, let asked else { return true }
    return asked > now - life
  }

  /// What a lane keeps of the parcel when the run that sent it ended before the answer came. Nil if
  /// it is packed again, because the server would not recognise a repeated one.
  package func afterLostCall(of kind: Kind) -> Parcel? {
    guard kind.parcels.areRepeated else { return nil }
    var same = self
    same.isUncertain = true
    return same
  }
}
