/// A trouble that waits for the place where it strikes.
struct Armed {
  var trigger: Trigger
  let blow: Blow

  enum Blow {
    case kill
    case powerCut(off: Int, Int)
  }
}

/// A place that the worker has reached.
enum Place {
  case statement(String, Trigger.Side, isNew: Bool)
  case diskOperation
  case send, sent, answer, part
}

extension Life {
  func arm(_ trigger: Trigger, _ blow: Armed.Blow) {
    if case .now = trigger { return strike(blow, "now") }
    armed.append(Armed(trigger: trigger, blow: blow))
  }

  /// Counts down every trigger that waits for this place.
  func come(to place: Place) {
    for index in armed.indices.reversed() {
      guard let left = armed[index].trigger.stepped(at: place) else { continue }
      if left.isOver {
        let blow = armed[index].blow
        if case .eachNewStatement = left {} else { armed.remove(at: index) }
        note(place, blow)
        strike(blow, "\(place)")
        return
      }
      armed[index].trigger = left
    }
  }

  private func note(_ place: Place, _ blow: Armed.Blow) {
    guard case .statement(let sql, let side, _) = place, case .kill = blow, run != nil else {
      return
    }
    switch side {
    case .before: story.killedBefore.insert(sql)
    case .after: story.killedAfter.insert(sql)
    }
  }

  private func strike(_ blow: Armed.Blow, _ place: String) {
    switch blow {
    case .kill:
      guard let run else { return }
      tell("worker \(run.number) is killed at \(place.prefix(120))")
      story.kills += 1
      run.process.kill()
    case .powerCut(let off, let error): cutPower(off: off, clockError: error)
    }
  }
}

extension Trigger {
  fileprivate var isOver: Bool {
    switch self {
    case .now, .eachNewStatement: true
    case .statement(let left, _), .newStatement(let left, _), .diskOperation(let left),
      .send(let left), .sent(let left), .answer(let left), .part(let left):
      left <= 0
    }
  }

  /// The trigger after this place, one closer to striking; nil if it waits for another place.
  fileprivate func stepped(at place: Place) -> Trigger? {
    switch (self, place) {
    case (.statement(let left, let side), .statement(_, let here, _)) where side == here:
      .statement(left - 1, side)
    case (.newStatement(let left, let side), .statement(_, let here, true)) where side == here:
      .newStatement(left - 1, side)
    case (.eachNewStatement(let side), .statement(_, let here, true)) where side == here: self
    case (.diskOperation(let left), .diskOperation): .diskOperation(left - 1)
    case (.send(let left), .send): .send(left - 1)
    case (.sent(let left), .sent): .sent(left - 1)
    case (.answer(let left), .answer): .answer(left - 1)
    case (.part(let left), .part): .part(left - 1)
    default: nil
    }
  }
}
