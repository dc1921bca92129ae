import Glibc
import Terminal
import Testing

@testable import Sandbox

/// Malformed bodies that a careless parser would accept.
struct StrictnessTests {
  @Test(arguments: [
    #"{"preview_tokens":["a",]}"#, #"{"preview_tokens":["a"],}"#,
    "{\u{0}\"preview_tokens\":[\"a\"]}",
  ])
  func `what is not quite JSON is none`(body: String) {
    var feishu = Feishu()
    #expect(feishu.post(body, at: 0).summary == "400 230001 invalid")
  }

  @Test func `a comma, a bracket or a quote in a string is text`() {
    var feishu = Feishu()
    let body = #"{"preview_tokens" : [ "a,]" , "b\",}" , "\\" ] }"#
    let judgement = feishu.post(body, at: 0)
    #expect(judgement.update?.previewTokens == ["a,]", #"b",}"#, #"\"#])
  }

  @Test func `a body with very many values is not read at all`() {
    let many = (0..<100_000).map { "\"\($0)\":0" }.joined(separator: ",")
    #expect(!StrictJSON.isSound("{\(many)}".utf8, marksMax: StrictJSON.marksInBody))
    #expect(Credentials(body: Array("{\(many)}".utf8)) == nil)
  }

  @Test func `a card's actions may have as many values as they like`() {
    let action = #"{"action":"delete_elements","params":{"element_ids":["a"]}}"#
    let actions = "[\(Array(repeating: action, count: 1_000).joined(separator: ","))]"
    #expect(CardUpdate(sequence: 1, actions: actions).wrongAction == nil)
    #expect(CardUpdate(sequence: 1, actions: "[\(action),]").wrongAction != nil)
  }

  @Test func `names that only look the same are different names`() {
    var feishu = Feishu()
    let one = "caf\u{e9}"
    let other = "cafe\u{301}"
    #expect(one == other)
    #expect(feishu.update([one, other], at: 0).summary == "200 0 ok")
    #expect(feishu.batch("c", 1, uuid: one, at: 0).verdict == .ok)
    #expect(feishu.batch("c", 2, uuid: other, at: 0).verdict == .ok)
    #expect(feishu.batch("c", 3, uuid: one, at: 0).verdict == .uuidConflict)
  }

  @Test(arguments: [("%2B1", "+1"), ("%+1", "%+1"), ("%2", "%2"), ("%zz", "%zz"), ("%41", "A")])
  func `an id in a path is decoded as a URL is`(text: String, id: String) {
    #expect(Route(path: Path.card(text))?.id == id)
  }

  @Test func `a target may name the host`() {
    #expect(Route(path: "http://127.0.0.1:9" + Path.previews)?.endpoint == .previews)
  }

  @Test func `of a body that will be refused for its token little is read`() {
    let feishu = Feishu()
    var request = Request(target: Path.card("c"), logID: "")
    #expect(feishu.rules.bodyMax(of: request, at: 0) == Endpoint.smallBody)
    request.authorization = "Bearer \(feishu.accessToken)"
    #expect(feishu.rules.bodyMax(of: request, at: 0) == Endpoint.cards.bodyMax)
    request.authorization = "Bearer  \(feishu.accessToken)"
    #expect(request.accessToken == feishu.accessToken)
  }

  @Test func `a line forgets what is taken out of it`() {
    var line = Line<Int>()
    for number in 0..<5_000 { line.append(number) }
    for number in 0..<5_000 {
      #expect(line.first == number)
      line.removeFirst()
    }
    #expect(line.first == nil)
    line.append(7)
    #expect(line.first == 7)
  }

  @Test func `a record that is a pipe without a reader is refused at once`() throws {
    let path = "/tmp/larkspur-fifo-\(UInt64.random(in: 0 ... .max))"
    mkfifo(path, 0o600)
    defer { unlink(path) }
    let failure = #expect(throws: Failure.self) { _ = try RecordFile(appendingTo: path) }
    #expect(failure?.sentence.contains("no process reads it") == true)
  }

  @Test(arguments: [
    ["--faults-on=token", "--quota"], ["--faults-on=token", "--limit=1"], ["--record="],
    ["--refuse-with=204:7"], ["--refuse-with=400:0"], ["--refuse-with=400:-5"],
    ["--card-limit-with=400::5"], ["--limit-status=304"], ["--app=a:b", "--app=a:c"],
  ])
  func `options that cannot mean anything are refused`(words: [String]) throws {
    #expect(throws: Failure.self) { try Settings(Options(words, knowing: Settings.options)) }
  }
}
