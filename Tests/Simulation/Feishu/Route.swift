import Chance
import Foundation

/// How long the calls of a history take to the server, in it, and back, in milliseconds. Like the
/// rest of a history it is data. The delays that the program allows for do not bound it.
struct Route {
  /// Sorted by start. The first one applies from the beginning.
  var stretches: [Stretch]

  /// The delays of one period.
  struct Stretch {
    /// Milliseconds after the beginning of the history.
    var from: Int
    var out: Leg
    var work: Leg
    var back: Leg
    /// Turns into the next stretch gradually instead of all at once.
    var isDrifting: Bool
  }

  /// One part of the way: its least delay and the jitter on top.
  struct Leg {
    var least: Int
    var jitter: [Jitter]

    /// The typical delay, without chance.
    var base: Int { least + jitter.reduce(0) { $0 + $1.typical } }
  }

  /// The delays of one call.
  struct Way {
    var out: Int
    var work: Int
    var back: Int

    var roundTrip: Int { out + work + back }
  }

  /// The typical delays at a moment after the beginning, without chance.
  func base(at moment: Int) -> Way { way(at: moment, \.base) { _ in 0 } }

  /// The delays of one call that leaves at a moment after the beginning. The dice must belong to
  /// this call.
  func way(at moment: Int, _ dice: inout Dice) -> Way {
    way(at: moment, \.least) { leg in leg.jitter.reduce(0) { $0 + $1.amount(&dice) } }
  }

  private func way(
    at moment: Int, _ part: KeyPath<Leg, Int>, _ onTop: (Leg) -> Int
  ) -> Way {
    let index = stretches.lastIndex { $0.from <= moment } ?? 0
    let here = stretches[index]
    let next = index + 1 < stretches.count && here.isDrifting ? stretches[index + 1] : here
    let span = max(1, next.from - here.from)
    let gone = min(max(0, moment - here.from), span)
    func length(_ leg: KeyPath<Stretch, Leg>) -> Int {
      let (from, to) = (here[keyPath: leg][keyPath: part], next[keyPath: leg][keyPath: part])
      return from + (to - from) * gone / span + onTop(here[keyPath: leg])
    }
    return Way(out: length(\.out), work: length(\.work), back: length(\.back))
  }
}

/// A random addition to one part of the way, drawn for each call.
enum Jitter {
  /// Uniform between 0 and this.
  case uniform(Int)
  /// `median` times e to the power of a normal number, `sigma` in thousandths.
  case lognormal(median: Int, sigma: Int)
  /// A fixed addition for this share of calls.
  case sometimes(Int, permille: Int)
  /// Exponential: usually small, occasionally many times the mean.
  case tail(mean: Int, permille: Int)

  fileprivate var typical: Int {
    if case .lognormal(let median, _) = self { median } else { 0 }
  }

  fileprivate func amount(_ dice: inout Dice) -> Int {
    switch self {
    case .uniform(let most): return dice.number(0...most)
    case .lognormal(let median, let sigma):
      let radius = sqrt(-2 * log(dice.fraction))
      let normal = radius * cos(2 * .pi * dice.fraction)
      return Int(Double(median) * exp(normal * Double(sigma) / 1_000))
    case .sometimes(let amount, let permille): return dice.chance(permille) ? amount : 0
    case .tail(let mean, let permille):
      return dice.chance(permille) ? Int(-log(dice.fraction) * Double(mean)) : 0
    }
  }
}

extension Route.Stretch {
  /// All calls take the same time.
  static func steady(_ dice: inout Dice) -> Route.Stretch {
    Route.Stretch(
      from: 0, out: .init(least: dice.magnitude(1...300), jitter: []),
      work: .init(least: dice.magnitude(1...300), jitter: []),
      back: .init(least: dice.magnitude(1...300), jitter: []), isDrifting: false)
  }
}

extension Dice {
  /// Greater than 0 and at most 1.
  fileprivate var fraction: Double {
    mutating get { Double(number(1...1_000_000)) / 1_000_000 }
  }
}

extension Route: CustomStringConvertible {
  var description: String { stretches.map(\.description).joined(separator: "; ") }
}

extension Route.Stretch: CustomStringConvertible {
  var description: String {
    "from \(from) ms out \(out), work \(work), back \(back)\(isDrifting ? ", drifting" : "")"
  }
}

extension Route.Leg: CustomStringConvertible {
  var description: String { "\(least)\(jitter.map { " + \($0)" }.joined())" }
}
