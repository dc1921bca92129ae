import Testing

@testable import Picture

struct ShorteningTests {
  private let one = "tok000001ABCDEFGHIJKLMNOP"
  private let other = "tok000002ABCDEFGHIJKLMNOP"

  @Test func `a token keeps its beginning and its end`() {
    let shortening = Shortening(isFull: false, names: [one])
    #expect(shortening.token(one) == "tok000…MNOP")
    #expect(shortening.token("short-token") == "short-token")
  }

  @Test func `similar tokens do not look the same`() {
    let shortening = Shortening(isFull: false, names: [one, other, one])
    #expect(shortening.token(one) != shortening.token(other))
    #expect(shortening.token(one).hasPrefix("tok000…MNOP~"))
    #expect(shortening.token(one) == Shortening(isFull: false, names: [other, one]).token(one))
  }

  @Test func `words of a sentence that may be tokens are shortened as well`() {
    let shortening = Shortening(isFull: false, names: [])
    #expect(shortening.message("token \(one), and 5") == "token tok000…MNOP, and 5")
    #expect(
      shortening.message("request trigger frequency limit") == "request trigger frequency limit")
  }

  @Test func `in full, nothing is shortened`() {
    let shortening = Shortening(isFull: true, names: [one, other])
    #expect(shortening.token(one) == one && shortening.message(one) == one)
  }
}
