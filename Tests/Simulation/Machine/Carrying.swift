import Chance
import Delivery

extension Life {
  /// Carries a request to the server and its answer back, through the current weather.
  func carry(_ request: Request, tag: Int, claimed: Int, givesUpAt: Int, for run: WorkerRun) {
    guard
      let called = Called(
        method: request.method.rawValue, url: request.url, body: request.body,
        bearer: request.bearer)
    else { return judge.blame("P2", "nobody serves \(request.url)", at: now) }
    story.calls += 1
    var dice = Dice(history.seed, 1_000_000 + story.calls)
    weather.removeAll { $0.until < now }
    let fault = weather.first { dice.chance($0.permille) }?.fault
    let passage = Passage(
      fault: fault, way: history.setup.route.way(at: now - Self.beginning, &dice),
      longest: givesUpAt - now, &dice)
    if let fault { story.count(fault.rawValue) }
    if passage.isRefused {
      tell("  connection refused: \(called)")
      return agenda.plan(now + dice.number(0...50)) { [weak run] in
        run?.hear(.neverLeft("connection refused"), tag) {}
      }
    }
    let number = judge.left(
      called, claimed: claimed, rows: people.look(),
      parcels: people.parcels(of: called),
      at: now)
    tell("  call \(number) leaves: \(called) \(fault.map { "(\($0))" } ?? "")")
    run.hearSent(tag)
    plan(passage, number, called, givesUpAt) { [weak run, unowned self] outcome, result in
      let moment = now
      run?.hear(outcome, tag) { [unowned self] in judge.answered(number, result, at: moment) }
    }
  }

  private func plan(
    _ passage: Passage, _ number: Int, _ called: Called, _ givesUpAt: Int,
    _ hear: @escaping (Outcome, CallRecord.Result) -> Void
  ) {
    let left = now
    var answered: Answered?
    if let arrival = passage.arrival {
      agenda.plan(left + arrival) { [unowned self] in
        answered = serve(called, passage.disguise, number, at: left + arrival)
      }
    } else {
      judge.lost(number)
    }
    if let moment = passage.answer {
      agenda.plan(left + moment) { [unowned self] in
        guard let answered else { return }
        tell("  call \(number) is answered: \(answered.status) \(answered.body.prefix(60))")
        let raw = RawAnswer(
          status: answered.status, headers: answered.headers, body: Array(answered.body.utf8))
        hear(.answered(raw), answered.result)
      }
    } else {
      agenda.plan(passage.breaks.map { left + $0 } ?? givesUpAt) { [unowned self] in
        tell("  call \(number) has no answer")
        hear(.noAnswer("no answer"), .unknown)
      }
    }
  }
}

extension Answered {
  /// What a reader of this answer can tell about the request.
  fileprivate var result: CallRecord.Result {
    if isSuccess { return .success }
    // Whatever refuses a request, Feishu or a gateway, has not carried it out.
    guard (300..<500).contains(status) || body.hasPrefix(#"{"code":"#) && body.hasSuffix("}"),
      status < 500
    else { return .unknown }
    let code = body.dropFirst(#"{"code":"#.count).prefix { $0.isNumber }
    let wait = headers["x-ogw-ratelimit-reset"].flatMap { Int($0) } ?? 0
    return .refused(code: Int(code) ?? -1, wait_ms: wait * 1_000)
  }
}

extension Called: CustomStringConvertible {
  var description: String {
    let what = "\(account) \(api) \(lanes.joined(separator: " "))"
    return api == .preview ? "\(what) for \(people.audienceText)" : what
  }
}
