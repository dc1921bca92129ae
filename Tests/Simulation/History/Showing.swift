import Chance

/// Chooses what previews show, who looks at them, and what is asked for by key and URL. There are few
/// of each, so that asks meet, and some previews are also asked for by themselves.
struct Showing {
  private let accounts: [String]
  private let tokens: Int
  private let keys: Int
  private let urls: Int
  private let people: Int
  private let badTokens: Int
  private let badPeople: Int
  /// How many sightings tell who has looked.
  private let viewers_permille: Int
  private let hasHolds: Bool
  private let hasExpiry: Bool

  init(accounts: [Setup.Account], mayBeBad: Bool, _ dice: inout Dice) {
    self.accounts = accounts.map(\.name)
    tokens = dice.number(1...dice.pick([4, 12, 40]))
    keys = dice.number(1...dice.pick([2, 8]))
    urls = dice.number(1...4)
    people = dice.pick([1, 4, 12])
    badTokens = mayBeBad ? dice.pick([0, 50, 300]) : 0
    badPeople = mayBeBad ? dice.pick([0, 50, 200]) : 0
    viewers_permille = dice.pick([100, 500, 900])
    hasHolds = dice.chance(300)
    hasExpiry = dice.chance(300)
  }

  func sighting(_ dice: inout Dice) -> SeenPreview {
    let account = account(&dice)
    var keys = (0..<dice.pick([1, 1, 2, 3])).map { _ in key(account, &dice) }
    keys = Array(Set(keys)).sorted()
    return SeenPreview(
      account: accounts[account], token: token(account, &dice), keys: keys,
      url: dice.chance(500) ? url(account, &dice) : nil,
      person: dice.chance(viewers_permille) ? person(&dice) : nil)
  }

  /// More users have looked at a preview than a call may name, or almost.
  func crowdedSighting(_ dice: inout Dice) -> [SeenPreview] {
    var sighting = sighting(&dice)
    return (1...dice.number(99...103)).map { number in
      sighting.person = "ou_\(number)"
      return sighting
    }
  }

  /// An ask by key or URL, sometimes for one that nobody has seen.
  func wish(_ dice: inout Dice, mayWait: Bool) -> Wish {
    let account = account(&dice)
    let reach: Wish.Reach = dice.chance(500) ? .everyone : .viewers
    let isUnseen = dice.chance(80)
    let what: Wish.What =
      dice.chance(250)
      ? .shown(.url, isUnseen ? "https://t.test/none" : url(account, &dice), reach)
      : .shown(.key, isUnseen ? "none" : key(account, &dice), reach)
    var wish = Wish(account: accounts[account], what: what)
    if mayWait, hasHolds, dice.chance(300) {
      wish.after = dice.number(1...dice.pick([500, 20_000]))
    }
    if mayWait, hasExpiry, dice.chance(400) {
      wish.expiresIn = wish.after + dice.number(1...dice.pick([500, 6_000, 30_000]))
    }
    return wish
  }

  /// An ask for one of the previews.
  func direct(_ dice: inout Dice) -> Wish {
    let account = account(&dice)
    let people = dice.chance(400) ? nil : [person(&dice)]
    return Wish(
      account: accounts[account], what: .preview(token(account, &dice), people: people))
  }

  /// A key or URL.
  func name(_ dice: inout Dice) -> String {
    let account = account(&dice)
    return dice.chance(250) ? url(account, &dice) : key(account, &dice)
  }

  func oblivion(_ dice: inout Dice) -> Oblivion {
    let account = account(&dice)
    switch dice.number(0...2) {
    case 0: return .preview(account: accounts[account], token(account, &dice))
    case 1: return .key(account: accounts[account], key(account, &dice))
    default: return .viewer(person(&dice))
    }
  }

  private func account(_ dice: inout Dice) -> Int { dice.number(0...accounts.count - 1) }

  private func token(_ account: Int, _ dice: inout Dice) -> String {
    "\(dice.chance(badTokens) ? "bad" : "good")-\(account)-\(dice.number(1...tokens))"
  }

  private func key(_ account: Int, _ dice: inout Dice) -> String {
    "key-\(account)-\(dice.number(1...keys))"
  }

  private func url(_ account: Int, _ dice: inout Dice) -> String {
    "https://t.test/\(account)/\(dice.number(1...urls))"
  }

  private func person(_ dice: inout Dice) -> String {
    dice.chance(badPeople) ? "ou_bad\(dice.number(1...3))" : "ou_\(dice.number(1...people))"
  }
}
