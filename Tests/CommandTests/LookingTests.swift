import Foundation
import Larkspur
import Testing

/// `status`, `list` and the repair commands, with the built program.
struct LookingTests {
  let place: Workplace

  init() throws {
    place = try Workplace()
    _ = try place.run("enqueue", "preview", "A", "B", "--everyone")
  }

  /// Lanes in the state in which a worker leaves them.
  private func fold() throws {
    try place.asWorker(
      """
      insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0);
      insert into lane (id, account_id, kind, name, state, audience_id, since_ms, ready_ms)
        select id, 1, 'preview', lane, 'waiting', 1, asked_ms, asked_ms from ask;
      update ask set lane_id = id, audience_id = 1, first_call = 1;
      update worker set folded_ask = (select max(id) from ask);
      """)
  }

  private func killB() throws {
    try place.asWorker(
      """
      update ask set outcome = 'dead', ended_ms = 0, reason = 'refused\u{1b}[31m' where lane = 'B';
      update lane set state = 'idle', audience_id = null, ready_ms = null where name = 'B';
      """)
  }

  @Test func `a list for people has a header`() throws {
    let lines = try place.run("list").output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("LANE  STATE  AUDIENCE  ASKS  SINCE"))
    #expect(lines[1].hasPrefix("A     new    everyone  1     20"))
  }

  @Test func `a list for programs has moments in UTC`() throws {
    try place.asWorker(
      """
      delete from ask;
      insert into ask (lane, body, asked_ms) values ('A', '{"everyone":true}', 0);
      """)
    let ended = try place.runPlain(
      ["list", "--json", "--limit", "1", "--db", place.queue],
      variables: ["TZ": "Asia/Shanghai"])
    #expect(
      ended.output == """
        {"account":"default","kind":"preview","lane":"A","state":"new","audience":"everyone",\
        "asks":1,"since":"1970-01-01T00:00:00Z","next":"now","attempts":0,"last_error":"",\
        "result":null,"because":"","urgent":false,"people":null,"everyone":true,"next_at":null}

        """)
  }

  @Test func `a list for programs gives numbers and moments for what the view says in words`()
    throws
  {
    _ = try place.run(
      "enqueue", "preview", "C", "--open-id", "ou_1", "--open-id", "ou_2", "--after", "1h")
    let line = try place.run("list", "C", "--json").output
    #expect(
      line.contains(#""audience":"2 people""#) && line.contains(#""people":2,"everyone":false"#))
    let moment = try #require(line.firstMatch(of: #/"next":"([^"]*)"/#))
    #expect(line.contains(#""next_at":"\#(moment.1)""#) && moment.1.hasSuffix("Z"))
  }

  @Test func `a list can be of one lane, of one kind, or of what is recent`() throws {
    _ = try place.run("enqueue", "session", "session_1", "--metadata", "x")
    #expect(try place.run("list", "B").output.split(separator: "\n").count == 2)
    #expect(try place.run("list", "--kind", "session").output.contains("session_1"))
    #expect(try !place.run("list", "--kind", "session").output.contains("everyone"))
    #expect(try place.run("list", "--since", "1h").output.split(separator: "\n").count == 4)
    try place.asWorker("update ask set asked_ms = asked_ms - 7200000 where lane = 'A'")
    #expect(try place.run("list", "--since", "1h").output.split(separator: "\n").count == 3)
    #expect(try place.run("list", "A", "B").code == 64)
    #expect(try place.run("list", "--kind", "foo").code == 64)
  }

  @Test func `a long list for people is cut, and says so`() throws {
    let ended = try place.run("list", "--limit", "1")
    #expect(ended.output.split(separator: "\n").count == 2)
    #expect(ended.sentences.contains("showing the first 1;"))
  }

  @Test func `a list longer than the memory for it arrives whole`() throws {
    let lines = (1...2_000).map { #"{"token":"t\#($0)","everyone":true}"# }
    _ = try place.run("enqueue", "preview", "--from", "-", input: lines.joined(separator: "\n"))
    let listed = try place.run("list", "--json").output.split(separator: "\n")
    #expect(listed.count == 2_002)
    #expect(listed.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    let cut = try place.run("list").output.split(separator: "\n")
    #expect(cut.count == 1_001)
  }

  @Test func `a state narrows the list, and nothing is a sentence`() throws {
    try fold()
    #expect(try place.run("list", "--state", "ready").output.split(separator: "\n").count == 3)
    let none = try place.run("list", "--state", "parked", "--account", "shop")
    #expect(
      none
        == Ended(code: 0, output: "", sentences: "larkspur: nothing parked in account 'shop'\n")
    )
    #expect(try place.run("list", "--state", "dead", "--quiet").sentences == "")
  }

  @Test func `what is dead is listed with its reason, and escapes are not obeyed`() throws {
    try fold()
    try killB()
    let ended = try place.run("list", "--state", "dead")
    #expect(ended.output.contains("REASON"))
    #expect(ended.output.contains("refused\\u{1b}[31m"))
    #expect(try place.run("list", "--state", "dead", "--json").output.contains(#""lane":"B""#))
  }

  @Test func `the status counts what the list shows`() throws {
    let new = try place.run("status", "--json").output
    #expect(
      new.contains(
        #""schema":\#(Migrator.newest),"worker":null,"asks":{"new":2,"delayed":0,"expired":0}"#))
    try fold()
    try killB()
    try place.asWorker("update lane set ready_ms = ready_ms + 86400000 where name = 'A'")
    let folded = try place.run("status", "--json").output
    #expect(
      folded.contains(
        """
        "lanes":{"ready":0,"waiting":1,"paused":0,"parked":0,"in_flight":0,"dead":1}
        """))
    #expect(
      folded.contains(
        """
        "accounts":[{"account":"default","state":"open","paused_until":null,"paused_calls":null,\
        "parked":null,\
        "why":null,"calls_last_minute":0,"calls_this_month":0,"ticket_age_ms":null}]}
        """))
    let text = try place.run("status").output
    #expect(text.contains("lanes    0 ready, 1 waiting, 0 in flight, 1 dead"))
    #expect(text.contains("worker   no worker is running; start one with 'larkspur work'"))
  }

  /// `status` counts asks, `list` has a row for each lane.
  private func asks(_ state: String) throws -> Int {
    let lines = try place.run("list", "--state", state, "--json").output.split(separator: "\n")
    return lines.reduce(0) { sum, line in
      let digits = line.split(separator: #""asks":"#).last?.prefix { $0.isNumber } ?? ""
      return sum + (Int(digits) ?? 0)
    }
  }

  @Test func `status and list call an ask the same, before a worker has looked at it and after`()
    throws
  {
    _ = try place.run("enqueue", "preview", "A", "C", "--everyone", "--after", "1h")
    try place.asWorker(
      """
      insert into ask (lane, body, asked_ms, after_ms) values ('D', '{"everyone":true}', 1, 1000);
      insert into ask (lane, body, asked_ms, expires_in_ms)
        values ('E', '{"everyone":true}', 1, 1000);
      """)
    for _ in 0..<2 {
      let status = try place.run("status").output
      #expect(status.contains("asks     3 new, 2 delayed, 1 expired\n"), "\(status)")
      #expect(try [asks("new"), asks("delayed"), asks("expired")] == [3, 2, 1])
      // A worker marks asks that may not go yet, and folds those that may.
      try place.asWorker(
        """
        update ask set due_ms = asked_ms + after_ms where after_ms > 0 and due_ms is null;
        """)
    }
  }

  @Test func `a dead ask that is retried counts as new`() throws {
    try fold()
    try killB()
    _ = try place.run("retry", "B")
    #expect(try place.run("status").output.contains("asks     1 new, 0 delayed\n"))
    #expect(try [asks("new"), asks("delayed")] == [1, 0])
  }

  @Test func `what is delayed does not wait yet`() throws {
    _ = try place.run("cancel", "A")
    _ = try place.run("cancel", "B")
    _ = try place.run("enqueue", "preview", "C", "--everyone", "--after", "1h")
    #expect(try place.run("status").output.contains("oldest   nothing pending"))
  }

  @Test func `an account that is parked says what to do, and is resumed`() throws {
    try fold()
    try place.asWorker(
      "update account set parked = 'credentials', parked_why = 'app secret invalid', probe_ms = 1")
    let text = try place.run("status").output
    #expect(text.contains("2 parked"))
    #expect(text.contains("account  default: parked; 0 calls in the last minute, 0 this month"))
    #expect(text.contains("app secret invalid"))
    #expect(text.contains("Check the app id and secret, then run 'larkspur resume default'"))
    let resumed = try place.run("resume", "default", "--json")
    #expect(resumed.output == #"{"resumed":"default"}"# + "\n")
    #expect(try place.run("status").output.contains("account  default: open;"))
  }

  @Test func `a pause has an end, and a count of an earlier month is over`() throws {
    try fold()
    try place.asWorker(
      """
      insert into budget (account_id, api, paused_ms, paused_why, month, month_calls)
        values (1, 'preview', 4102444800000, 'too many requests', 5, 77);
      """)
    let json = try place.run("status", "--json").output
    #expect(json.contains(#""paused":2"#))
    #expect(
      json.contains(
        #""state":"paused","paused_until":"2100-01-01T00:00:00Z","paused_calls":"preview""#))
    #expect(json.contains(#""calls_this_month":0"#))
  }

  @Test func `what is dead is wanted again`() throws {
    try fold()
    try killB()
    let wrong = try place.run("retry", "A")
    #expect(wrong.code == 65)
    #expect(wrong.sentences.contains("nothing dead for 'A'; see 'larkspur list --state dead'"))
    #expect(try place.run("retry", "B", "--account", "shop").code == 65)
    let ended = try place.run("retry", "B", "--json")
    #expect(ended.output == #"{"retried":1}"# + "\n")
    #expect(ended.sentences == "larkspur: requeued 1 dead ask\n")
    try place.asWorker(
      "update ask set outcome = 'dead', ended_ms = 0, lane_id = 2 where lane = 'B'")
    #expect(
      try place.run("retry", "--all-dead", "--account", "shop", "--json").output.contains("0"))
    #expect(try place.run("retry", "--all-dead", "--quiet").sentences == "")
    #expect(try place.number("select count(*) from ask where outcome is null") == 2)
  }

  @Test func `what waits is taken back`() throws {
    let ended = try place.run("cancel", "A", "--json")
    #expect(ended.output == #"{"cancelled":1,"calls_under_way":0}"# + "\n")
    #expect(ended.sentences == "larkspur: cancelled 1 ask for 'A'\n")
    let again = try place.run("cancel", "A")
    #expect(again.code == 65)
    #expect(again.sentences.contains("nothing pending or dead for 'A'; see 'larkspur list'"))
  }

  @Test func `what ended long ago is forgotten`() throws {
    try place.asWorker("update ask set outcome = 'delivered', ended_ms = 1 where lane = 'A'")
    let ended = try place.run("prune", "--older-than", "7d", "--json")
    #expect(ended.output == #"{"asks":1,"calls":0}"# + "\n")
    #expect(ended.sentences == "larkspur: deleted 1 ask and 0 calls\n")
    #expect(try place.number("select count(*) from ask") == 1)
  }

  @Test(arguments: ["resume", "status"])
  func `an account nobody knows is answered with those there are`(command: String) throws {
    let ended = try place.run(command, "--account", "shop")
    #expect(ended.code == 65)
    #expect(ended.sentences.contains("no account 'shop' in this queue; it has: default\n"))
  }
}
