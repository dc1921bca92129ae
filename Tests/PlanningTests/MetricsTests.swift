import Planning
import Scraping
import Testing

struct ExpositionTests {
  private func text(_ value: String) -> String {
    var exposition = Exposition()
    exposition.add("a", .gauge, help: "b", [.init(1, [.init("l", value)])])
    return exposition.text
  }

  @Test func `a metric has its help and its type`() {
    #expect(text("x") == "# HELP a b\n# TYPE a gauge\na{l=\"x\"} 1\n")
  }

  @Test(arguments: ["\\", "\"", "\n", "a\\nb", "\"}{,=", "飞书", "", "\r", "\\\"\n"])
  func `any label value arrives as it is`(value: String) throws {
    let scrape = try Scrape(text(value))
    #expect(scrape.samples.map(\.labels) == [["l": value]])
  }

  @Test func `a help text stays on its line`() {
    var exposition = Exposition()
    exposition.add("a", .counter, help: "one\ntwo \\ \"three\"", [.init(0)])
    #expect(exposition.text.hasPrefix("# HELP a one\\ntwo \\\\ \"three\"\n# TYPE"))
  }

  @Test func `a metric without samples is left out`() {
    var exposition = Exposition()
    exposition.add("a", .gauge, help: "b", [])
    #expect(exposition.text == "")
  }

  @Test(arguments: [
    (0, "0"), (100, "0.1"), (250, "0.25"), (1_000, "1"), (2_500, "2.5"), (3_600_000, "3600"),
    (1_764_550_000_007, "1764550000.007"), (-1_500, "-1.5"), (-7, "-0.007"),
  ])
  func `milliseconds become seconds, exactly`(span: Span, text: String) {
    #expect(Exposition.seconds(span) == text)
  }
}

struct StalenessTests {
  @Test func `each bucket counts everything that took at most as long`() {
    var staleness = Staleness()
    staleness.add(3, upTo: 100, took: 120)
    staleness.add(2, upTo: 1_000, took: 1_500)
    staleness.add(1, upTo: .max, took: 4_000_000)
    #expect(staleness.buckets.map(\.asks) == [3, 3, 3] + [Int](repeating: 5, count: 9))
    #expect(staleness.count == 6)
    #expect(staleness.sum == 4_001_620)
  }

  @Test func `each wait is in the first bucket that it fits into`() {
    var staleness = Staleness()
    for wait in [-5, 0, 100, 101, 3_600_000, 3_600_001, .days(2_000)] { staleness.add(wait: wait) }
    #expect(staleness.disjoint.map(\.bound) == [100, 250, 3_600_000, .max])
    #expect(staleness.disjoint.map(\.asks) == [3, 1, 1, 2])
    #expect(staleness.disjoint.map(\.took) == [100, 101, 3_600_000, 3_600_001 + .days(100)])
  }

  @Test func `the buckets reach from a tenth of a second to an hour`() {
    #expect(Staleness.bounds.first == 100 && Staleness.bounds.last == .hours(1))
    #expect(Staleness.bounds == Staleness.bounds.sorted())
  }
}

struct MetricsTextTests {
  private func figures(accounts: Int) -> QueueFigures {
    var figures = QueueFigures()
    for number in 0..<accounts {
      let owner = QueueFigures.Owner(account: "shop\(number)", api: "preview")
      figures.accounts.append(
        .init(
          name: "shop\(number)", trouble: number % 2 == 0 ? .address : nil, monthCalls: 10,
          quota: 100, ticketWritten: number == 0 ? WallMoment(ms: 2_500) : nil))
      figures.used.insert(owner)
      figures.lanes[owner] = [.ready: 1, .inFlight: 2]
      figures.asks[owner] = ["delivered": 3]
      figures.calls[owner] = ["token refused": 4]
    }
    figures.oldestDue = WallMoment(ms: 1_500)
    return figures
  }

  private func scrape(_ figures: QueueFigures) throws -> Scrape {
    try Scrape(MetricsText.write(figures, version: "0.1.0"))
  }

