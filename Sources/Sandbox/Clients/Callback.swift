/// One request to the app's callback address.
struct Callback: Equatable {
  enum Subject: Equatable {
    case challenge(String)
    case pull(message: Int, member: Int)
    /// The ticket of a store app.
    case ticket
  }

  let number: Int
  let subject: Subject
  /// JSON, not encrypted yet.
  let body: String
  let began: Microseconds
  /// Wall clock, in seconds since 1970.
  let timestamp_s: Int

  /// How long Feishu waits for the whole answer. A callback is never repeated.
  var patience: Microseconds {
    switch subject {
    case .challenge: 1_000_000
    case .pull, .ticket: 3_000_000
    }
  }

  var deadline: Microseconds { began + patience }
  /// The reason of a failure when the deadline has passed.
  var lateness: String { "no answer within \(patience / 1_000_000) s" }
}

/// What became of a callback.
enum CallbackOutcome: Equatable {
  case answered(status: Int, body: [UInt8])
  /// There was no answer, for this reason.
  case failed(String)
}

/// Feishu's part in a callback: the JSON, with the fields in the documented order.
struct CallbackText {
  static let tenant = "tenant_sandbox"

  let app: String
  let verificationToken: String
  let instance: String

  func challenge(_ challenge: String) -> String {
    JSONText.object([
      "challenge": JSONText.string(challenge),
      "token": JSONText.string(verificationToken),
      "type": JSONText.string("url_verification"),
    ])
  }

  /// `url.preview.get`. The documentation's example of `create_time` has 16 digits: microseconds.
  func pull(_ number: Int, _ message: Message, by openID: String, created_us: Int) -> String {
    let tenant = JSONText.string(Self.tenant)
    return JSONText.object([
      "schema": JSONText.string("2.0"),
      "header": JSONText.object([
        "event_id": JSONText.string("\(instance)event-\(number)"),
        "token": JSONText.string(verificationToken),
        "create_time": JSONText.string(String(created_us)),
        "event_type": JSONText.string("url.preview.get"),
        "tenant_key": tenant,
        "app_id": JSONText.string(app),
      ]),
      "event": JSONText.object([
        "operator": JSONText.object(["tenant_key": tenant, "open_id": JSONText.string(openID)]),
        "host": JSONText.string(message.place.host),
        "delivery_type": JSONText.string("url_preview"),
        "context": context(of: message),
      ]),
    ])
  }

  private func context(of message: Message) -> String {
    let token = message.token.map { #""preview_token":\#(JSONText.string($0)),"# } ?? ""
    return #"{"url":\#(JSONText.string(message.url)),\#(token)"#
      + #""open_message_id":\#(JSONText.string(message.id)),"#
      + #""open_chat_id":\#(JSONText.string(message.chat))}"#
  }
}
