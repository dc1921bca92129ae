import Larkspur
import Planning

/// What is asked when. It knows no clock and throws no dice: it is the same every time.
struct Story: Equatable {
  struct Request: Equatable {
    let ticket: String
    let audience: Larkspur.Ask.Audience

    /// The calls that a client would make of it which sends one token at a time, and remembers
    /// nothing.
    var callsAlone: Int {
      switch audience {
      case .everyone: 1
      case .people(let people): max(1, Audience.callsNeeded(for: people.count))
      }
    }
  }

  struct Event: Equatable {
    /// How long after the beginning.
    let at_ms: Int
    /// What a person would tell of it; nothing of one that goes on with what was told before.
    let sentence: String?
    let requests: [Request]
  }

  /// In the order in which they happen.
  let events: [Event]

  init(_ events: [Event]) {
    self.events = events.sorted { $0.at_ms < $1.at_ms }
  }

  var requests: [Request] { events.flatMap(\.requests) }

  var tickets: Int { Set(requests.map(\.ticket)).count }

  /// The calls of a client that makes at least one for each ask.
  var callsAlone: Int { requests.reduce(0) { $0 + $1.callsAlone } }

  /// What a clock on the wall of the story shows: a second of ours is a minute of theirs.
  static func clock(at_ms: Int) -> String {
    let minutes = 9 * 60 + max(0, at_ms) / 1_000
    return "\(twoDigits(minutes / 60 % 24)):\(twoDigits(minutes % 60))"
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