  @Test func `every metric has a help text and a type`() throws {
    let scrape = try scrape(figures(accounts: 2))
    #expect(scrape.metrics == Set(scrape.types.keys) && scrape.metrics == Set(scrape.helps.keys))
    #expect(
      scrape.metrics == [
        "larkspur_lanes", "larkspur_oldest_due_timestamp_seconds", "larkspur_asks_total",
        "larkspur_calls_total", "larkspur_refreshes_total", "larkspur_staleness_seconds",
        "larkspur_dead_lanes", "larkspur_account_parked", "larkspur_month_calls",
        "larkspur_quota_calls", "larkspur_app_ticket_timestamp_seconds",
        "larkspur_worker_seen_timestamp_seconds", "larkspur_build_info",
      ])
  }

  @Test func `the labels are these and no others`() throws {
    let labels = Set(try scrape(figures(accounts: 2)).samples.flatMap(\.labels.keys))
    #expect(
      labels == ["account", "kind", "api", "state", "outcome", "trouble", "le", "version"])
  }

  @Test func `outcomes and states are words without spaces`() throws {
    let scrape = try scrape(figures(accounts: 1))
    #expect(scrape.sum("larkspur_calls_total", ["outcome": "token_refused"]) == 4)
    #expect(scrape.sum("larkspur_lanes", ["state": "in_flight"]) == 2)
    #expect(scrape.samples.allSatisfy { !$0.labels.values.contains { $0.contains(" ") } })
  }

  @Test func `what has not happened yet is shown as zero`() throws {
    let scrape = try scrape(figures(accounts: 1))
    for outcome in ["dead", "expired", "cancelled"] {
      #expect(scrape.sum("larkspur_asks_total", ["outcome": outcome]) == 0)
    }
    #expect(scrape.sum("larkspur_calls_total", ["outcome": "unknown"]) == 0)
  }

  @Test func `keys and URLs make no calls of their own`() throws {
    var figures = figures(accounts: 1)
    for word in ["key", "url"] {
      let owner = QueueFigures.Owner(account: "shop0", api: word)
      figures.used.insert(owner)
      figures.asks[owner] = ["delivered": 1]
    }
    let scrape = try scrape(figures)
    let apis = scrape.samples.filter { $0.name == "larkspur_calls_total" }.map { $0.labels["api"] }
    #expect(Set(apis) == ["preview"])
    #expect(scrape.sum("larkspur_asks_total", ["kind": "key"]) == 1)
  }

  @Test func `up to 200 accounts are named`() throws {
    let scrape = try scrape(figures(accounts: 200))
    #expect(scrape.sum("larkspur_asks_total", ["account": "shop199"]) == 3)
    #expect(scrape.sum("larkspur_account_parked", ["account": "shop4", "trouble": "address"]) == 1)
  }

  @Test
  func `of more only the sums are shown, but for the tickets of apps, of which there are few`()
    throws
  {
    let scrape = try scrape(figures(accounts: 201))
    let named = scrape.samples.filter { $0.labels["account"] != nil }
    #expect(named.map(\.name) == ["larkspur_app_ticket_timestamp_seconds"])
    #expect(scrape.sum("larkspur_asks_total") == 603)
    #expect(scrape.sum("larkspur_lanes", ["state": "ready", "kind": "preview"]) == 201)
    #expect(scrape.sum("larkspur_calls_total", ["api": "preview"]) == 804)
    #expect(scrape.sum("larkspur_account_parked", ["trouble": "address"]) == 101)
    #expect(scrape.sum("larkspur_account_parked", ["trouble": "permission"]) == 0)
    #expect(scrape.sum("larkspur_month_calls") == 2_010)
    #expect(scrape.sum("larkspur_quota_calls") == 20_100)
  }

  @Test func `the buckets of the histogram end with one for everything`() throws {
    var figures = figures(accounts: 1)
    figures.staleness.add(2, upTo: 100, took: 150)
    figures.staleness.add(1, upTo: .max, took: 9_999_000)
    let scrape = try scrape(figures)
    #expect(scrape.sum("larkspur_staleness_seconds_bucket", ["le": "0.1"]) == 2)
    #expect(scrape.sum("larkspur_staleness_seconds_bucket", ["le": "3600"]) == 2)
    #expect(scrape.sum("larkspur_staleness_seconds_bucket", ["le": "+Inf"]) == 3)
    #expect(scrape.sum("larkspur_staleness_seconds_count") == 3)
    #expect(scrape.sum("larkspur_staleness_seconds_sum") == 9_999.15)
  }

  @Test func `a queue that no worker has seen, and in which nothing is due`() throws {
    let scrape = try scrape(QueueFigures())
    #expect(scrape.sum("larkspur_worker_seen_timestamp_seconds") == 0)
    #expect(scrape.sum("larkspur_oldest_due_timestamp_seconds") == nil)
    #expect(scrape.sum("larkspur_build_info", ["version": "0.1.0"]) == 1)
  }
}

struct CallPaceTests {
  private let now = Moment(ms: 1_700_000_000_000)

  @Test func `a week of calls tells how many a month brings`() {
    let pace = CallPace(calls: 700, since: now - .days(7), at: now)
    #expect(pace.expected(within: .days(10)) == 1_000)
    #expect(pace.time(for: 100) == .days(1))
  }

  @Test func `a history of a day tells the pace of a day`() {
    let pace = CallPace(calls: 100, since: now - .days(1), at: now)
    #expect(pace.expected(within: .days(3)) == 300)
  }

  @Test func `the first minutes count as an hour`() {
    let pace = CallPace(calls: 10, since: now - .minutes(1), at: now)
    #expect(pace.expected(within: .hours(2)) == 20)
  }

  @Test func `without calls nothing is expected, and nothing is used up`() {
    let pace = CallPace(calls: 0, since: nil, at: now)
    #expect(pace.expected(within: .days(30)) == 0)
    #expect(pace.time(for: 1) == nil)
  }

  @Test func `a month that is over brings no more`() {
    #expect(CallPace(calls: 9, since: now - .days(7), at: now).expected(within: -5) == 0)
  }
}
