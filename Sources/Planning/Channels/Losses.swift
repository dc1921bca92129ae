/// How much one call adds to the deaths a channel may have without a success in between.
package struct Losses: Hashable, Sendable {
  /// Lanes or parcels that die, and lanes that go on without some of their users. The asks for
  /// those users will end up dead.
  package var certain: [Int]
  /// Lanes in which one user, or the token itself, is suspected. An ask for that user dies when the
  /// next user is reached.
  package var suspected: [Int]

  package init(certain: [Int] = [], suspected: [Int] = []) {
    self.certain = certain
    self.suspected = suspected
  }

  /// `died` holds the lanes in which asks have died with this call.
  package init(_ settlement: Settlement, of lanes: [ClaimedLane], died: Set<Int>) {
    self.init()
    for (lane, fate) in zip(lanes, settlement.fates) {
      switch fate {
      case _ where died.contains(lane.id), .dead, .tokenRefused, .laneDead:
        certain.append(lane.id)
      case .peopleRefused(_, strikes: 0, _): certain.append(lane.id)
      case .peopleRefused: suspected.append(lane.id)
      default: break
      }
    }
  }
}

extension Health {
  /// A suspicion counts as the death it may turn into, once for each lane.
  package mutating func lost(_ losses: Losses) {
    for lane in losses.suspected where !suspects.contains(lane) {
      suspects.append(lane)
      deaths += 1
    }
    for lane in losses.certain {
      if let place = suspects.firstIndex(of: lane) {
        suspects.remove(at: place)
      } else {
        deaths += 1
      }
    }
  }
}
