/// The metrics of a queue. Their names and labels are an interface.
package struct MetricsText {
  private let figures: QueueFigures
  private let isSummed: Bool
  private var exposition = Exposition()

  /// How asks and calls can end, as the tables of the queue say it.
  package static let askOutcomes = ["delivered", "dead", "expired", "cancelled"]
  package static let callOutcomes = [
    "delivered", "refused", "try again", "unreachable", "limited", "quota", "token refused",
    "parked", "unknown",
  ]

  package static func write(_ figures: QueueFigures, version: String) -> String {
    var text = MetricsText(figures)
    text.addLanes()
    text.addAsks()
    text.addCalls()
    text.addStaleness()
    text.addAccounts()
    text.addWorker(version)
    return text.exposition.text
  }

  private init(_ figures: QueueFigures) {
    isSummed = figures.hasTooManyAccounts
    self.figures = isSummed ? figures.withoutAccounts : figures
  }

  private mutating func addLanes() {
    exposition.add(
      "larkspur_lanes", .gauge,
      help: "Lanes for which something is pending, by what they wait for.",
      samples(figures.lanes, of: kinds, by: "state", QueueFigures.LaneState.allCases, \.rawValue))
    exposition.add(
      "larkspur_dead_lanes", .gauge, help: "Lanes with dead asks.", [.init(figures.deadLanes)])
    exposition.add(
      "larkspur_oldest_due_timestamp_seconds", .gauge,
      help: "Since when the lane that has been due longest could have gone; absent if none is due.",
      figures.oldestDue.map { [.init(Exposition.seconds($0.ms))] } ?? [])
  }

  private mutating func addAsks() {
    exposition.add(
      "larkspur_asks_total", .counter, help: "Asks that have ended, by how.",
      samples(figures.asks, of: kinds, by: "outcome", Self.askOutcomes, Self.word))
  }

  private mutating func addCalls() {
    exposition.add(
      "larkspur_calls_total", .counter,
      help: "Calls to Feishu, by how they ended. The API auth hands out access tokens.",
      samples(figures.calls, of: callers, named: "api", by: "outcome", Self.callOutcomes, Self.word)
    )
    exposition.add(
      "larkspur_refreshes_total", .counter,
      help: "Preview tokens in calls that Feishu accepted.", [.init(figures.refreshes)])
  }

  private mutating func addStaleness() {
    let staleness = figures.staleness
    var samples = staleness.buckets.map { bucket in
      Exposition.Sample(
        bucket.asks, [.init("le", Exposition.seconds(bucket.bound))], suffix: "_bucket")
    }
    samples.append(.init(staleness.count, [.init("le", "+Inf")], suffix: "_bucket"))
    samples.append(.init(Exposition.seconds(staleness.sum), suffix: "_sum"))
    samples.append(.init(staleness.count, suffix: "_count"))
    exposition.add(
      "larkspur_staleness_seconds", .histogram,
      help:
        "How long asks waited, from being asked or the end of their delay, to the accepted call.",
      samples)
  }

  private mutating func addAccounts() {
    exposition.add(
      "larkspur_account_parked", .gauge,
      help: "1 if the account is stopped until a person fixes this trouble.",
      perAccount { account in
        Trouble.allCases.map { trouble in
          Value(account.trouble == trouble ? 1 : 0, [.init("trouble", trouble.rawValue)])
        }
      })
    exposition.add(
      "larkspur_month_calls", .gauge,
      help: "Calls of this month that count for the quota. Months are in Beijing time.",
      perAccount { [Value($0.monthCalls)] })
    exposition.add(
      "larkspur_quota_calls", .gauge,
      help:
        "Calls that the account may make in a month; absent if the configuration sets no quota.",
      perAccount { $0.quota.map { [Value($0)] } ?? [] })
    // Always shown, because a queue with thousands of tenants has few apps.
    exposition.add(
      "larkspur_app_ticket_timestamp_seconds", .gauge,
      help: "When the app ticket of a store app was written. Feishu pushes a new one every hour.",
      figures.accounts.compactMap { account in
        account.ticketWritten.map {
          .init(Exposition.seconds($0.ms), [.init("account", account.name)])
        }
      })
  }

  private mutating func addWorker(_ version: String) {
    exposition.add(
      "larkspur_worker_seen_timestamp_seconds", .gauge,
      help: "When a worker last looked at the queue; 0 if none ever did.",
      [.init(Exposition.seconds(figures.workerSeen?.ms ?? 0))])
    exposition.add(
      "larkspur_build_info", .gauge, help: "The version of the program that wrote this.",
      [.init(1, [.init("version", version)])])
  }
}

extension MetricsText {
  /// As in other words that programs read, there are no spaces.
  private static func word(_ outcome: String) -> String { outcome.replacing(" ", with: "_") }

  /// Everything but requests for access tokens.
  private var kinds: [QueueFigures.Owner] {
    apis.filter { $0.api != API.auth.rawValue }
  }

  /// An ask by key or URL makes no calls of its own.
  private var callers: [QueueFigures.Owner] { apis.filter { Selector(rawValue: $0.api) == nil } }

  private var apis: [QueueFigures.Owner] {
    figures.used.sorted { ($0.account ?? "", $0.api) < ($1.account ?? "", $1.api) }
  }

  /// One sample for each owner and value, also where nothing has been counted: Prometheus does not
  /// see the first event of a counter that appears with it.
  private func samples<Key: Hashable>(
    _ counts: [QueueFigures.Owner: [Key: Int]], of owners: [QueueFigures.Owner],
    named kind: String = "kind", by label: String, _ values: [Key], _ word: (Key) -> String
  ) -> [Exposition.Sample] {
    owners.flatMap { owner in
      let known = counts[owner] ?? [:]
      let labels = labels(owner.account) + [Exposition.Label(kind, owner.api)]
      return values.map { value in
        Exposition.Sample(known[value] ?? 0, labels + [Exposition.Label(label, word(value))])
      }
    }
  }

  private func labels(_ account: String?) -> [Exposition.Label] {
    account.map { [Exposition.Label("account", $0)] } ?? []
  }

  /// A number of one account.
  private struct Value {
    let number: Int
    let labels: [Exposition.Label]

    init(_ number: Int, _ labels: [Exposition.Label] = []) {
      self.number = number
      self.labels = labels
    }
  }

  /// The numbers of each account, or their sums.
  private func perAccount(
    _ values: (QueueFigures.Account) -> [Value]
  ) -> [Exposition.Sample] {
    let accounts = figures.accounts.sorted { $0.name < $1.name }
    if !isSummed {
      return accounts.flatMap { account in
        values(account).map { value in
          Exposition.Sample(value.number, labels(account.name) + value.labels)
        }
      }
    }
    var order: [[Exposition.Label]] = []
    var sums: [[Exposition.Label]: Int] = [:]
    for value in accounts.flatMap(values) {
      if sums[value.labels] == nil { order.append(value.labels) }
      sums[value.labels, default: 0] += value.number
    }
    return order.map { Exposition.Sample(sums[$0] ?? 0, $0) }
  }
}
