import Larkspur
import Planning

/// What is asked for, and when. It uses no clock and no randomness, so it is the same every time.
struct Story: Equatable {
  struct Request: Equatable {
    enum Wish: Equatable {
      /// The preview of this token.
      case preview(Larkspur.Ask.Audience)
      /// Every preview that shows it. Without known viewers it is refreshed for everyone.
      case key(viewers: [String], chat: String)
      /// Shows `text` in `element`.
      case card(element: String, text: String)
      case session(metadata: String)
    }

    let name: String
    let wish: Wish

    static func ticket(_ name: String, for audience: Larkspur.Ask.Audience) -> Request {
      Request(name: name, wish: .preview(audience))
    }

    /// The ticket whose preview is refreshed; nil for a card or a session. Its key is its name, and
    /// so is the token of its preview.
    var ticket: String? { audience == nil ? nil : name }

    var audience: Larkspur.Ask.Audience? {
      switch wish {
      case .preview(let audience): audience
      case .key(let viewers, _): viewers.isEmpty ? .everyone : .people(viewers)
      case .card, .session: nil
      }
    }

    /// What the backend has recorded before the story begins.
    var sightings: [Sighting] {
      guard case .key(let viewers, let chat) = wish else { return [] }
      let users: [String?] = viewers.isEmpty ? [nil] : viewers
      return users.map { Sighting(name, keys: [name], chat: chat, openID: $0) }
    }

    var ask: Larkspur.Ask {
      switch wish {
      case .preview(let audience): return .preview(name, for: audience)
      case .key(let viewers, _): return .key(name, for: viewers.isEmpty ? .everyone : .viewers)
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

  /// Each once.
  var sightings: [Sighting] {
    var seen: Set<String> = []
    return requests.flatMap { request in
      let new = request.sightings
      return new.isEmpty || !seen.insert(request.name).inserted ? [] : new
    }
  }

  var tickets: Int { Set(requests.compactMap(\.ticket)).count }

  /// The calls of a client that makes at least one for each ask: first in total, then for previews,
  /// by far the slowest API.
  var callsAlone: Int { requests.reduce(0) { $0 + $1.callsAlone } }
  var previewCallsAlone: Int {
    requests.filter { $0.ticket != nil }.reduce(0) { $0 + $1.callsAlone }
  }

  /// The time of day in the story, which begins at `start_min` after midnight. One second of the
  /// demo is one minute of the story.
  static func clock(at_ms: Int, from start_min: Int = 9 * 60) -> String {
    let minutes = start_min + max(0, at_ms) / 1_000
    return "\(twoDigits(minutes / 60 % 24)):\(twoDigits(minutes % 60))"
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
