import Larkspur
import Planning

/// What is asked for, and when. It uses no clock and no randomness, so it is the same every time.
struct Story: Equatable {
  struct Request: Equatable {
    enum Wish: Equatable {
      case preview(Larkspur.Ask.Audience)
      /// Shows `text` in `element`.
      case card(element: String, text: String)
      case session(metadata: String)
    }

    let name: String
    let wish: Wish

    static func ticket(_ name: String, for audience: Larkspur.Ask.Audience) -> Request {
      Request(name: name, wish: .preview(audience))
    }

    /// The ticket whose preview is refreshed; nil for a card or a session.
    var ticket: String? { if case .preview = wish { name } else { nil } }

    var audience: Larkspur.Ask.Audience? {
      if case .preview(let audience) = wish { audience } else { nil }
    }

    var ask: Larkspur.Ask {
      switch wish {
      case .preview(let audience): return .preview(name, for: audience)
      case .card(let element, let text):
        let actions = """
          [{"action":"partial_update_element","params":{"element_id":\(JSONText.string(element)),\
          "partial_element":{"content":\(JSONText.string(text))}}}]
          """
        return .card(name, actions: actions)
      case .session(let metadata): return .session(name, metadata: metadata)
      }
    }

    /// The calls of a client that sends one token at a time and remembers nothing.
    var callsAlone: Int {
      switch audience {
      case nil, .everyone: 1
      case .people(let people): max(1, Audience.callsNeeded(for: people.count))
      }
    }
  }

  struct Event: Equatable {
    /// Time since the story began.
    let at_ms: Int
    /// What to tell the user; nil if the event continues one that was told before.
    let sentence: String?
    let requests: [Request]
  }

  /// In the order in which they happen.
  let events: [Event]

  init(_ events: [Event]) {
    self.events = events.sorted { $0.at_ms < $1.at_ms }
  }

  var requests: [Request] { events.flatMap(\.requests) }

  var tickets: Int { Set(requests.compactMap(\.ticket)).count }

  /// The calls of a client that makes at least one for each ask: first in total, then for previews,
  /// by far the slowest API.
  var callsAlone: Int { requests.reduce(0) { $0 + $1.callsAlone } }
  var previewCallsAlone: Int {
    requests.filter { $0.ticket != nil }.reduce(0) { $0 + $1.callsAlone }
  }

  /// The time of day in the story. One second of the demo is one minute of the story.
  static func clock(at_ms: Int) -> String {
    let minutes = 9 * 60 + max(0, at_ms) / 1_000
    return "\(twoDigits(minutes / 60 % 24)):\(twoDigits(minutes % 60))"
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
