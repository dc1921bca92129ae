/// The rules of `cards/:card_id/batch_update`. A card's content is not kept, only what decides
/// whether the next batch is accepted.
struct CardRules {
  private struct Name: Hashable {
    var app: String
    var card: ExactText
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
    let fresh = Card(settings)
    // Update the card in place: what it remembers may be large and must not be copied at each call.
    try cards[Name(app: app, card: ExactText(id)), default: fresh]
      .apply(update, settings, request, at: now, &judgement)
    judgement.answer.body = Answer.success
  }

  private func validate(
    _ id: String, _ update: CardUpdate?, _ request: Request
  ) throws(Refusal) -> CardUpdate {
    guard let update else {
      throw Self.invalid(
        request, "the body is not a JSON object with sequence (a number) and actions (a string)")
    }
    try check(id, Self.idLength, "card_id", request)
    if let uuid = update.uuid { try check(uuid, Self.uuidLength, "uuid", request) }
    try check(update.actions, Self.actionsLength, "actions", request)
    if update.sequence > Self.sequenceMax {
      throw Self.invalid(request, "sequence is larger than \(Self.sequenceMax)")
    }
    if id.isMarked(by: settings.missingCardPrefix) {
      throw Refusal(.missing, request, code: 200_740, "the card entity does not exist")
    }
    if id.isMarked(by: settings.expiredCardPrefix) {
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
        "\(name) has \(length) characters; it must have \(lengths.lowerBound) to "
          + "\(lengths.upperBound)")
    }
  }

  static func invalid(_ request: Request, _ reason: String) -> Refusal {
    Refusal(.invalid, request, code: 10_002, "bad parameter: \(reason)")
  }
}
