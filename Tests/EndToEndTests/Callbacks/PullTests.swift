import Foundation
import Larkspur
import Programs
import Testing

/// The sandbox's clients pull from a real app, which checks what it is sent with code of its own.
@Suite(.serialized, .enabled(if: CallbackApp.canBeMade, "python3 and OpenSSL's library are needed"))
struct PullTests {
  @Test func `the address is verified first, and everything is encrypted and signed`() throws {
    let app = try CallbackApp(encryptKey: "test key")
    try app.change(title: "one")
    let message = try app.settled(try app.post("ou_1", "ou_2").number)
    #expect(message.titles == ["one", "one"], "\(message)")
    let received = try app.received()
    #expect(received.map(\.type) == ["url_verification", "url.preview.get", "url.preview.get"])
    #expect(received.allSatisfy { $0.encrypted && $0.signed })
  }

  @Test func `without an Encrypt Key the callback is plain and has the verification token`() throws
  {
    let app = try CallbackApp(sandbox: "--verification-token", "v-1")
    try app.change(title: "one")
    let message = try app.settled(try app.post("ou_1").number)
    let received = try app.received()
    #expect(received.count == 2 && received.allSatisfy { !$0.encrypted })
    #expect(received[0].body.token == "v-1" && received[1].body.header?.token == "v-1")
    #expect(received[1].body.header?.app_id == "cli_sandbox")
    #expect(received[1].body.event?.context.preview_token == message.token)
    #expect(received[1].body.event?.operator.open_id == "ou_1")
  }

  @Test func `a change is redrawn for exactly the members it was refreshed for`() throws {
    let app = try CallbackApp()
    try app.change(title: "running")
    let message = try app.settled(try app.post("ou_1", "ou_2", "ou_3").number)
    let token = try #require(message.token)
    try app.change(title: "passed")
    let changed_ms = Int(Date().timeIntervalSince1970 * 1_000)
    try app.place.ask([.preview(token, for: .people(["ou_1", "ou_3", "ou_stranger"]))])
    #expect(try app.place.work("--until-empty").status == 0)
    let redrawn = try app.settled(message.number)
    #expect(redrawn.titles == ["passed", "running", "passed"] && redrawn.pulls == [2, 1, 2])
    let drawn_ms = redrawn.members.compactMap(\.drawn_ms)
    #expect(drawn_ms[0] >= changed_ms && drawn_ms[1] <= changed_ms && drawn_ms[2] >= changed_ms)
  }

  @Test func `a change is redrawn for everyone`() throws {
    let app = try CallbackApp(encryptKey: "test key")
    try app.change(title: "running")
    let message = try app.settled(try app.post("ou_1", "ou_2").number)
    try app.change(title: "passed")
    try app.place.ask([.preview(try #require(message.token), for: .everyone)])
    #expect(try app.place.work("--until-empty").status == 0)
    let redrawn = try app.settled(message.number)
    #expect(redrawn.titles == ["passed", "passed"] && redrawn.pulls == [2, 2])
  }

  @Test func `a pull that takes 4 s is not repeated, and the member keeps what it saw`() throws {
    let app = try CallbackApp()
    try app.change(title: "one")
    let message = try app.settled(try app.post("ou_1").number)
    try app.change(title: "two")
    try app.change(delay_s: 4)
    try app.place.ask([.preview(try #require(message.token), for: .everyone)])
    #expect(try app.place.work("--until-empty").status == 0)
    let late = try app.settled(message.number)
    #expect(late.titles == ["one"] && late.members[0].trouble == "no answer within 3 s")
    // A repeated pull would be sent before that of a later message.
    try app.change(delay_s: nil)
    _ = try app.settled(try app.post("ou_2").number)
    let users = try app.received().compactMap { $0.body.event?.operator.open_id }
    #expect(users == ["ou_1", "ou_1", "ou_2"])
    #expect(try app.message(message.number).titles == ["one"])
  }

  @Test func `a draft has no token, and a signature has no chat`() throws {
    let app = try CallbackApp()
    try app.change(title: "one")
    let draft = try app.settled(try app.post("ou_1", place: "draft").number)
    let signature = try app.settled(try app.post("ou_2", place: "signature").number)
    #expect(draft.token == nil && draft.titles == ["one"] && signature.titles == ["one"])
    let contexts = try app.received().compactMap { $0.body.event?.context }
    #expect(contexts.map(\.preview_token) == [nil, signature.token] && signature.token != nil)
    #expect(contexts.map(\.open_chat_id) == ["", ""])
  }

  @Test func `a cached preview is drawn without a pull`() throws {
    let app = try CallbackApp(sandbox: "--client-cache", "3600")
    try app.change(title: "one")
    _ = try app.settled(try app.post("ou_1").number)
    let other = try app.post("ou_2")
    #expect(other.titles == ["one"] && other.members[0].from_cache && other.pulls == [0])
    #expect(try app.received().filter { $0.type == "url.preview.get" }.count == 1)
  }

  @Test func `forty members pull, each once`() throws {
    let app = try CallbackApp()
    try app.change(title: "one")
    let members = (0..<40).map { "ou_\($0)" }
    let message = try app.settled(try app.post(members).number)
    #expect(message.titles.allSatisfy { $0 == "one" } && message.pulls.allSatisfy { $0 == 1 })
    let pulled = try app.received().compactMap { $0.body.event?.operator.open_id }
    #expect(pulled.sorted() == members.sorted())
  }

  @Test func `the page shows what members see`() throws {
    let app = try CallbackApp()
    try app.change(title: "Build 1041: passed")
    _ = try app.settled(try app.post("ou_1").number)
    let connection = try RawConnection(to: app.place.port)
    connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    let page = connection.whole()
    #expect(page.contains("What members see") && page.contains("Build 1041: passed"))
  }
}
