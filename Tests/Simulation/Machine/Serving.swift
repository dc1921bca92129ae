import Chance

/// How the server answers a call: as the weather, an outage or another program makes it answer, or
/// else by its rules.
extension Life {
  func serve(_ called: Called, _ disguise: Fault?, _ number: Int, at moment: Int) -> Answered {
    if let disguise, let instead = disguise.disguise(called.api) {
      let isDone = disguise.isAfterwards && feishu.answer(called, at: moment).wasApplied
      judge.arrived(number, isApplied: isDone, at: moment)
      return instead
    }
    if let refusal = refusal(of: called, number, at: moment) {
      story.count("outages")
      judge.arrived(number, isApplied: false, at: moment)
      return refusal.answer
    }
    if let refusal = fullSecond(called, at: moment) {
      story.count("neighbours")
      judge.arrived(number, isApplied: false, at: moment)
      return refusal.answer
    }
    let answer = feishu.answer(called, at: moment)
    judge.arrived(number, isApplied: answer.wasApplied, at: moment)
    if called.login == .resend {
      // Two minutes have been seen.
      var dice = Dice(history.seed, 3_000_000 + number)
      storeTicket(feishu.ticket, after: dice.magnitude(200...120_000))
    }
    return answer
  }

  private func refusal(of called: Called, _ number: Int, at moment: Int) -> Refusal? {
    var dice = Dice(history.seed, 2_000_000 + number)
    return outages.first {
      $0.until > moment && $0.what.concerns(called) && dice.chance($0.what.permille)
    }?.what.saying
  }

  private func fullSecond(_ called: Called, at moment: Int) -> Refusal? {
    guard called.api == .preview, let (until, foreign) = foreign, moment < until,
      foreign.account == called.account,
      let most = judge.account(called.account)?.callsPerSecond,
      sharedBudget.isFull(foreign, most: most, at: moment)
    else { return nil }
    return foreign.refusal
  }
}
