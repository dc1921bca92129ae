struct RuleSettings: Equatable {
  /// What a token that comes too early does to its call. Feishu does not say; either may be met.
  enum EarlyUpdate: String, CaseIterable {
    /// The whole call is refused.
    case refuse
    /// The call succeeds, and that token is passed over.
    case ignore
  }

  /// App ids and their secrets.
  var apps = ["cli_sandbox": "sandbox"]
  var accessTokenLifetime: Microseconds = 7_200 * 1_000_000
  /// 0 is no limit.
  var callsPerSecond = 5
  var earlyUpdate = EarlyUpdate.refuse
  var badTokenPrefix = "bad_token"
  var badOpenIDPrefix = "ou_bad"
}

/// Feishu's documented rules. Pure: the same requests at the same moments are judged the same way,
/// and the moment is the caller's to say. A request that is refused changes nothing but the count
/// of calls.
struct Rules {
  private var faults: Faults
  private var gateway: Gateway
  private var previews: PreviewRules

  /// `instance` goes into the access tokens, so that those of an earlier run are not valid here.
  init(_ settings: RuleSettings, faults: FaultSettings = FaultSettings(), instance: String) {
    self.faults = Faults(faults)
    gateway = Gateway(settings, forced: faults.forced, instance: instance)
    previews = PreviewRules(settings)
  }

  /// What a request that arrived at `now` is answered, and what it changed.
  mutating func judge(_ request: Request, at now: Microseconds) -> Judgement {
    var judgement = Judgement()
    var fate = Faults.Fate()
    do throws(Refusal) {
      let endpoint = try route(request)
      fate = faults.next(for: endpoint)
      switch endpoint {
      case .accessToken:
        try gateway.interrupt(by: fate.fault)
        try gateway.issueAccessToken(request, at: now, &judgement)
      case .previews:
        // Read first, so that the record also says what a refused call asked for.
        judgement.update = PreviewUpdate(body: request.body)
        let app = try gateway.admit(request, to: endpoint, fate.fault, at: now, &judgement)
        try previews.update(request, of: app, at: now, &judgement)
      }
    } catch {
      judgement.refuse(error)
    }
    judgement.delay = fate.delay
    hide(&judgement, by: fate.fault)
    return judgement
  }

  private func route(_ request: Request) throws(Refusal) -> Endpoint {
    guard let endpoint = Endpoint.paths[request.path] else {
      throw Refusal(
        .unknownPath, request, status: 404, code: 99_991_201, "the path does not exist")
    }
    guard request.method == endpoint.method else {
      var answer = Answer.page(405, "Not Allowed")
      answer.headers["Allow"] = endpoint.method
      throw Refusal(verdict: .wrongMethod, answer: answer)
    }
    if request.isTooLarge {
      throw Refusal(verdict: .tooLarge, answer: .page(413, "Request Entity Too Large"))
    }
    return endpoint
  }

  /// Faults on the way back: whatever was decided stands, and the client does not learn it.
  private func hide(_ judgement: inout Judgement, by fault: Fault?) {
    switch fault {
    case .dropAfter: judgement.delivery = .closed
    case .cut: judgement.delivery = .cut
    case .never: judgement.delivery = .never
    default: return
    }
    judgement.fault = fault
  }
}
