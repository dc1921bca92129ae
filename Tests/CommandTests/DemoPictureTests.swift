import Larkspur
import Picture
import Testing

@testable import Command

struct DemoPictureTests {
  private var figures: DemoFigures {
    var figures = DemoFigures()
    figures.at_ms = 12_400
    figures.ticketsAsked = 300
    figures.ticketsWaiting = 140
    figures.ticketsInFlight = 10
    figures.asks = 1_060
    figures.asksDelivered = 724
    figures.calls = 61
    figures.live.lanesDue = 140
    figures.live.lanesInFlight = 10
    figures.live.channels = [
      .init(
        account: "default", api: "preview", budgets: [.init(calls: 5, most: 5, per_ms: 1_000)],
        stopped: nil)
    ]
    figures.live.calls = [
      .init(number: 62, took_ms: nil, lanes: 10, audience: .users(45), outcome: "in flight"),
      .init(number: 61, took_ms: 61, lanes: 1, audience: .everyone, outcome: "delivered"),
    ]
    return figures
  }

  private func text(_ figures: DemoFigures, _ columns: Int, _ rows: Int) -> [String] {
    DemoPicture(told: ["09:11 a", "09:12 b"], figures: figures, tickets: 300)
      .lines(columns: columns, rows: rows).map { $0.map(\.text).joined() }
  }

  @Test func `on a usual terminal all of it is shown`() {
    #expect(
      text(figures, 79, 23) == [
        "09:11 a",
        "09:12 b",
        "",
        "time     09:12, 1 s = 1 min",
        "tickets  [####################....................] 150 of 300 up to date",
        "asks     1,060 made, 724 delivered",
        "lanes    140 due, 0 waiting, 10 in flight, 0 dead",
        "calls    61 made, 0 refusals",
        "previews [##############################] 5 of 5 calls in 1 s",
        "",
        "  #62    10 previews for 45 users, in flight",
        "  #61    1 preview for everyone, delivered in 61 ms",
      ])
  }

  @Test func `on a narrow one, figures go on in the next line`() {
    let lines = text(figures, 40, 23)
    #expect(lines.contains("tickets  [###....] 150 of 300 up to date"))
    #expect(lines.contains("lanes    140 due, 0 waiting,"))
    #expect(lines.contains("         10 in flight, 0 dead"))
    #expect(lines.contains("previews [#########] 5 of 5 calls in 1 s"))
  }

  @Test(arguments: [0, 1, 8, 20, 33, 40, 59, 79, 200])
  func `no line is wider than there is room`(columns: Int) {
    for line in text(figures, columns, 23) { #expect(line.count <= columns) }
  }

  @Test(arguments: [0, 1, 5, 8, 12])
  func `on a low one, what says least is left out`(rows: Int) {
    let lines = text(figures, 79, rows)
    #expect(lines.count <= rows)
    if rows > 0 { #expect(lines[0] == (rows < 12 ? "09:12 b" : "09:11 a")) }
  }

  @Test func `refusals and dead asks stand out`() {
    var figures = figures
    figures.refusals = 2
    figures.asksDead = 1
    let spans = DemoPicture(told: [], figures: figures, tickets: 300)
      .lines(columns: 79, rows: 23).joined()
    #expect(spans.contains(.init("2 refusals", .bad)) && spans.contains(.init("1 dead", .bad)))
  }

  @Test func `a picture takes the place of the one before it`() {
    let lines = [[ScreenSpan("a", .good)], [ScreenSpan("b")]]
    let first = DemoScreen.frame(lines, over: [], columns: 80, inColour: false)
    #expect(first == "\ra\u{1b}[K\nb\u{1b}[K\n\u{1b}[J")
    let coloured = DemoScreen.frame(lines, over: [], columns: 80, inColour: true)
    #expect(coloured == "\r\u{1b}[32ma\u{1b}[0m\u{1b}[K\nb\u{1b}[K\n\u{1b}[J")
    // A line of 79 was broken into two when the terminal became 40 wide; an empty line is still
    // one.
    let narrower = DemoScreen.frame(lines, over: [79, 0, 40], columns: 40, inColour: false)
    #expect(narrower.hasPrefix("\u{1b}[4A\r"))
  }

  @Test func `without a terminal a line says how it stands`() {
    #expect(
      DemoScreen.sentence(figures, of: 300)
        == "09:12 150 of 300 tickets up to date; 724 of 1,060 asks delivered; 61 calls, 0 refusals")
  }
}

struct ChatPictureTests {
  private let rows = [
    NineChats.Row(chat: "checkout", members: 5, titles: ["new"]),
    NineChats.Row(chat: "sales", members: 30, titles: ["old", "new", nil]),
  ]

  private func lines(_ columns: Int, _ limit: Int) -> [[ScreenSpan]] {
    ChatPicture(told: ["08:50 a", "08:52 b"], rows: rows, newest: "new")
      .lines(columns: columns, rows: limit)
  }

  @Test func `each chat is a line, with what its members see`() {
    #expect(
      lines(79, 23).map { $0.map(\.text).joined() } == [
        "08:50 a", "08:52 b", "",
        "checkout    5 see   new",
        "sales       30 see  old, new, the bare link",
      ])
    #expect(lines(79, 23)[3].contains(.init("new", .good)))
    #expect(lines(79, 23)[4].contains(.init("old")))
  }

  @Test func `where there is less room, the latest sentence and the chats stay`() {
    #expect(lines(79, 4).map { $0.map(\.text).joined() }.first == "08:52 b")
    #expect(lines(79, 2).count == 2 && lines(79, 0).isEmpty)
    #expect(lines(10, 23).allSatisfy { $0.reduce(0) { $0 + $1.text.count } <= 10 })
  }
}

