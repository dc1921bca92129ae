import Planning
import Testing

@testable import Delivery

struct RedactionTests {
  private func redaction(_ secrets: String...) -> Redaction {
    var redaction = Redaction()
    for (number, secret) in secrets.enumerated() {
      redaction.know(secret, from: .login(account: number))
    }
    return redaction
  }

  @Test(arguments: [
    (#"a"b\c/de"#, #"said a"b\c/de."#), (#"a"b\c/de"#, #"said a\"b\\c\/de."#),
    (#"a"b\c/de"#, #"said a%22b%5cc%2Fde."#), (#"a"b\c/de"#, #"said a\\\"b\\\\c/de."#),
    ("pass é", #"said pass \u00e9."#), ("😀passed", #"said \ud83d\ude00passed."#),
    ("abc", "said abc."), ("ab%2Fcd", "said ab%2Fcd."), ("ab%2Fcd", "said ab%252Fcd."),
  ])
  func `a secret is found however it is written`(secret: String, text: String) {
    #expect(redaction(secret).text(text) == "said [redacted].")
  }

  @Test func `what is no secret stays as it is`() {
    let redaction = redaction("ab", "secret-one")
    for text in ["", "about cabs", "secret-two 100% \\o/ %zz \\u12", "票 😀"] {
      #expect(redaction.text(text) == text)
    }
  }

  @Test func `secrets side by side, in each other and twice are all taken out`() {
    #expect(
      redaction("secret-one", "secret-one-more", "ret-one").text(
        "secret-one-more,secret-onesecret-one.") == "[redacted],[redacted].")
  }

  @Test(arguments: ["", "...", "…"])
  func `a secret that was cut off is found, at the end and elsewhere`(dots: String) {
    #expect(
      redaction("secret-number-one").text("said secret-num\(dots)") == "said [redacted]\(dots)")
    #expect(
      redaction("secret-number-one").text("said \"secret-num\(dots)\" of")
        == "said \"[redacted]\(dots)\" of")
  }

  @Test func `a text is cut after its secrets are out`() {
    #expect(redaction("secret-one").text("said secret-one", atMost: 15) == "said [redacted]")
    #expect(redaction("secret-one").text("said secret-one", atMost: 8) == "said [re")
  }

  @Test func `of each place the last few are known`() {
    var redaction = Redaction()
    for number in 1...6 { redaction.know("\(number)-is-the-token", from: .login(account: 1)) }
    redaction.know("3-is-the-token", from: .login(account: 1))
    #expect(redaction.text("1-is-the-token") == "1-is-the-token")
    for number in [3, 5, 6] { #expect(redaction.text("\(number)-is-the-token") == "[redacted]") }
  }

  @Test(arguments: [
    ("Authorization: Bearer t-1234567", "Authorization: Bearer [redacted]"),
    ("bearer 12345678, bearer abcdefgh", "bearer [redacted], bearer abcdefgh"),
    ("no Bearer token", "no Bearer token"), ("Bearer", "Bearer"),
    (
      "see https://me:pw@a/b@c and http://a:1/x@y",
      "see https://[redacted]@a/b@c and http://a:1/x@y"
    ),
  ])
  func `bearers and user names in addresses are recognised by where they stand`(
    text: String, safe: String
  ) {
    #expect(Redaction().text(text) == safe)
  }

  @Test func `control characters are shown`() {
    #expect(
      Redaction().text("a\u{1b}[31m\u{9b}\u{202e}\u{7f}") == #"a\u{1b}[31m\u{9b}\u{202e}\u{7f}"#)
  }

  @Test func `a session's texts lose their secrets, and nothing else`() {
    #expect(
      redaction("secret-one").json(
        .object(["secret-one": .list([.string("a secret-one"), .number(1), .null])]))
        == .object(["[redacted]": .list([.string("a [redacted]"), .number(1), .null])]))
  }

  @Test(arguments: ["https_proxy", "HTTP_PROXY", "all_proxy"])
  func `a proxy's credentials are known from any variable`(name: String) {
    let redaction = Redaction(environment: [name: "http://me:p%2Fword@proxy"])
    for text in ["me:p%2Fword", "p%2Fword", "p/word", "bWU6cC93b3Jk"] {
      #expect(redaction.text("\(text) said") == "[redacted] said")
    }
    #expect(redaction.libraryText("no proxy") == "no proxy")
  }

  @Test func `an address that libcurl would misread is not quoted in its words`() {
    let unclear = ["https_proxy": "http://me:pa#word@proxy", "ALL_PROXY": "http://proxy"]
    let told = Redaction(environment: unclear).libraryText("pa")
    #expect(told.contains("in https_proxy, percent-encode"))
    let overruled = ["https_proxy": "http://proxy", "ALL_PROXY": "http://me:pa#word@proxy"]
    #expect(Redaction(environment: overruled).libraryText("host pa") == "host pa")
  }
}
