import Foundation
import Picture
import Testing

struct TraceTests {
  private typealias Event = [String: Any]

  private func events(
    _ threads: [Trace.Thread], _ parts: [[Trace.Slice]] = [],
    _ stretches: [QueueHistory.Stretch] = [],
    isFull: Bool = false
  ) throws -> [Event] {
    let trace = Trace(threads, stretches, now_ms: 10_000, isFull: isFull)
    let text = trace.head + parts.map(trace.text).joined() + Trace.end
    #expect(text.hasPrefix(Trace.beginning))
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(object?["traceEvents"] as? [Event])
  }

  private func thread(_ lane: String?, _ number: Int, api: String = "preview") -> Trace.Thread {
    Trace.Thread(account: "default", api: api, number: number, lane: lane)
  }

  private func slice(_ thread: Int, _ call: Int, api: String = "preview") -> Trace.Slice {
    Trace.Slice(
      account: "default", api: api, thread: thread, call: call, began_ms: 1_000 * call, took_ms: 80,
      outcome: "delivered", code: 0, logID: "log\"\(call)")
  }

  private func names(_ events: [Event], _ what: String) -> [String] {
    events.filter { $0["name"] as? String == what }
      .compactMap { ($0["args"] as? Event)?["name"] as? String }
  }

  @Test func `channels are processes, lanes are threads and calls are slices`() throws {
    let events = try events(
      [thread("short", 4), thread("card_1", 5, api: "card")],
      [[slice(4, 1)], [slice(5, 2, api: "card")]])
    #expect(names(events, "process_name") == ["default: previews", "default: cards"])
    #expect(names(events, "thread_name") == ["short", "card_1"])
    let slices = events.filter { $0["cat"] as? String == "call" }
    #expect(slices.map { $0["ts"] as? Int } == [1_000_000, 2_000_000])
    #expect(slices.map { $0["dur"] as? Int } == [80_000, 80_000])
    #expect(slices.map { $0["pid"] as? Int } == [1, 2])
    #expect(slices.map { $0["tid"] as? Int } == [4, 5])
    #expect((slices[0]["args"] as? Event)?["log_id"] as? String == "log\"1")
  }

  @Test func `similar tokens are different threads and have different names`() throws {
    let one = "tok000001ABCDEFGHIJKLMNOP"
    let other = "tok000002ABCDEFGHIJKLMNOP"
    let threads = [thread(one, 1), thread(other, 2)]
    let short = names(try events(threads), "thread_name")
    #expect(Set(short).count == 2 && short.allSatisfy { $0.hasPrefix("tok000…MNOP") })
    #expect(names(try events(threads, isFull: true), "thread_name") == [one, other])
  }

  @Test func `stops of a channel are a thread of it, and runs have a process of their own`() throws
  {
    let stretches: [QueueHistory.Stretch] = [
      .init(.run, began_ms: 0, ended_ms: nil),
      .init(.pause, account: "default", api: "preview", why: "why \"x\"", began_ms: 5, ended_ms: 9),
      .init(.pause, account: "default", api: "preview", why: "again", began_ms: 15, ended_ms: 19),
      .init(.parking, account: "default", reason: "address", began_ms: 7, ended_ms: nil),
    ]
    let events = try events([thread("a", 1)], [], stretches)
    #expect(names(events, "process_name") == ["default: previews", "worker", "default"])
    #expect(names(events, "thread_name") == ["a", "runs", "stopped", "stopped"])
    let spans = events.filter { $0["cat"] as? String == "worker" }
    #expect(spans.map { $0["dur"] as? Int } == [10_000_000, 4_000, 4_000, 9_993_000])
  }

  @Test func `without calls it is still a trace`() throws {
    #expect(try events([]).isEmpty)
  }

  @Test(arguments: ["</script>", "\u{202e}\u{0}\"\\\n", "\u{1b}[31m"])
  func `names from outside stay names`(name: String) throws {
    let events = try events([thread(name, 1)], [[slice(1, 1)]], isFull: true)
    #expect(names(events, "thread_name") == [name])
  }
}
