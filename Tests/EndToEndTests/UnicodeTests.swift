import Programs
import Testing

/// A server that has done what it was asked, and says so in invalid Unicode.
@Suite struct UnicodeTests {
  @Test(arguments: [
    #""half a character: \ud83d""#, "\"latin 1: \u{ff}\"", "\"cut off: \u{e4}\u{b8}\"",
  ])
  func `a success is a success`(message: String) throws {
    let host = try Stranger(
      // Every character is one byte.
      encode: { $0.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } },
      afterLogin: { _ in
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + #"{"code":0,"msg":\#(message)}"#
      })
    let place = try Place(sandbox: nil)
    place.set("LARKSPUR_BASE_URL", host.address)
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 1)
  }
}
