/// What died when, and what succeeded in between, by channel: an account and a kind.
struct Deaths {
  /// Asks that have been seen dead.
  var seen: Set<Int> = []
  private(set) var moments: [Int: Int] = [:]
  private var channels: [String: Channel] = [:]
  /// Counting starts over from here, because a person has intervened.
  private var forgotten = 0

  struct Channel {
    var successes: [(order: Int, keys: Set<String>)] = []
    /// A lane, or the content of one call, that died together, and its place in the order.
    var died: [(together: String, order: Int)] = []
    /// All deaths, including those that do not count.
    var all: [Int] = []
    /// The fifth death without a success in between has been recorded.
    var fifth: (order: Int, at: Int)?
  }

  /// The deaths that a channel may have without a success in between.
  static let most = 5

  func channel(_ name: String) -> Channel { channels[name] ?? Channel() }

  mutating func succeeded(_ call: CallRecord) {
    let called = call.called
    channels[called.channel, default: Channel()].successes.append(
      (call.answered, Set(called.lanes.map { called.key($0) })))
    channels[called.channel]?.fifth = nil
  }

  mutating func forget(at order: Int) {
    forgotten = order
    for name in channels.keys { channels[name]?.fifth = nil }
  }

  /// Returns how many have died since the last success before it.
  mutating func note(_ ask: AskRecord, _ together: String, order: Int, commit: Int, at now: Int)
    -> Int
  {
    let name = ask.wish.channel
    channels[name, default: Channel()].died.append((together, order))
    let count = between(name, order)
    if count >= Self.most, channels[name]?.fifth == nil, !hasSucceeded(name, after: order) {
      channels[name]?.fifth = (commit, now)
    }
    return count
  }

  mutating func see(_ ask: AskRecord, order: Int, at now: Int) {
    seen.insert(ask.id)
    moments[ask.id] = now
    channels[ask.wish.channel, default: Channel()].all.append(order)
  }

  mutating func see(partOn name: String, order: Int) {
    channels[name, default: Channel()].all.append(order)
  }

  func hasSucceeded(_ name: String, after order: Int) -> Bool {
    channel(name).successes.last.map { $0.order > order } ?? false
  }

  /// Whether another lane of the channel has succeeded since.
  func hasOtherSucceeded(_ name: String, than key: String, after order: Int) -> Bool {
    channel(name).successes.reversed().prefix { $0.order > order }
      .contains { !$0.keys.contains(key) }
  }

  /// How many asks have died since the last success, even if a person has intervened since.
  func sinceSuccess(_ name: String) -> Int {
    let channel = channel(name)
    let last = channel.successes.last?.order ?? 0
    return channel.all.count { $0 > last }
  }

  private func between(_ name: String, _ order: Int) -> Int {
    let channel = channel(name)
    let last = max(forgotten, channel.successes.last { $0.order < order }?.order ?? 0)
    let next = channel.successes.first { $0.order > order }?.order ?? .max
    return Set(channel.died.filter { last < $0.order && $0.order < next }.map(\.together)).count
  }
}

extension Wish {
  /// What has one rate limit.
  var channel: String { "\(account) \(callKind.rawValue)" }
}
