import Chance
import Planning

/// Lanes that are all due, and whom each wants. People are numbers here.
struct Crowd {
  /// Those who are wanted, each set once; nil is everyone.
  let audiences: [[Int]?]
  /// For each lane, in the order in which they have become due, the place of its audience.
  let lanes: [Int]
}

/// What crowds look like.
enum Shape: String, CaseIterable {
  /// One chat.
  case identical
  case everyone
  /// Chats of 2 to 5 people, four lanes to a chat on average. Nobody is in two.
  case small
  /// Chats of 150 to 400 people, a hundred lanes to a chat on average. Nobody is in two. (With few
  /// lanes to a chat no bound is known that can be reached: of 25 lanes and 200 people it allows five
  /// calls, and it takes six.)
  case large
  /// Chats of 10 to 100 people, two lanes to a chat on average: a call has places for people of two or
  /// three chats. Nobody is in two.
  case middling
  /// Chats of 2 to 150 people, most of them small; how many lanes a chat has goes by Zipf's law: a
  /// few have a tenth of all, most have one or two. Nobody is in two.
  case zipf
  /// The same, of people who are in several chats with others of their department.
  case colleagues
}

extension Crowd {
  init(_ shape: Shape, lanes count: Int, _ dice: inout Dice) {
    switch shape {
    case .identical: self.init(audiences: [Array(0..<30)], uniform: count, &dice)
    case .everyone: self.init(audiences: [nil], uniform: count, &dice)
    case .small:
      let chats = Self.apart(
        (0..<max(1, count / 4)).map { _ in Int.random(in: 2...5, using: &dice) })
      self.init(audiences: chats, uniform: count, &dice)
    case .large:
      let chats = Self.apart(
        (0..<max(1, count / 100)).map { _ in Int.random(in: 150...400, using: &dice) })
      self.init(audiences: chats, uniform: count, &dice)
    case .middling:
      let chats = Self.apart(
        (0..<max(1, count / 2)).map { _ in Int.random(in: 10...100, using: &dice) })
      self.init(audiences: chats, uniform: count, &dice)
    case .zipf:
      let sizes = (0..<max(1, count / 10)).map { _ in Self.sizeOfChat(&dice) }
      self.init(audiences: Self.apart(sizes), zipf: count, &dice)
    case .colleagues:
      let company = max(200, count / 2)
      let chats = (0..<max(1, count / 10)).map { _ in
        let first = Int.random(in: 0...company - 200, using: &dice)
        return Array((first..<first + 200).shuffled(using: &dice).prefix(Self.sizeOfChat(&dice)))
      }
      self.init(audiences: chats, zipf: count, &dice)
    }
  }

  private init(audiences: [[Int]?], uniform count: Int, _ dice: inout Dice) {
    self.audiences = audiences
    lanes = (0..<count).map { _ in Int.random(in: 0..<audiences.count, using: &dice) }
  }

  /// The chat of rank k has 1/k as many lanes as the first.
  private init(audiences: [[Int]?], zipf count: Int, _ dice: inout Dice) {
    self.audiences = audiences
    var sums: [Double] = []
    for rank in audiences.indices { sums.append((sums.last ?? 0) + 1 / Double(rank + 1)) }
    lanes = (0..<count).map { _ in
      let point = Double.random(in: 0..<(sums.last ?? 1), using: &dice)
      return min(sums.partitioningIndex { $0 > point }, audiences.count - 1)
    }
  }

  /// Chats of these sizes, each with people of its own.
  private static func apart(_ sizes: [Int]) -> [[Int]] {
    var first = 0
    return sizes.map { size in
      defer { first += size }
      return Array(first..<first + size)
    }
  }

  /// Twice as large is a little less than half as frequent: from 2 people up, 7 in the middle of it.
  private static func sizeOfChat(_ dice: inout Dice) -> Int {
    let share = Double.random(in: 0.001..<1, using: &dice)
    var size = 2.0
    // 2 / share^0.8, by halves: there is no pow without a C library.
    var left = share
    while left < 0.5 {
      left *= 2
      size *= 1.741_101_1
    }
    return min(150, Int(size * (1 + (1 - left) * 1.48)))
  }
}

extension Array where Element == Double {
  /// The first place from which on `holds` is true, of an array where it is so from some place on.
  fileprivate func partitioningIndex(where holds: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
