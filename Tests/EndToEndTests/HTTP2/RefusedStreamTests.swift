import Larkspur
import Programs
import Testing

/// HTTP/2 can say that a call was not processed. Only then may it be sent again at once.
@Suite(.enabled(if: SecureFeishu.canBeMade, "python3 and openssl are there"))
struct RefusedStreamTests {
  private static let ok = "ok"

  @Test(arguments: ["refuse", "goaway-below", "goaway-close", "goaway-error"])
  func `a call that was not processed goes out again at once, and counts as one`(
    deed: String
  ) throws {
    let feishu = try SecureFeishu([Self.ok, deed])
    let place = try feishu.place()
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 0, "\(run.err)")
    #expect(try feishu.calls().map(\.deed) == [deed, Self.ok])
    #expect(try place.delivered() == 1)
    #expect(try place.number("select count(*) from call where api = 'preview'") == 1)
    #expect(try place.number("select max(attempts) from lane") == 0)
  }

  @Test(arguments: ["refuse", "goaway-close"])
  func `so does a request for an access token, on a new connection`(deed: String) throws {
    let feishu = try SecureFeishu([deed])
    let place = try feishu.place()
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 0, "\(run.err)")
    #expect(try place.delivered() == 1)
  }

  @Test(arguments: ["refuse", "goaway-below", "goaway-close"])
  func `one that is refused twice costs no attempt and no slot`(deed: String) throws {
    let feishu = try SecureFeishu([Self.ok, deed, deed])
    let place = try feishu.place()
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 69 && run.err.contains("HTTP/2"), "\(run.err)")
    #expect(try feishu.calls().map(\.deed) == [deed, deed])
    #expect(try place.number("select max(attempts) from lane") == 0)
    #expect(try place.number("select max(slot_ms) from lane") == 0)
    #expect(try place.work("--until-empty").status == 0)
    #expect(try place.delivered() == 1)
  }

  @Test(arguments: ["cancel", "cancel-close", "goaway-at", "close", "refuse-begun"])
  func `one that may have been processed keeps its slot and counts as a failure`(
    deed: String
  ) throws {
    let feishu = try SecureFeishu([Self.ok, deed])
    let place = try feishu.place()
    try place.ask([.preview("a", for: .everyone)])
    let run = try place.work("--once")
    #expect(run.status == 75, "\(run.err)")
    #expect(try feishu.calls().map(\.deed) == [deed])
    #expect(try place.number("select count(failed_ms) from lane") == 1)
    #expect(try place.number("select max(slot_ms) > 0 from lane") == 1)
  }

  @Test func `of calls that share a connection, those that were processed go out once`() throws {
    let feishu = try SecureFeishu([Self.ok, Self.ok, "goaway-below"])
    let place = try feishu.place()
    try place.ask((1...5).map { .preview("t\($0)", for: .people(["ou_\($0)"])) })
    let run = try place.work("--until-empty")
    #expect(run.status == 0, "\(run.err)")
    let processed = try feishu.calls().filter { $0.deed == Self.ok }.map(\.body)
    #expect(processed.count == 5 && Set(processed).count == 5, "\(processed)")
    #expect(try place.delivered() == 5)
    #expect(try place.number("select max(attempts) from lane") == 0)
  }
}
