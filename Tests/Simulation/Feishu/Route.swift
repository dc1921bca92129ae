import Chance
import Foundation

/// The way of every call of a history: to the server, the server's work, and back, in milliseconds. It
/// is data, like the rest of a history, and nothing bounds it by what the program allows for.
struct Route {
  /// In the order of their moments; the first one holds from the beginning.
  var stretches: [Stretch]

  /// What the way is like for a while.
  struct Stretch {
    /// Milliseconds after the beginning.
    var from: Int
    var out: Leg
    var work: Leg
    var back: Leg
    /// Becomes the next stretch little by little. Otherwise it changes at once.
    var isDrifting: Bool
  }

  /// A part of the way: what it takes at least, and what comes on top.
  struct Leg {
    var least: Int
    var jitter: [Jitter]

    /// What it takes where chance has no part in it.
    var base: Int { least + jitter.reduce(0) { $0 + $1.typical } }
  }

  /// What a call takes on its way.
  struct Way {
    var out: Int
    var work: Int
    var back: Int

    var roundTrip: Int { out + work + back }
  }

  /// The way at a moment after the beginning, without any jitter.
  func base(at moment: Int) -> Way { way(at: moment, \.base) { _ in 0 } }

  /// The way of one call that leaves at a moment after the beginning. The dice belong to this call.
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

/// What comes on top of a part of the way, differently for each call.
enum Jitter {
  /// As likely as not anything up to this.
  case uniform(Int)
  /// `median` times e to the power of a normal number, `sigma` in thousandths.
  case lognormal(median: Int, sigma: Int)
  /// For so many calls in a thousand.
  case sometimes(Int, permille: Int)
  /// Exponential: mostly little, now and then many times the mean.
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

extension Dice {
  /// Above 0 and at most 1.
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
