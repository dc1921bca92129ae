import Foundation
import Programs
import Testing

/// `larkspur report` of real work, compared with what the sandbox has recorded.
struct ReportTests {
  private func page(_ place: Place, _ words: String...) throws -> String {
    let run = try Programs.run("larkspur", ["report", "--out", "-"] + words, place.environment)
    #expect(run.status == 0 && run.err == "", "\(run.err)")
    return run.out
  }

  @Test func `the page tells what the server has seen`() throws {
    let place = try Place()
    try place.ask((0..<30).map { .preview("t\($0)", for: .everyone) })
    try place.ask([.preview("bad_token_1", for: .everyone)])
    try place.ask([
      (kind: "preview", lane: "a<b>x</b>", body: #"{"open_ids":["ou_1"]}"#),
      (kind: "key", lane: "nobody-has-seen-it", body: #"{"everyone":true}"#),
    ])
    _ = try place.work("--until-empty", "--quiet")
    let previews = try place.previews()
    let delivered = previews.filter(\.applied)
    let tokens = delivered.reduce(0) { $0 + ($1.preview_tokens?.count ?? 0) }
    let page = try page(place)
    #expect(page.contains(">\(delivered.count) delivered"))
    #expect(
      page.contains("<dt>calls saved</dt><dd>\(tokens - delivered.count)</dd>"), "\(page)")
    #expect(page.contains("1 lane dead; see <code>larkspur list --state dead</code>."))
    #expect(page.contains("<code>larkspur retry bad_token_1</code>"))
    #expect(page.contains("&lt;b&gt;x&lt;/b&gt;") && !page.contains("<b>x</b>"))
    #expect(page.contains("nobody-has-seen-it"))
    // The credentials are no part of the queue.
    #expect(!page.contains("cli_sandbox"))
  }

  @Test func `it can be written while a worker works and others ask`() throws {
    let place = try Place(sandbox: ["--latency", "20ms"])
    let worker = try place.startWork("--quiet")
    for round in 0..<5 {
      try place.ask((0..<30).map { .preview("t\(round)-\($0)", for: .everyone) })
      #expect(try page(place).hasSuffix("</html>\n"))
      let trace = try Programs.run("larkspur", ["report", "--trace", "-"], place.environment)
      #expect(
        (try? JSONSerialization.jsonObject(with: Data(trace.out.utf8))) != nil, "\(trace.out)")
    }
    #expect(eventually { ((try? place.delivered()) ?? 0) == 150 })
    worker.kill(SIGTERM)
    #expect(worker.finish().status == 0)
    #expect(try page(place).contains("150 asks were delivered"))
  }
}
