import FoundationEssentials

/// What an app answers to `url.preview.get`, as far as the sandbox shows it.
struct Preview: Equatable {
  enum CardType: String, Decodable { case template, raw }

  var title: String
  var imageKey: String?
  var card: CardType?

  init(title: String, imageKey: String? = nil, card: CardType? = nil) {
    self.title = title
    self.imageKey = imageKey
    self.card = card
  }

  private struct Body: Decodable {
    struct Inline: Decodable {
      var title: String?
      var i18n_title: [String: String]?
      var image_key: String?
    }

    struct Card: Decodable {
      var type: CardType
      var data: JSONObject
    }

    var inline: Inline?
    var card: Card?
  }

  /// The languages in which a title is looked for first.
  private static let languages = ["en_us", "zh_cn", "ja_jp"]

  init(_ outcome: CallbackOutcome) throws(Invalid) {
    let body = try outcome.json(
      Body.self, "an inline object and an optional card (template or raw)")
    guard let inline = body.inline else { throw Invalid(reason: "the answer has no inline") }
    let titles = inline.i18n_title ?? [:]
    let first =
      Self.languages.compactMap { titles[$0] }.first ?? titles.min { $0.key < $1.key }?.value
    guard let title = inline.title ?? first else {
      throw Invalid(reason: "inline has neither title nor i18n_title")
    }
    self.init(
      title: shortened(title), imageKey: inline.image_key.map(shortened), card: body.card?.type)
  }
}

extension CallbackOutcome {
  private struct Echo: Decodable { var challenge: String }

  /// Whether the app has proved that the address is its own.
  func echoes(_ challenge: String) throws(Invalid) {
    if try json(Echo.self, "a challenge").challenge != challenge {
      throw Invalid(reason: "the answer has another challenge")
    }
  }

  /// The answer's body, decoded.
  fileprivate func json<Value: Decodable>(
    _ type: Value.Type, _ fields: String
  ) throws(Invalid) -> Value {
    switch self {
    case .failed(let reason): throw Invalid(reason: reason)
    case .answered(200, let body):
      if let value = StrictJSON.read(type, from: body, marksMax: .max) { return value }
      throw Invalid(reason: "the answer is not a JSON object with \(fields)")
    case .answered(let status, _): throw Invalid(reason: "the answer was HTTP \(status), not 200")
    }
  }
}
