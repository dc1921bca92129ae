/// The rules of `cards/:card_id/batch_update`. What a card shows is not kept: only what decides
/// whether the next batch is accepted.
struct CardRules {
  private struct Name: Hashable {
    var app: String
    var card: String
  }

  /// What a uuid stood for. Not the actions themselves: they may be a megabyte each.
  private struct Fingerprint: Equatable {
    let sequence: Int
    let actions: Int

    init(_ update: CardUpdate) {
      sequence = update.sequence
      actions = update.actions.hashValue
    }
  }

  private struct Card {
    var operations: CallBudget
    var sequence = 0
    var accepted: [String: Fingerprint] = [:]
    /// Oldest first, so that old ones can be forgotten.
    var order: [(uuid: String, at: Microseconds)] = []
  }

  private static let idLength = 1...20
  private static let uuidLength = 1...64
  private static let actionsLength = 1...1_000_000
  private static let sequenceMax = 2_147_483_647

  private let settings: RuleSettings
  private var cards: [Name: Card] = [:]

  init(_ settings: RuleSettings) {
    self.settings = settings
  }

  mutating func update(
    _ id: String, _ update: CardUpdate?, _ request: Request, of app: String,
    at now: Microseconds, _ judgement: inout Judgement
  ) throws(Refusal) {
    let update = try validate(id, update, request)
    let name = Name(app: app, card: id)
    let fresh = Card(
      operations: CallBudget(
        [(settings.operationsPerCardAndSecond, 1_000_000)], settings.limiting))
    var card = cards[name, default: fresh]
    defer { cards[name] = card }
    if card.operations.admit(at: now) != nil {
      let answer = settings.cardLimitAnswer
      throw Refusal(
        .cardLimited, request, status: answer.status, code: answer.code,
        "the card is changed too often")
    }
    forgetOld(&card, at: now)
    if try isReplay(update, of: card, request) {
      judgement.verdict = .replayed
    } else {
      let wrong = update.wrongAction
      if wrong == nil || settings.refusedBatch == .counted { note(update, in: &card, at: now) }
      if let wrong { throw Self.invalid(request, wrong) }
      judgement.applied = true
    }
    judgement.answer.body = Answer.success
  }

  private func validate(
    _ id: String, _ update: CardUpdate?, _ request: Request
  ) throws(Refusal) -> CardUpdate {
    guard let update else {
      throw Self.invalid(
        request, "the body is not a JSON object with sequence, a number, and actions, a string")
    }
    try check(id, Self.idLength, "card_id", request)
    if let uuid = update.uuid { try check(uuid, Self.uuidLength, "uuid", request) }
    try check(update.actions, Self.actionsLength, "actions", request)
    if update.sequence > Self.sequenceMax {
      throw Self.invalid(request, "sequence is larger than \(Self.sequenceMax)")
    }
    if begins(id, settings.missingCardPrefix) {
      throw Refusal(.missing, request, code: 200_740, "the card entity does not exist")
    }
    if begins(id, settings.expiredCardPrefix) {
      throw Refusal(.expired, request, code: 200_750, "the card entity has expired")
    }
    return update
  }

  private func check(
    _ text: String, _ lengths: ClosedRange<Int>, _ name: String, _ request: Request
  ) throws(Refusal) {
    let length = settings.characters.count(text)
    if !lengths.contains(length) {
      throw Self.invalid(
        request,
        "\(name) has \(length) characters; it may have \(lengths.lowerBound) to "
          + "\(lengths.upperBound)")
    }
  }

  private func begins(_ id: String, _ prefix: String) -> Bool {
    !prefix.isEmpty && id.hasPrefix(prefix)
  }

  /// Whether the batch was accepted before and is now answered with success once more.
  private func isReplay(
    _ update: CardUpdate, of card: Card, _ request: Request
  ) throws(Refusal) -> Bool {
    if settings.firstCardCheck == .sequence { try checkSequence(update, of: card, request) }
    if let uuid = update.uuid, let known = card.accepted[uuid] {
      if settings.replayedUUID == .success && known == Fingerprint(update) { return true }
      throw Refusal(.uuidConflict, request, code: 200_770, "UUID conflict")
    }
    try checkSequence(update, of: card, request)
    return false
  }

  private func checkSequence(
    _ update: CardUpdate, of card: Card, _ request: Request
  ) throws(Refusal) {
    if update.sequence <= card.sequence {
      throw Refusal(
        .staleSequence, request, code: 300_317,
        "sequence number compare failed: \(update.sequence) is not above \(card.sequence)")
    }
  }

  private func note(_ update: CardUpdate, in card: inout Card, at now: Microseconds) {
    card.sequence = update.sequence
    guard let uuid = update.uuid else { return }
    card.accepted[uuid] = Fingerprint(update)
    card.order.append((uuid, now))
  }

  private func forgetOld(_ card: inout Card, at now: Microseconds) {
    let old = card.order.prefix { $0.at + settings.uuidMemory <= now }
    for (uuid, _) in old { card.accepted[uuid] = nil }
    card.order.removeFirst(old.count)
  }

  private static func invalid(_ request: Request, _ reason: String) -> Refusal {
    Refusal(.invalid, request, code: 10_002, "bad parameter: \(reason)")
  }
}
