import Testing

@testable import Picture

struct LivePictureTests {
  private static func figures(calls: Int = 3) -> LiveFigures {
    var figures = LiveFigures()
    figures.verdict = .init(.wrong, "2 lanes dead; see 'larkspur list --state dead'")
    (figures.lanesDue, figures.lanesInFlight, figures.lanesDead) = (1_234, 10, 2)
    figures.oldestDue_ms = 4_200
    figures.channels = [
      .init(
        account: "default", api: "preview", budgets: [.init(calls: 3, most: 5, per_ms: 1_000)],
        stopped: nil),
      .init(
        account: "default", api: "card",
        budgets: [
          .init(calls: 0, most: 50, per_ms: 1_000), .init(calls: 900, most: 1_000, per_ms: 60_000),
        ], stopped: "paused until 14:05:07: HTTP 502"),
    ]
    figures.calls = (0..<calls).map {
      .init(
        number: 62 - $0, began_ms: Example.now, took_ms: 61, lanes: 10, audience: .users(45),
        outcome: "delivered")
    }
    figures.troubles = [
      .init(
        number: 9, began_ms: Example.now, took_ms: 70, lanes: 1, audience: .everyone,
        outcome: "refused", answer: "230001 \u{1b}[31m\u{202e}bad")
    ]
    return figures
  }

  private func text(_ figures: LiveFigures, _ columns: Int, _ rows: Int) -> [String] {
    LivePicture(figures, zone: .utc).lines(title: "title", columns: columns, rows: rows)
      .map { $0.map(\.text).joined() }
  }

  @Test func `all of it is shown where there is room`() {
    #expect(
      text(Self.figures(), 80, 24) == [
        "title",
        "2 lanes dead; see 'larkspur list --state dead'",
        "",
        "previews [##################............] 3 of 5 calls in 1 s",
        "cards    [..............................] 0 of 50 calls in 1 s",
        "         [###########################...] 900 of 1,000 calls in 1 min",
        "         paused until 14:05:07: HTTP 502",
        "lanes    1,234 due, 0 waiting, 10 in flight, 2 dead, the oldest due for 4.2 s",
        "asks     0 new, 0 delayed",
        "",
        "latest calls",
        "  #62    15:00:00 10 previews for 45 users, delivered in 61 ms",
        "  #61    15:00:00 10 previews for 45 users, delivered in 61 ms",
        "  #60    15:00:00 10 previews for 45 users, delivered in 61 ms",
        "",
        "not delivered",
        "  #9     15:00:00 1 preview for everyone, refused in 70 ms: 230001 \\u{1b}[31m\\u{",
      ])
  }

  @Test(arguments: [0, 1, 3, 10, 15, 24, 60])
  func `no line is wider than there is room, and none is too low`(rows: Int) {
    for columns in [0, 1, 9, 20, 40, 79, 200] {
      let lines = text(Self.figures(calls: 50), columns, rows)
      #expect(lines.count <= rows)
      #expect(lines.allSatisfy { $0.count <= columns })
    }
  }

  @Test func `there are as many calls as there is room for`() {
    let lines = text(Self.figures(calls: 50), 80, 30)
    #expect(lines.count == 30 && lines.last?.hasPrefix("  #9 ") == true)
    #expect(lines.count { $0.hasSuffix("delivered in 61 ms") } == 16)
  }

  @Test func `accounts are named where there are several`() {
    var figures = Self.figures()
    #expect(text(figures, 80, 24).contains { $0.hasPrefix("previews ") })
    figures.channels.append(.init(account: "shop", api: "preview", budgets: [], stopped: nil))
    #expect(text(figures, 80, 24).contains("shop: previews no limit"))
    #expect(text(figures, 80, 24).contains { $0.contains("15:00:00 default: 10 previews") })
  }

  @Test func `what is wrong stands out`() {
    let spans = LivePicture(Self.figures(), zone: nil).lines(title: "", columns: 80, rows: 24)
      .joined()
    #expect(spans.contains(ScreenSpan("2 dead", .bad)))
    #expect(spans.contains(ScreenSpan("paused until 14:05:07: HTTP 502", .bad)))
  }
}

struct ScreenTextTests {
  @Test func `a bar is full at its limit, and red above it`() {
    #expect(ScreenText.bar(5, of: 5, width: 4).map(\.text) == ["[", "####", "", "]"])
    #expect(ScreenText.bar(9, of: 5, width: 4)[1] == ScreenSpan("####", .bad))
    #expect(ScreenText.bar(0, of: 0, width: 4).map(\.text) == ["[", "", "....", "]"])
    #expect(ScreenText.bar(1, of: 2, width: 3).isEmpty)
  }

  @Test func `a sentence is broken between words`() {
    let lines = ScreenText.wrapped("one two three", .good, 7).map { $0.map(\.text).joined() }
    #expect(lines == ["one two", "three"])
  }

  @Test func `without colours there are no colours`() {
    let lines = [[ScreenSpan("a", .bad), ScreenSpan("b")]]
    #expect(ScreenText.rows(lines, inColour: false) == "ab\u{1b}[K\n")
    #expect(ScreenText.rows(lines, inColour: true) == "\u{1b}[31ma\u{1b}[0mb\u{1b}[K\n")
  }
}
