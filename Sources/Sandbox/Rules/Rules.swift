/// Feishu's documented rules. Pure: the same requests at the same moments are judged the same way,
/// and the caller passes the moment. A refused request changes nothing but the count of calls.
struct Rules {
  let settings: RuleSettings
  let faultSettings: FaultSettings
  private var faults: Faults
  private var gateway: Gateway
  private var previews: PreviewRules
  private var cards: CardRules
  private var sessions: SessionRules

  /// `instance` is part of each access token, so that tokens of an earlier run are not valid.
  /// `epoch` is the reading of the sandbox's clock at the start of 1970 UTC.
  init(
    _ settings: RuleSettings, faults: FaultSettings = FaultSettings(), instance: String,
    epoch: Microseconds = 0
  ) {
    self.settings = settings
    faultSettings = faults
    self.faults = Faults(faults)
    gateway = Gateway(settings, forced: faults.forced, instance: instance)
    previews = PreviewRules(settings)
    cards = CardRules(settings)
    sessions = SessionRules(settings, epoch: epoch)
  }

  /// How many bytes of a body are kept, judged from the headers. If the request will be refused,
  /// only as many as the record may need.
  func bodyMax(of request: Request, at now: Microseconds) -> Int {
    if request.isHeadTooLarge { return 0 }
    guard let endpoint = Route(path: request.path)?.endpoint else { return 0 }
    let isKnown = gateway.knows(request, for: endpoint, at: now)
    return isKnown ? endpoint.bodyMax : min(endpoint.bodyMax, Endpoint.smallBody)
  }

  /// The answer to a request that arrived at `now`, and what it changed.
  mutating func judge(_ request: Request, at now: Microseconds) -> Judgement {
    var judgement = Judgement()
    var fate = Faults.Fate()
    do throws(Refusal) {
      let route = try route(request)
      fate = faults.next(for: route.endpoint)
      // Read the body first, so that the record also says what a refused call asked for.
      judgement.asked = Asked(route, request)
      switch route.endpoint {
      case .accessToken:
        try gateway.interrupt(by: fate.fault)
        try gateway.issueAccessToken(request, at: now, &judgement)
      case .oauth:
        try gateway.interrupt(by: fate.fault)
        try gateway.issueOAuthToken(request, fate.fault, at: now, &judgement)
      case .appToken, .tenantToken, .ticket:
        try gateway.interrupt(by: fate.fault)
        try gateway.answerStoreApp(request, route.endpoint, at: now, &judgement)
      case .previews, .cards, .sessions:
        let app = try gateway.admit(
          request, to: route.endpoint, fate.fault, at: now, &judgement)
        try update(request, of: app, at: now, &judgement)
      }
    } catch {
      judgement.refuse(error)
    }
    judgement.delay = fate.delay
    hide(&judgement, by: fate.fault)
    return judgement
  }

  /// When the next ticket of a store app is due; nil without one.
  var nextPush: Microseconds? { gateway.store.nextPush }

  mutating func pushTicket(at now: Microseconds) -> StoreApps.Pushed? {
    gateway.store.push(at: now)
  }

  mutating func set(_ tenant: String, isInstalled: Bool) {
    gateway.store.set(tenant, isInstalled: isInstalled)
  }

  private mutating func update(
    _ request: Request, of app: String, at now: Microseconds, _ judgement: inout Judgement
  ) throws(Refusal) {
    switch judgement.asked {
    case .previews(let update):
      try previews.update(update, request, of: app, at: now, &judgement)
    case .card(let id, let update):
      try cards.update(id, update, request, of: app, at: now, &judgement)
    case .session(let id, let update):
      try sessions.update(id, update, request, of: app, at: now, &judgement)
    case .accessToken, .oauth, .store, nil: break
    }
  }

  private func route(_ request: Request) throws(Refusal) -> Route {
    if request.isHeadTooLarge {
      throw Refusal(verdict: .tooLarge, answer: .page(431, "Request Header Fields Too Large"))
    }
    let path = request.path
    guard let route = Route(path: path) else {
      // This is the server's own page. A request for it gets here only with a wrong method.
      if path == "/" { throw Self.wrongMethod(allowed: "GET, HEAD") }
      throw Refusal(
        .unknownPath, request, status: 404, code: 99_991_201, "the path does not exist")
    }
    guard request.method == route.endpoint.method else {
      throw Self.wrongMethod(allowed: route.endpoint.method)
    }
    if request.isTooLarge {
      throw Refusal(verdict: .tooLarge, answer: .page(413, "Request Entity Too Large"))
    }
    return route
  }

  private static func wrongMethod(allowed: String) -> Refusal {
    var answer = Answer.page(405, "Not Allowed")
    answer.headers["Allow"] = allowed
    return Refusal(verdict: .wrongMethod, answer: answer)
  }

  /// Faults on the way back: the decision stands, but the client does not learn it.
  private func hide(_ judgement: inout Judgement, by fault: Fault?) {
    switch fault {
    case .dropAfter: judgement.delivery = .closed
    case .cut: judgement.delivery = .cut
    case .slow: judgement.delivery = .slow
    case .never: judgement.delivery = .never
    default: return
    }
    judgement.fault = fault
  }
}
