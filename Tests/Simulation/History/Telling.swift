extension Wish: CustomStringConvertible {
  var description: String {
    let what =
      switch what {
      case .preview(_, let people): "for \(people.audienceText)"
      case .card(_, let elements, let uuid, _):
        "without \(elements.joined(separator: ", "))\(uuid.map { " as \($0)" } ?? "")"
      case .session(_, let fields):
        fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      case .shown(let kind, _, let reach): "(\(kind.rawValue)) for \(reach.rawValue)"
      }
    let hold = after > 0 ? ", after \(after) ms" : ""
    let life = (expiresIn.map { ", for \($0) ms" } ?? "") + (isUrgent ? ", urgent" : "")
    return "\(lane) \(what)\(hold)\(life)"
  }
}

extension SeenPreview: CustomStringConvertible {
  var description: String {
    let place = url.map { " at \($0)" } ?? ""
    return
      "\(token) shows \(keys.joined(separator: " "))\(place)\(person.map { " to \($0)" } ?? "")"
  }
}

extension [String]? {
  /// The audience as text; nil is everyone.
  var audienceText: String {
    guard let self else { return "everyone" }
    return self.count > 4
      ? "\(self.prefix(3).joined(separator: " ")) and \(self.count - 3) others"
      : self.joined(separator: " ")
  }
}

extension Deed: CustomStringConvertible {
  var description: String {
    switch self {
    case .ask(let wishes, let asker):
      "ask (\(asker)): \(wishes.map(\.description).joined(separator: "; "))"
    case .cancel(let lane): "cancel \(lane)"
    case .see(let sightings, let asker):
      "see (\(asker)): \(sightings.map(\.description).joined(separator: "; "))"
    case .forget(let what): "forget \(what)"
    case .delete(let name): "delete the asks by \(name)"
    case .retry: "retry all that is dead"
    case .resume: "resume all accounts"
    case .start(let goal): "start a worker (\(goal))"
    case .configure(let accounts):
      "configure \(accounts.map(\.description).joined(separator: "; "))"
    case .end: "ask the worker to end"
    case .ticket(let span):
      "push a new ticket, \(span.map { "stored after \($0) ms" } ?? "which is missed")"
    case .install(let account, let isInstalled):
      "\(account) \(isInstalled ? "installs" : "removes") the app"
    case .kill(let trigger): "kill the worker: \(trigger)"
    case .stall(let span): "stop the machine for \(span) ms"
    case .setClock(let by): "set the clock by \(by) ms"
    case .powerCut(let trigger, let off, let error):
      "cut the power for \(off) ms: \(trigger); the clock is off by \(error) ms"
    case .fullDisk(let span): "fill the disk for \(span) ms"
    case .diskError(let after): "let the disk fail after \(after) operations"
    case .lock(let span): "lock the queue for \(span) ms"
    case .weather(let weather):
      "\(weather.fault) for \(weather.permille) ‰ of the calls in \(weather.milliseconds) ms"
    case .outage(let outage): "\(outage)"
    case .foreign(let foreign):
      "another program makes \(foreign.perSecond) calls a second on \(foreign.account) for "
        + "\(foreign.milliseconds) ms, and \(foreign.refusal.status) is what is too much"
    case .namespace(let offset): "start workers in a time namespace, \(offset) ms off"
    case .foretell(let lanes): "ask when \(lanes) lanes will go"
    case .deadline(let within):
      "all has to be delivered by now\(within.map { ", each within \($0) ms" } ?? "")"
    }
  }
}

extension Setup.Account: CustomStringConvertible {
  var description: String {
    let quota = monthlyQuota.map { ", \($0) a month" } ?? ""
    let extra = extraPairsMax.map { ", \($0) extra pairs" } ?? ""
    return "\(name): \(callsPerSecond) calls a second\(quota)\(extra), secret \(secret)"
  }
}

extension Trigger: CustomStringConvertible {
  var description: String {
    switch self {
    case .now: "now"
    case .statement(let count, let side): "\(side) statement \(count) from now"
    case .newStatement(let count, let side): "\(side) new statement \(count) from now"
    case .eachNewStatement(let side): "\(side) each new statement from now"
    case .diskOperation(let count): "at disk operation \(count) from now"
    case .send(let count): "before request \(count) from now leaves"
    case .sent(let count): "when request \(count) from now has left"
    case .answer(let count): "when answer \(count) from now has come"
    case .part(let count): "when an answer has been written down in part, \(count) from now"
    }
  }
}
