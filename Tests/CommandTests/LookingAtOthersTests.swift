import Larkspur
import Testing

/// Cards and sessions in `list`, `status` and the repair commands, with the built program.
struct LookingAtOthersTests {
  let place: Workplace
  static let session = #"{"id":"session_1","metadata":"{\"a\":\"票\"}"}"#

  init() throws {
    place = try Workplace()
    let batch = "[\(EnqueueCardTests.action)]"
    _ = try place.run("enqueue", "card", "c1", "--actions", "-", input: batch)
    _ = try place.run("enqueue", "session", "session_1", "--metadata", "x")
  }

  /// The state that a worker leaves: the card waits and the session has been sent.
  private func work() throws {
    try place.asWorker(
      """
      insert into lane (id, account_id, kind, name, state, since_ms, ready_ms, calls, result)
        select id, 1, kind, lane, 'waiting', asked_ms, asked_ms, 1, null from ask;
      update ask set lane_id = id, first_call = 1;
      update worker set folded_ask = 2;
      update ask set outcome = 'delivered', ended_ms = 1 where id = 2;
      update lane set state = 'idle', ready_ms = null, result = '\(Self.session)' where id = 2;
      """)
  }

  @Test func `a list for people has no audience where nobody has one, and no answers`() throws {
    let new = try place.run("list").output.split(separator: "\n")
    #expect(new[0].hasPrefix("KIND     LANE       STATE  ASKS  SINCE"))
    #expect(new[1].hasPrefix("card     c1         new    1     20"))
    #expect(new[2].hasPrefix("session  session_1  new    1     20"))
    try work()
    let folded = try place.run("list").output.split(separator: "\n")
    #expect(folded.count == 2)
    #expect(folded[0].hasPrefix("KIND  LANE  STATE  ASKS  SINCE") && !folded[0].contains("RESULT"))
    #expect(folded[1].hasPrefix("card  c1    ready  1     20"))
  }

  @Test func `an audience is a column again when a preview is among them`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    let lines = try place.run("list").output.split(separator: "\n")
    #expect(lines[0].hasPrefix("KIND     LANE       STATE  AUDIENCE  ASKS"))
  }

  @Test func `what a session answered last is a value in JSON`() throws {
    try work()
    let idle = try place.run("list", "--state", "idle", "--json")
    #expect(
      idle.output == """
        {"account":"default","kind":"session","lane":"session_1","calls":1,\
        "result":\(Self.session),"last_delivered":null}

        """)
    _ = try place.run("enqueue", "session", "session_1", "--metadata", "y")
    try place.asWorker(
      """
      update lane set state = 'waiting', ready_ms = 1, since_ms = 1 where id = 2;
      update ask set lane_id = 2, first_call = 2 where id = 3;
      update worker set folded_ask = 3;
      """)
    let waiting = try place.run("list", "--json").output.split(separator: "\n")
    #expect(waiting.count == 2)
    #expect(waiting[0].contains(#","result":null,"#))
    #expect(waiting[1].contains(#","result":\#(Self.session),"#))
  }

  @Test func `a list of idle lanes is short, and may be empty`() throws {
    let none = try place.run("list", "--state", "idle")
    #expect(none == Ended(code: 0, output: "", sentences: "larkspur: nothing idle\n"))
    try work()
    #expect(
      try place.run("list", "--state", "idle").output == """
        KIND     LANE       CALLS
        session  session_1  1

        """)
  }

  @Test func `the status counts lanes of every kind`() throws {
    #expect(try place.run("status").output.contains("asks     2 new, 0 delayed"))
    try work()
    #expect(
      try place.run("status").output.contains("lanes    1 ready, 0 waiting, 0 in flight, 0 dead"))
  }

  @Test func `a pause is that of the calls it stops`() throws {
    try work()
    try place.asWorker(
      """
      insert into budget (account_id, api, paused_ms, paused_why)
        values (1, 'session', 4102444800000, 'the user access token is refused');
      insert into budget (account_id, api, paused_ms) values (1, 'card', 1);
      """)
    let text = try place.run("status").output
    #expect(text.contains("lanes    1 ready, 0 waiting, 0 in flight, 0 dead"))
    #expect(text.contains("account  default: session calls paused until 2"))
    #expect(text.contains("the user access token is refused"))
  }

  @Test func `lanes are mended by their names, whatever they are`() throws {
    try work()
    try place.asWorker(
      """
      update ask set outcome = 'dead', reason = '200740', ended_ms = 1 where id = 1;
      update lane set state = 'idle', ready_ms = null where id = 1;
      """)
    let retried = try place.run("retry", "c1")
    #expect(retried.sentences == "larkspur: requeued 1 dead ask\n")
    let cancelled = try place.run("cancel", "c1")
    #expect(cancelled.sentences == "larkspur: cancelled 1 ask for 'c1'\n")
    #expect(try place.run("cancel", "session_1").code == 65)
  }
}
