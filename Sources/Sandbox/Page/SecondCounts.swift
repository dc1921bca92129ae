/// How many calls came in each of the last sixty seconds of the sandbox's clock, for each API.
struct SecondCounts {
  struct Count: Equatable {
    var accepted = 0
    var refused = 0

    var all: Int { accepted + refused }
  }

  private struct Second {
    var number = -1
    var counts: [Count] = Self.none

    static let none = Array(repeating: Count(), count: Endpoint.allCases.count)
  }

  static let span = 60

  /// A ring: the second n is at n modulo its size.
  private var ring = Array(repeating: Second(), count: Self.span)

  mutating func count(_ endpoint: Endpoint, isAccepted: Bool, at now: Microseconds) {
    let number = now / 1_000_000
    let place = number % Self.span
    if ring[place].number != number {
      ring[place].number = number
      ring[place].counts = Second.none
    }
    if isAccepted {
      ring[place].counts[endpoint.place].accepted += 1
    } else {
      ring[place].counts[endpoint.place].refused += 1
    }
  }

  /// The seconds up to the current one, which is not over; oldest first.
  func lastMinute(of endpoint: Endpoint, at now: Microseconds) -> [Count] {
    let current = now / 1_000_000
    return (current - Self.span + 1...current).map { number in
      // Just after the machine has booted, the clock reads less than a minute and the number is
      // negative.
      let second = ring[(number + Self.span) % Self.span]
      return second.number == number && number >= 0 ? second.counts[endpoint.place] : Count()
    }
  }
}

extension Endpoint {
  fileprivate var place: Int {
    guard let place = Self.allCases.firstIndex(of: self) else {
      preconditionFailure("\(self) is none of all cases")
    }
    return place
  }
}
