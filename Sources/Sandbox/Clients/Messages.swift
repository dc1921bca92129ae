/// A link that members see, and what each of them sees now.
struct Message: Equatable {
  let number: Int
  let url: String
  let place: Place
  /// Empty for a place without a chat.
  let chat: String
  /// Empty for a place without a chat.
  let id: String
  let token: String?
  let posted: Microseconds
  fileprivate(set) var views: [View]

  init(_ new: NewMessage, number: Int, instance: String, at now: Microseconds) {
    self.number = number
    url = new.url
    place = new.place
    chat = new.chat
    id = new.place.hasChat ? "om_\(instance)\(number)" : ""
    // Real tokens begin like this. They are not UUIDs, whatever the documentation's examples are.
    token = new.place.hasToken ? "w00-\(instance)\(number)" : nil
    posted = now
    views = new.members.map(View.init)
  }
}

/// The messages the sandbox remembers: the latest, so that their members are not too many.
struct Messages {
  static let viewsMax = 100_000

  private var byNumber: [Int: Message] = [:]
  private var numbers: [ExactText: Int] = [:]
  private var oldest = 1
  private var newest = 0
  private var views = 0

  /// Oldest first.
  var all: [Message] { (oldest..<newest + 1).compactMap { byNumber[$0] } }
  /// Newest first.
  func latest(_ count: Int) -> [Message] {
    (oldest..<newest + 1).suffix(count).reversed().compactMap { byNumber[$0] }
  }
  var count: Int { byNumber.count }

  subscript(number: Int) -> Message? { byNumber[number] }

  func number(of token: String) -> Int? { numbers[ExactText(token)] }

  mutating func add(_ new: NewMessage, instance: String, at now: Microseconds) -> Int {
    newest += 1
    let message = Message(new, number: newest, instance: instance, at: now)
    byNumber[newest] = message
    if let token = message.token { numbers[ExactText(token)] = newest }
    views += message.views.count
    while views > Self.viewsMax, oldest < newest { forgetOldest() }
    return newest
  }

  /// Changes what a member sees. Nothing happens if the message has been forgotten.
  @discardableResult
  mutating func change<Value>(
    _ number: Int, _ member: Int, _ change: (inout View) -> Value
  ) -> Value? {
    // In place: a copy of all members for each of their pulls would take quadratic time.
    guard let place = byNumber.index(forKey: number) else { return nil }
    return change(&byNumber.values[place].views[member])
  }

  private mutating func forgetOldest() {
    guard let message = byNumber.removeValue(forKey: oldest) else { return }
    if let token = message.token { numbers[ExactText(token)] = nil }
    views -= message.views.count
    oldest += 1
  }
}