struct NineChatsTests {
  private let chats = NineChats.chats

  private func sights(_ title: String, drawn_ms: Int) -> [SandboxClients.Sight] {
    chats.flatMap { chat in
      chat.members.map { _ in
        SandboxClients.Sight(chat: chat.name, title: title, drawn_ms: drawn_ms)
      }
    }
  }

  @Test func `there are nine, and nobody is twice in one`() {
    #expect(Set(chats.map(\.name)).count == 9 && NineChats.members == 45)
    #expect(chats.allSatisfy { Set($0.members).count == $0.members.count })
    // One call takes nine previews.
    #expect(chats.count <= 10)
  }

  @Test func `a chat is redrawn when the last of its members is`() {
    var after = sights("new", drawn_ms: 1_020)
    after[1] = SandboxClients.Sight(chat: chats[0].name, title: "new", drawn_ms: 1_034)
    let outcome = NineChatsOutcome(
      before: sights("old", drawn_ms: 500), after: after, changed_ms: 1_000, calls: 1)
    #expect(
      outcome.redrawn[0]
        == .init(chat: "checkout", members: 5, before: "old", after: "new", took_ms: 34))
    #expect(outcome.redrawn[1].took_ms == 20 && outcome.took_ms == 34)
  }
}

struct DemoReportTests {
  private func report(delivered: Int, refusals: Int) -> DemoReport {
    var figures = DemoFigures()
    figures.at_ms = 20_400
    figures.asks = 1_156
    figures.asksDelivered = delivered
    figures.calls = 86
    figures.refusals = refusals
    let answer = DemoReport.Answer(
      question: "select a\nfrom b", rows: Rows(columns: ["a"], rows: [[.int(7)]]))
    let nineChats = NineChatsOutcome(
      redrawn: [
        .init(chat: "checkout", members: 5, before: "old", after: "new", took_ms: 34),
        .init(chat: "storefront", members: 12, before: "old", after: "new", took_ms: 8),
      ], calls: 1)
    return DemoReport(
      nineChats: nineChats, figures: figures, tickets: 300, callsAlone: 1_172,
      previewCallsAlone: 1_170,
      fullest: .init(at_ms: 12_000, asksOpen: 1, answer: answer), answers: [answer],
      page: "larkspur-demo.html")
  }

  @Test func `it shows what the members of each chat saw, and see`() {
    let text = report(delivered: 1_156, refusals: 0).text
    #expect(
      text.contains(
        """
        CHAT        MEMBERS  SAW  SEE  REDRAWN AFTER
        checkout    5        old  new  34 ms
        storefront  12       old  new  8 ms
        """))
    #expect(text.contains("one ask, by its key, and 1 call."))
  }

  @Test func `it says what was saved, and ends with the four commands`() {
    let lines = report(delivered: 1_156, refusals: 0).text.split(separator: "\n").map(String.init)
    #expect(lines.contains("asks made                          1,156  for 300 tickets"))
    #expect(lines.contains("calls needed                       86     in 20 s"))
    #expect(
      lines.contains(
        "calls of a client without a queue  1,172  in 3 min 54 s, at 5 previews a second"
      ))
    #expect(lines.contains("refusals                           none"))
    #expect(lines.contains("The picture of it, to open in a browser: larkspur-demo.html"))
    #expect(lines.suffix(4) == DemoReport.commands[...])
    #expect(lines.contains("At 09:12, when the most asks were open:"))
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test func `a question is shown as it was asked`() {
    #expect(
      report(delivered: 1, refusals: 0).text.contains(
        "\nsqlite> select a\n   ...> from b;\nA\n7\n"))
  }

  @Test func `what is not delivered shows in the exit code, and refusals are not hidden`() {
    #expect(report(delivered: 1_156, refusals: 3).code == .done)
    #expect(
      report(delivered: 1_156, refusals: 3).text.contains(
        "refusals                           3"))
    #expect(report(delivered: 1_155, refusals: 0).code == .dead)
  }

  @Test func `for programs it is one object`() {
    #expect(
      report(delivered: 1_156, refusals: 0).object.text == """
        {"tickets":300,"asks":1156,"asks_delivered":1156,"calls":86,"took_ms":20400,\
        "one_token_calls":1172,"one_token_took_ms":234000,"refusals":0,\
        "nine_chats":{"asks":1,"calls":1,"members":17,"redrawn_ms":34},"report":"larkspur-demo.html"}
        """)
  }
}

struct DemoTroubleTests {
  @Test(arguments: [
    ("larkspur: it is broken.\n", "larkspur-work exited with 74: it is broken."),
    (
      "http://127.0.0.1:1\n",
      "larkspur-work exited with 74 and printed nothing; run 'larkspur demo' again"
    ),
    ("a\u{1b}\nb", "larkspur-work exited with 74: a\\u{1b} b"),
  ])
  func `a program that ended is quoted`(words: String, sentence: String) {
    #expect(ChildProcess.sentence("larkspur-work", 74, words) == sentence)
  }

  @Test func `a signal is named`() {
    #expect(
      ChildProcess.sentence("larkspur-work", 137, "")
        == "larkspur-work was killed by signal 9 and printed nothing; run 'larkspur demo' again")
  }

  @Test func `a folder that cannot be made is named, with what to do`() throws {
    let place = try Workplace()
    let ended = try place.runPlain(["demo"], variables: ["TMPDIR": "/nonexistent"])
    #expect(ended.code == 73 && ended.output.isEmpty)
    #expect(
      ended.sentences.contains(
        "cannot create a temporary folder in /nonexistent: no such file or directory; set TMPDIR"))
  }
}
