/// Feishu's clients: who pulls a preview when, and what each of them sees. Pure: the caller passes
/// the moment, sends the callbacks and reports what became of each.
///
/// A client pulls when a message is posted and when a refresh reaches it, and draws what it gets. It
/// keeps what it saw if the answer is late or invalid, and does not ask again.
struct Clients {
  private enum Verification {
    /// The address was never verified, or the last attempt failed.
    case none
    case asked
    case passed
  }

  private struct Pull {
    let message: Int
    let member: Int
  }

  let settings: ClientSettings
  /// The reading of the sandbox's clock at the start of 1970 UTC.
  let epoch: Microseconds
  private(set) var messages = Messages()
  private let text: CallbackText
  private var cache: PreviewCache
  private var verification = Verification.none
  /// Why the address is not verified.
  private(set) var verificationTrouble: String?
  private var waiting = Line<Pull>()
  private var inFlight = 0
  private var callbacks = 0

  init(_ settings: ClientSettings, app: String, instance: String, epoch: Microseconds) {
    self.settings = settings
    self.epoch = epoch
    text = CallbackText(
      app: app, verificationToken: settings.verificationToken, instance: instance)
    cache = PreviewCache(lifetime: settings.cacheLifetime)
  }

  var isVerified: Bool { verification == .passed }

  /// Shows a link to its members, who pull its preview. Returns the message's number.
  mutating func post(_ new: NewMessage, at now: Microseconds) -> Int {
    let number = messages.add(new, instance: text.instance, at: now)
    let cached = cache.preview(of: new.url, at: now)
    for member in new.members.indices {
      if let cached {
        messages.change(number, member) { $0.showFromCache(cached, at: now) }
      } else {
        queue(Pull(message: number, member: member))
      }
    }
    return number
  }

  /// Makes the members that an accepted refresh reaches pull again. Tokens that the sandbox has not
  /// issued and users who are not members are ignored, as Feishu does.
  mutating func note(_ judgement: Judgement) {
    guard judgement.applied, judgement.app == text.app,
      case .previews(let update?) = judgement.asked
    else { return }
    // An empty list takes effect only if it means everyone.
    let listed = Set((update.openIDs ?? []).map(ExactText.init))
    for token in judgement.refreshedTokens {
      guard let number = messages.number(of: token) else { continue }
      for member in members(of: number, among: listed) {
        queue(Pull(message: number, member: member))
      }
    }
  }

  private func members(of number: Int, among listed: Set<ExactText>) -> [Int] {
    let views = messages[number]?.views ?? []
    return views.indices.filter { listed.isEmpty || listed.contains(ExactText(views[$0].openID)) }
  }

  /// The callback to send now, if there is one. The first of all is the challenge.
  mutating func nextCallback(at now: Microseconds) -> Callback? {
    guard waiting.first != nil, inFlight < settings.callbacksMax else { return nil }
    switch verification {
    case .asked: return nil
    case .none:
      verification = .asked
      let challenge = "\(text.instance)challenge-\(callbacks + 1)"
      return begin(.challenge(challenge), text.challenge(challenge), at: now)
    case .passed: return nextPull(at: now)
    }
  }

  /// Takes the outcome of a callback. After the deadline it is a failure, whatever the app answered.
  mutating func end(_ callback: Callback, _ outcome: CallbackOutcome, at now: Microseconds) {
    inFlight -= 1
    let outcome = now > callback.deadline ? .failed(callback.lateness) : outcome
    switch callback.subject {
    case .ticket: break
    case .challenge(let challenge): endChallenge(challenge, outcome)
    case .pull(let number, let member):
      let result = Result { () throws(Invalid) in try Preview(outcome) }
      messages.change(number, member) { $0.end(callback.number, result, at: now) }
      if let url = messages[number]?.url, case .success(let preview) = result {
        cache.keep(preview, of: url, at: now)
      }
    }
  }

  private mutating func queue(_ pull: Pull) {
    if messages.change(pull.message, pull.member, { $0.queue() }) == true { waiting.append(pull) }
  }

  private mutating func nextPull(at now: Microseconds) -> Callback? {
    while let pull = waiting.first {
      waiting.removeFirst()
      guard let body = body(of: pull, at: now) else { continue }
      messages.change(pull.message, pull.member) { $0.begin() }
      return begin(.pull(message: pull.message, member: pull.member), body, at: now)
    }
    return nil
  }

  /// Nil if the message has been forgotten. A function of its own, so that no second reference to
  /// the message makes `change` copy all its members.
  private func body(of pull: Pull, at now: Microseconds) -> String? {
    guard let message = messages[pull.message] else { return nil }
    let openID = message.views[pull.member].openID
    return text.pull(callbacks + 1, message, by: openID, created_us: now - epoch)
  }

  private mutating func begin(
    _ subject: Callback.Subject, _ body: String, at now: Microseconds
  ) -> Callback {
    callbacks += 1
    inFlight += 1
    return Callback(
      number: callbacks, subject: subject, body: body, began: now,
      timestamp_s: (now - epoch) / 1_000_000)
  }

  /// Without a verified address nothing is pulled. The next message or refresh tries again.
  private mutating func endChallenge(_ challenge: String, _ outcome: CallbackOutcome) {
    do throws(Invalid) {
      try outcome.echoes(challenge)
      verification = .passed
      verificationTrouble = nil
    } catch {
      verification = .none
      verificationTrouble = error.reason
      while let pull = waiting.first {
        waiting.removeFirst()
        messages.change(pull.message, pull.member) {
          $0.giveUp("the callback address is not verified: \(error.reason)")
        }
      }
    }
  }
}
