import Foundation
import Testing

@testable import Picture

struct ReportPageTests {
  /// The content between two texts.
  private func part(_ page: String, _ from: String, _ to: String) throws -> String {
    let start = try #require(page.range(of: from))
    let end = try #require(page.range(of: to, range: start.upperBound..<page.endIndex))
    return String(page[start.upperBound..<end.lowerBound])
  }

  @Test func `its policy allows the style and the script in it and nothing else`() throws {
    let page = Example.page(Example.full("token", "text"))
    let policy = try part(page, #"Content-Security-Policy" content=""#, "\">")
    #expect(policy.hasPrefix("default-src &#39;none&#39;"))
    for (name, text) in [
      ("style-src", try part(page, "<style>", "</style>")),
      ("script-src", try part(page, "<script>", "</script>")),
    ] {
      #expect(policy.contains("\(name) &#39;\(Policy.hash(text))&#39;"))
    }
    #expect(Hovering.script.utf8.count < 10_000)
    // No handler and no style would be allowed at an element.
    #expect(!page.contains(" style=") && !page.contains(" onload=") && !page.contains("http://"))
  }

  @Test func `every picture has a description`() {
    let page = Example.page(Example.full("token", "text"))
    let pictures = page.components(separatedBy: "<svg").dropFirst()
    let described = pictures.filter {
      $0.hasPrefix(" role=\"img\" aria-label=\"") || $0.contains("role=\"img\"")
    }
    #expect(described.count >= 3)
    for picture in pictures {
      let opening = picture.prefix { $0 != ">" }
      #expect(
        opening.contains("aria-label=\"") || opening.contains("aria-hidden=\"true\"")
          || opening.contains("preserveAspectRatio"), "\(opening)")
    }
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "\"onload='x'&amp;", "</svg></style><img src=x>", "<!--", "]]>",
    "a\u{202e}b\u{2066}c", "\u{1b}[31m", "a\u{0}b", "ou_\u{5d0}\u{5d1}",
  ])
  func `text from outside is shown and does nothing`(text: String) {
    let page = Example.page(Example.full(text, text, key: text), isFull: true)
    let usual = Example.page(Example.full("x", "y", key: "z"), isFull: true)
    // The page has the elements that it has with harmless text.
    let tags = { (page: String) in
      page.matches(of: #/<(/?[a-zA-Z!][a-z0-9-]*)/#).map { String($0.output.1) }
        .filter { $0 != "/code" && $0 != "code" }
    }
    #expect(tags(page) == tags(usual))
    let harmful: Set<Unicode.Scalar> = ["\u{202e}", "\u{2066}", "\u{1b}", "\u{0}"]
    #expect(!page.unicodeScalars.contains { harmful.contains($0) })
  }

  @Test func `tokens are shortened unless it is full`() {
    let token = "AAAAAAbbbbbbbbbbbbbbbbbbbbbbbbbbZZZZ"
    let history = Example.full(token, "token \(token) is invalid")
    #expect(!Example.page(history).contains(token))
    #expect(Example.page(history).contains("AAAAAA…ZZZZ"))
    #expect(Example.page(history, isFull: true).contains(token))
    #expect(Example.page(history, isFull: true).contains("treat this file as confidential"))
  }

  @Test func `a history without anything says so, and how to begin`() {
    let page = Example.page(Example.history())
    #expect(page.contains("Nothing to show yet") && page.contains("larkspur enqueue preview"))
    #expect(!page.contains("Lanes over time"))
  }

  @Test func `a report is recognized by its beginning`() {
    #expect(Example.page(Example.history()).hasPrefix(ReportPage.beginning))
  }

  @Test func `times are local, and their zone is named`() {
    let zone = LocalZone(parts: [.init(from_ms: 0, offset_s: 28_800, name: "CST")])
    let page = Example.page(Example.history(zone: zone))
    #expect(page.contains("Times are in CST (UTC+08:00)."))
    #expect(page.contains(zone.moment(Example.now)))
  }

  @Test func `accounts are named where there are several`() {
    var history = Example.full("token", "text")
    #expect(Example.page(history).contains("<h3>Previews</h3>"))
    history.channels.append(
      Example.channel([.init(place: 1, end: .delivered, calls: 1, lanes: 1)], of: "shop"))
    let page = Example.page(history)
    #expect(page.contains("<h3>shop: previews</h3>") && page.contains("<h3>default: previews</h3>"))
  }

  @Test func `a limited account is named`() {
    #expect(
      Example.page(Example.history(account: "shop")).contains("Only account <bdi>shop</bdi>."))
  }
}

struct ReasonTablesTests {
  private func dead(_ lane: String, isSecret: Bool = true, isFull: Bool = false) -> String {
    var history = Example.history()
    history.dead = [
      .init(account: "default", code: 1, message: "m", count: 1, lanes: [lane], areSecret: isSecret)
    ]
    return ReasonTables(
      history: history, names: ChannelNames(history),
      shortening: Shortening(isFull: isFull, names: history.secretNames)
    ).dead.source
  }

  private let token = "AAAAAAbbbbbbbbbbbbbbbbbbbbbbbbbbZZZZ"

  @Test func `a command names a lane only as it is`() {
    #expect(dead(token, isFull: true).contains("larkspur retry \(token)<"))
    #expect(dead(token).contains("larkspur retry --all-dead"))
    #expect(dead(token, isSecret: false).contains("larkspur retry \(token)<"))
    #expect(dead("a\u{202e}b").contains("larkspur retry --all-dead"))
    #expect(dead(String(repeating: "x", count: 200), isFull: true).contains("--all-dead"))
  }

  @Test func `a lane is one word of the shell`() {
    #expect(ShellWord.quoted("ab-c_1:/.") == "ab-c_1:/.")
    #expect(ShellWord.quoted("a b'c$(d)") == #"'a b'\''c$(d)'"#)
    #expect(ShellWord.quoted("--all-dead") == "'--all-dead'" && ShellWord.quoted("") == "''")
  }

  @Test func `a reason without a code is named by its HTTP status`() {
    let page = Example.page(Example.full("x", "y"))
    #expect(page.contains("<td>HTTP 502</td>"))
  }
}
