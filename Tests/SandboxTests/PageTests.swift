import Terminal
import Testing

@testable import Sandbox

struct PageTests {
  private var feishu = Feishu()
  private var history = History(started: 0)

  private mutating func post(_ tokens: [String], openIDs: [String]? = nil, at now: Microseconds) {
    let judgement = feishu.update(tokens, openIDs: openIDs, at: now)
    history.note(Request(target: Path.previews, logID: ""), judgement, at: now)
  }

  private func page(
    _ rules: RuleSettings = RuleSettings(), faults: FaultSettings = FaultSettings(),
    isHeld: Bool = false, at now: Microseconds = 10 * second
  ) -> String {
    Page(
      history: history, rules: rules, faults: faults, address: "http://127.0.0.1:9000",
      isHeld: isHeld
    ).text(at: now)
  }

  @Test func `an empty page says how the first call is made`() {
    let page = page()
    #expect(page.contains("export LARKSPUR_BASE_URL=http://127.0.0.1:9000\n"))
    #expect(page.contains("LARKSPUR_APP_ID=cli_sandbox LARKSPUR_APP_SECRET=sandbox\n"))
    #expect(page.contains("larkspur enqueue preview build-1041 --everyone\n"))
  }

  @Test func `the secret of another app is not told`() {
    var rules = RuleSettings()
    rules.apps = ["cli_1": "s3cret"]
    let page = page(rules)
    #expect(page.contains("LARKSPUR_APP_ID=cli_1 LARKSPUR_APP_SECRET=…\n"))
    #expect(!page.contains("s3cret"))
  }

  @Test mutating func `neither secrets nor access tokens are on the page`() {
    let judgement = feishu.login(at: 0).judgement
    history.note(Request(target: Path.accessToken, logID: ""), judgement, at: 0)
    post(["a"], at: 0)
    let page = page()
    #expect(!page.contains(feishu.accessToken) && !page.contains("=sandbox"))
  }

  @Test mutating func `a refreshed preview is shown with when, how often and for whom`() {
    post(["ticket-1", "ticket-2"], openIDs: ["ou_1", "ou_2"], at: 6_800_000)
    let page = page()
    #expect(page.contains(#"<span class="name">ticket-1</span>"#))
    #expect(page.contains(#"class="when">3.2 s ago</td>"#))
    #expect(page.contains("2 people") && page.contains("ticket-1</span> and 1 more"))
    #expect(!page.contains("LARKSPUR_APP_ID"))
  }

  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    (#"" onload="x'&"#, "&quot; onload=&quot;x&#39;&amp;"),
    ("a\u{0}\n\u{202e}b", #"a\u{0}\u{a}\u{202e}b"#),
  ])
  mutating func `what comes from outside is shown as text`(token: String, shown: String) {
    post([token], at: 0)
    let judgement = feishu.judge(token, path: "/\(token)")
    history.note(Request(method: token, target: "/\(token)", logID: ""), judgement, at: 0)
    let page = page()
    #expect(page.contains(#"<span class="name">\#(shown)</span>"#))
    #expect(page.contains(#"<span class="name">\#(shown) /\#(shown)</span>"#))
    #expect(!page.contains(token))
  }

  @Test mutating func `a refusal is shown with its code and a sentence`() {
    post(["bad_token_1"], at: 0)
    let page = page()
    #expect(page.contains(#"<td class="code">230001</td><td>A preview token or an open_id"#))
    #expect(page.contains("<dt>refused</dt><dd>1</dd>"))
  }

  @Test mutating func `an answer that was lost is shown as one that took effect, with its fault`() {
    feishu = Feishu(faults: FaultSettings(chances: [.dropAfter: .always]))
    post(["a"], at: 0)
    history.end(1, answered: nil)
    let page = page()
    #expect(page.contains("</span> took effect</span> <span class=\"fault\">drop after</span>"))
    #expect(page.contains(#"class="code">none</td>"#) && page.contains("no answer</td>"))
  }

  @Test mutating func `every verdict, fault and end can be shown`() {
    let verdicts: [Verdict] = [
      .ok, .tooEarly, .limited, .cardLimited, .staleSequence, .uuidConflict, .replayed, .missing,
      .expired, .invalid, .malformed, .noAccessToken, .badAccessToken, .badCredentials,
      .unknownPath, .wrongMethod, .tooLarge, .fault,
    ]
    for verdict in verdicts {
      for fault in [nil] + Fault.allCases {
        let judgement = Judgement(verdict: verdict, fault: fault)
        history.note(Request(target: "/", logID: ""), judgement, at: 0)
      }
    }
    let page = page()
    for fault in Fault.allCases { #expect(page.contains("<code>\(fault.rawValue)</code>")) }
    for verdict in verdicts where verdict != .ok && verdict != .fault {
      #expect(page.contains("<code>\(verdict.rawValue)</code>"))
    }
  }

  @Test mutating func `the chart says in words what it shows`() {
    for call in 0..<7 { post(["p\(call)"], at: 8 * second) }
    let page = page(at: 9 * second)
    #expect(
      page.contains(
        "Previews, calls per second over the last minute: 7 in the last second, at most 7; "
          + "5 accepted and 2 refused in all. The limit is 5."))
    #expect(page.contains(#"<path class="limit""#))
  }

  @Test func `a page that is held does not load itself anew`() {
    #expect(page().contains(#"http-equiv="refresh""#))
    #expect(!page(isHeld: true).contains(#"http-equiv="refresh""#))
  }

  @Test func `the rules and the faults in force are named`() {
    var rules = RuleSettings()
    rules.previewPace.perSecond = 0
    let faults = FaultSettings(
      chances: [.dropAfter: .likely(0.5), .never: .first(3)], latency: 50_000)
    let page = page(rules, faults: faults)
    #expect(page.contains("no limit on calls; a token once in 5\u{a0}s"))
    #expect(page.contains("--drop-after 0.5, --never first:3, --latency 50 ms"))
  }

  @Test mutating func `which app a call is from is shown where there are several`() {
    post(["a"], at: 0)
    #expect(!page().contains("cli_sandbox"))
    var rules = RuleSettings()
    rules.apps["cli_2"] = "two"
    #expect(page(rules).contains(#"class="app">cli_sandbox</td>"#))
  }

  @Test(arguments: [
    (0, "now"), (99_999, "now"), (100_000, "0.1 s ago"), (3_240_000, "3.2 s ago"),
    (42_000_000, "42 s ago"), (300_000_000, "5 min ago"), (7_200_000_000, "2 h ago"),
    (90_000_000_000, "1 day ago"),
  ])
  func `a moment is told as a person would`(span: Microseconds, told: String) {
    #expect(ago(second, at: second + span) == told)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")])
  func `digits stand in threes`(number: Int, text: String) { #expect(grouped(number) == text) }
}
