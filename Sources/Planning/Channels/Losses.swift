/// What a call takes of what a channel may lose without a success in between.
package struct Losses: Hashable, Sendable {
  /// Lanes, or parcels, that die, and lanes that go on without some of their people, whose asks will be dead
  /// in the end.
  package var certain: [Int]
  /// Lanes of which one of the people is suspected, or the token itself: an ask for that person dies when the
  /// next one is reached.
  package var suspected: [Int]

  package init(certain: [Int] = [], suspected: [Int] = []) {
    self.certain = certain
    self.suspected = suspected
  }

  /// `died` are the lanes of which asks have died with this call.
  package init(_ settlement: Settlement, of lanes: [ClaimedLane], died: Set<Int>) {
    self.init()
    for (lane, fate) in zip(lanes, settlement.fates) {
      switch fate {
      case _ where died.contains(lane.id), .dead, .laneDead: certain.append(lane.id)
      case .peopleRefused(_, strikes: 0, _): certain.append(lane.id)
      case .peopleRefused: suspected.append(lane.id)
      default: break
      }
    }
  }
}

extension Health {
  /// A suspicion counts as the death that it may turn out to be, once for each lane.
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
