import Chance

/// Chooses what is asked, on few lanes and for few users, so that asks meet.
struct Crowd {
  private let accounts: [String]
  private let tokens: Int
  private let cards: Int
  private let sessions: Int
  private let people: Int
  private let kinds: [Wish.Kind]
  /// Groups of users that are asked for repeatedly, like the members of a chat.
  private let chats: [[String]]
  /// How many audiences are one of the chats.
  private let sharedAudiences_permille: Int
  private let hasHolds: Bool
  private let hasExpiry: Bool
  private let isLonely: Bool
  private var badTokens = 0
  private var badPeople = 0
  private var badElements = 0
  private var made = 0

  init(accounts: [Setup.Account], _ theme: Theme, _ dice: inout Dice) {
    self.accounts = accounts.map(\.name)
    isLonely = theme == .lonely
    let isFull = theme == .flooded || theme == .unlucky || theme == .late
    // More lanes where many may die.
    tokens = isFull ? 400 : theme.hasPlot ? dice.number(4...80) : dice.magnitude(1...40)
    cards = theme.hasPlot ? dice.number(4...20) : dice.magnitude(1...8)
    sessions = theme.hasPlot ? dice.number(4...20) : dice.magnitude(1...6)
    // Where everything has a deadline, no audience takes many calls.
    let people = dice.pick(theme.hasPlot ? [1, 3, 12] : [3, 12, 60, 350])
    self.people = people
    kinds =
      switch theme {
      case .flooded, .unlucky, .late, .sharedToken, .sharedBudget: [.preview]
      case .spent, .months, .tenanted: [.preview, .card]
      default: dice.pick(Self.mixtures)
      }
    chats = (0..<dice.number(1...5)).map { _ in
      let size = dice.magnitude(1...people)
      return (0..<size).map { _ in "ou_\(dice.number(1...people))" }.withoutRepeats
    }
    let mayWait = theme != .killed && theme != .flooded && !theme.hasPlot
    hasHolds = mayWait && dice.chance(200)
    hasExpiry = mayWait && dice.chance(200)
    sharedAudiences_permille = theme == .flooded ? 0 : 600
  }

  /// A kind listed more than once is asked for more often.
  private static let mixtures: [[Wish.Kind]] = [
    [.preview], [.preview], [.preview, .preview, .preview, .card],
    [.preview, .preview, .preview, .session], [.preview, .card, .session], [.preview, .card],
    [.card], [.session], [.card, .session],
  ]

  /// From now on some asks will be refused.
  mutating func allowBad(_ dice: inout Dice) {
    badTokens = dice.pick([0, 30, 200])
    badPeople = dice.pick([0, 30, 200])
    badElements = dice.pick([0, 50, 200])
  }

  /// Half of the asks will be refused, and never because of a user in them.
  mutating func beginLonely() {
    badTokens = 500
    badElements = 500
  }

  mutating func wish(_ dice: inout Dice) -> Wish {
    made += 1
    let account = dice.number(0...accounts.count - 1)
    let what = what(account, &dice)
    var wish = Wish(account: accounts[account], what: what)
    // A session's updates must arrive in order, and a held ask would overtake a later one.
    if hasHolds, wish.kind == .preview, dice.chance(200) { wish.after = dice.magnitude(1...60_000) }
    if hasExpiry, dice.chance(300) { wish.expiresIn = wish.after + dice.magnitude(1...60_000) }
    return wish
  }

  private func what(_ account: Int, _ dice: inout Dice) -> Wish.What {
    switch dice.pick(kinds) {
    case .preview:
      let isBad = dice.chance(badTokens)
      let name = "\(isBad ? "bad" : "good")-\(account)-\(dice.number(1...tokens))"
      // Finding a refused user among the others takes time, so everyone here is accepted.
      if isLonely { return .preview(name, people: dice.chance(500) ? nil : ["ou_1"]) }
      return .preview(name, people: audience(&dice))
    case .card:
      let isBad = dice.chance(badElements)
      let elements = (0..<dice.pick([1, 1, 1, 3])).map { "\(isBad ? "bad" : "el")_\(made)_\($0)" }
      return .card(
        "card-\(account)-\(dice.number(1...cards))", elements: elements,
        uuid: dice.chance(80) ? "given-\(made)" : nil, sequence: nil)
    // The crowd asks for nothing by key or URL.
    case .session, .key, .url:
      var fields: [String: String] = [:]
      if dice.chance(700) { fields["metadata"] = "m\(dice.chance(200) ? 0 : made)" }
      if fields.isEmpty || dice.chance(400) { fields["channel_context"] = "c\(made)" }
      return .session("session_\(account)\(dice.number(2...sessions + 1))", fields)
    }
  }

  private func audience(_ dice: inout Dice) -> [String]? {
    if dice.chance(150) { return nil }
    if dice.chance(badPeople) {
      return (dice.pick(chats) + ["ou_bad\(dice.number(1...3))"]).withoutRepeats
    }
    if dice.chance(sharedAudiences_permille) { return dice.pick(chats) }
    return (0..<dice.magnitude(1...people)).map { _ in "ou_\(dice.number(1...people))" }
      .withoutRepeats
  }
}

extension [String] {
  fileprivate var withoutRepeats: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
