import Planning

/// A lane in a call that is under way.
package struct ClaimedLane: Sendable {
  package let sent: SentLane
  package let name: String
  /// The number of this call among the lane's; asks of later rounds are not carried by it.
  let round: Int
  /// To how many people it may go at most while a refused one is looked for.
  let peopleMax: Int?
}

/// A call that is on disk and may be sent.
package struct Flight: Sendable {
  package let id: Int
  package let channel: Channel
  package let started: Moment
  /// How long after its start it can still be carried out.
  package let timeout: Span
  package let cargo: Cargo
  package let lanes: [ClaimedLane]

  package enum Cargo: Sendable {
    /// Many lanes, and whom they go to.
    case shared(SentCall)
    /// What one lane sends.
    case parcel(SentParcel)
  }

  package var audience: Audience? {
    if case .shared(let call) = cargo { call.audience } else { nil }
  }
}

/// What an answer means for what a call carried.
package enum Ruling: Sendable {
  case shared(Settlement)
  /// With the earliest moment of the lane's next call; nil when the call never left.
  case parcel(slot: Moment?, ParcelFate)

  /// Whether it shows that the channel works: also where a refusal proves that an earlier attempt was
  /// accepted.
  package func isSuccess(_ verdict: Verdict) -> Bool {
    if case .parcel(_, .delivered) = self { true } else { verdict == .delivered }
  }
}

extension Flight {
  /// What `verdict` means.
  package func ruling(
    _ answer: Answer, _ verdict: Verdict, at now: Moment, _ circumstances: Circumstances,
    _ terms: PackingTerms
  ) -> Ruling {
    switch cargo {
    case .shared(let call):
      return .shared(
        call.settle(answer, verdict, at: now, circumstances, dice: terms.dice[0]))
    case .parcel(let parcel):
      let (slot, fate) = parcel.settle(answer, verdict, at: now, circumstances, terms)
      return .parcel(slot: slot, fate)
    }
  }
}
