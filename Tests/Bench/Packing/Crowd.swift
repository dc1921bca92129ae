import Chance
import Planning

/// Lanes that are all due, and the audience of each. Users are numbers here.
struct Crowd {
  /// The audiences, each once; nil is everyone.
  let audiences: [[Int]?]
  /// The index of each lane's audience, in the order in which the lanes became due.
  let lanes: [Int]
}

/// The kinds of crowds.
enum Shape: String, CaseIterable {
  /// One chat.
  case identical
  case everyone
  /// Chats of 2 to 5 users, four lanes per chat on average. No user is in two chats.
  case small
  /// Chats of 150 to 400 users, a hundred lanes per chat on average. No user is in two chats. (With
  /// few lanes per chat no reachable bound is known: for 25 lanes and 200 users it allows five
  /// calls, and six are needed.)
  case large
  /// Chats of 10 to 100 users, two lanes per chat on average, so a call has room for the users of
  /// two or three chats. No user is in two chats.
  case middling
  /// Chats of 2 to 150 users, most of them small. The lanes of the chats follow Zipf's law: a few
  /// chats have a tenth of all lanes, most have one or two. No user is in two chats.
  case zipf
  /// The same, but users are in several chats with others of their department.
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

  /// Chats of these sizes, each with its own users.
  private static func apart(_ sizes: [Int]) -> [[Int]] {
    var first = 0
    return sizes.map { size in
      defer { first += size }
      return Array(first..<first + size)
    }
  }

  /// Twice the size is a little less than half as frequent. Sizes start at 2, and the median is 7.
  private static func sizeOfChat(_ dice: inout Dice) -> Int {
    let share = Double.random(in: 0.001..<1, using: &dice)
    var size = 2.0
    // 2 / share^0.8, computed by halving, because pow needs a C library.
    var left = share
    while left < 0.5 {
      left *= 2
      size *= 1.741_101_1
    }
    return min(150, Int(size * (1 + (1 - left) * 1.48)))
  }
}

extension Array where Element == Double {
  /// The first index at which `holds` is true, if it stays true from there on.
  fileprivate func partitioningIndex(where holds: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
