import Testing

@testable import Sandbox

/// What the page shows of the clients.
struct MessageTablesTests {
  private let chat: Chat

  init() throws { chat = try Chat() }

  private func page(at now: Microseconds = 10 * second, hasClients: Bool = true) -> String {
    Page(
      history: History(started: 0), rules: RuleSettings(), faults: FaultSettings(),
      address: "http://127.0.0.1:9000", clients: hasClients ? chat.clients : nil
    ).text(at: now)
  }

  @Test func `without clients there is no such section`() {
    #expect(!page(hasClients: false).contains("What members see"))
  }

  @Test func `before the first message it says how to post one`() {
    #expect(page().contains("curl http://127.0.0.1:9000/sandbox/messages -d"))
    #expect(page().contains("<code>http://localhost:8000/</code>"))
  }

  @Test
  func `each member is shown with what it sees, since when, and how often it pulled`() {
    chat.wait(6_800_000)
    _ = chat.post("ou_1", url: "https://example.com/1")
    chat.settle(on: "Build 1041: passed")
    let page = page()
    #expect(page.contains(#"<span class="name">https://example.com/1</span>"#))
    #expect(page.contains("a message in oc_1") && page.contains("w00-run-1"))
    #expect(page.contains(#"class="sees"><span class="name">Build 1041: passed</span></td>"#))
    #expect(page.contains(#"class="when">3.2 s ago</td>"#))
    #expect(page.contains(#"class="number">1</td>"#) && page.contains("</span> drawn</span>"))
  }

  @Test func `the first refresh that it suggests is that of the latest message`() {
    _ = chat.post("ou_1")
    #expect(page().contains("larkspur enqueue preview w00-run-1 --everyone\n"))
  }

  @Test func `a member that saw no answer yet sees the link`() {
    _ = chat.post("ou_1")
    #expect(page().contains("the link</span>") && page().contains("</span> waiting</span>"))
  }

  @Test func `a pull that brought nothing is shown with the reason`() throws {
    _ = chat.post("ou_1")
    chat.verify()
    chat.end(try #require(chat.next()), .failed("no answer within 3 s"))
    #expect(page().contains("</span> no answer within 3 s</span>"))
  }

  @Test func `an address that is not verified is told`() throws {
    _ = chat.post("ou_1")
    chat.end(try #require(chat.next()), .failed("cannot connect: connection refused"))
    #expect(page().contains("is not verified: cannot connect: connection refused.</p>"))
  }

  @Test func `a preview from the cache is shown as one`() throws {
    let chat = try Chat(cache_s: 60)
    _ = chat.post("ou_1")
    chat.settle(on: "one")
    _ = chat.post("ou_2")
    let page = Page(
      history: History(started: 0), rules: RuleSettings(), faults: FaultSettings(),
      address: "http://127.0.0.1:9000", clients: chat.clients
    ).text(at: 0)
    #expect(page.contains("</span> none: from the cache</span>"))
  }

  @Test func `what comes from an app or a test is shown as text`() {
    _ = chat.post("<i>ou</i>", url: "https://example.com/<b>")
    chat.settle(on: "<script>alert(1)</script>")
    let page = page()
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(!page.contains("<script>") && !page.contains("<i>ou") && !page.contains("<b>\""))
  }

  @Test func `of many messages and members the page shows some`() {
    for number in 0..<Page.messagesMax + 1 { _ = chat.post("ou_1", url: "https://x/\(number).") }
    let crowd = (0...Page.membersMax).map { "ou_\($0)." }
    _ = chat.clients.post(NewMessage(url: "https://x/crowd", chat: "oc_1", members: crowd), at: 0)
    let page = page()
    #expect(page.contains("https://x/20.") && !page.contains("https://x/1."))
    #expect(page.contains("The latest 20 of 22 messages."))
    #expect(page.contains("ou_49.") && !page.contains("ou_50."))
    #expect(page.contains("and 1 member more"))
  }
}
