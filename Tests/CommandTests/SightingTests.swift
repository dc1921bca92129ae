import Testing

/// `forget`, `init` and `list --key`, with the built program.
struct SightingTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func seeSome() throws {
    let lines = #"""
      {"token":"A","keys":["k","l"],"url":"https://x/1","chat":"oc_1","open_id":"ou_1"}
      {"token":"A","key":"k","open_id":"ou_2"}
      {"token":"B","key":"k"}
      """#
    #expect(try place.run("saw", "--from", "-", input: lines).code == 0)
  }

  @Test func `a key is forgotten`() throws {
    try seeSome()
    let ended = try place.run("forget", "--key", "k")
    #expect(
      ended == Ended(code: 0, output: "", sentences: "larkspur: forgot 1 key and 1 preview\n"))
    #expect(try place.number("select count(*) from previews where keys = 'l'") == 1)
  }

  @Test func `a preview is forgotten, and a user`() throws {
    try seeSome()
    let user = try place.run("forget", "--open-id", "ou_1", "--json", "--quiet")
    #expect(
      user
        == Ended(code: 0, output: #"{"previews":0,"keys":0,"viewers":1}"# + "\n", sentences: ""))
    #expect(
      try place.run("forget", "--token", "A").sentences
        == "larkspur: forgot 1 preview and 1 viewer\n")
  }

  @Test(arguments: [
    (["--token", "C"], "preview token 'C' was not seen; the view 'previews' has what was"),
    (["--key", "m"], "key 'm' was not seen; the view 'keys' has what was"),
    (["--open-id", "ou_9"], "user 'ou_9' was not seen; the view 'previews' has what was"),
    (["--key", "k", "--account", "shop"], "key 'k' was not seen in account 'shop'; the view"),
  ])
  func `what was not seen cannot be forgotten`(words: [String], sentence: String) throws {
    try seeSome()
    let ended = try place.runPlain(["forget", "--db", place.queue] + words)
    #expect(ended.code == 65 && ended.output == "")
    #expect(ended.sentences.hasPrefix("larkspur: \(sentence)"), "\(ended.sentences)")
  }

  @Test func `without a queue there is nothing to forget`() throws {
    #expect(try place.run("forget", "--key", "k").code == 66)
  }

  @Test func `an empty queue is created once`() throws {
    let first = try place.run("init")
    #expect(
      first
        == Ended(code: 0, output: "", sentences: "larkspur: created queue \(place.queue)\n"))
    #expect(try place.number("select count(*) from ask") == 0)
    let second = try place.run("init")
    #expect(second.code == 0)
    #expect(second.sentences == "larkspur: queue \(place.queue) exists already\n")
    let json = try place.run("init", "--json", "--quiet")
    #expect(json.output == #"{"queue":"\#(place.queue)","created":false,"group":null}"# + "\n")
  }

  @Test func `a queue is not created where it cannot be`() throws {
    #expect(try place.runPlain(["init", "--db", "/nowhere/queue.db"]).code == 73)
    let file = try place.write("not a database, but long enough to be looked at", to: "file")
    #expect(try place.runPlain(["init", "--db", file]).code == 74)
  }

  @Test func `the previews of a key are listed for people`() throws {
    try seeSome()
    let lines = try place.run("list", "--key", "k").output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("TOKEN  KEYS  CHAT  VIEWERS  AUDIENCE  SEEN        URL"))
    #expect(lines[1].hasPrefix("B      k           0        everyone  20"))
    #expect(lines[2].hasPrefix("A      k l   oc_1  2        2 people  20"))
    #expect(lines[2].hasSuffix("https://x/1"))
  }

  @Test func `and for programs, with the state of their lanes`() throws {
    try seeSome()
    _ = try place.run("enqueue", "preview", "A", "B", "--everyone")
    try place.asWorker(
      """
      insert into audience (id, account_id, hash, used_ms) values (1, 1, 0, 0);
      insert into lane (id, account_id, kind, name, state, audience_id, since_ms, ready_ms)
        select id, 1, 'preview', lane, 'waiting', 1, asked_ms, 0 from ask;
      update ask set lane_id = id, audience_id = 1, first_call = 1;
      update known_token set seen_day = 20000;
      update ask set outcome = 'dead', ended_ms = 0, reason = 'no' where lane = 'B';
      update lane set state = 'idle', audience_id = null, ready_ms = null where name = 'B';
      """)
    let ended = try place.run("list", "--key", "k", "--json", "--limit", "5")
    #expect(
      ended.output == #"""
        {"account":"default","token":"B","keys":["k"],"chat":null,"viewers":0,"audience":"everyone",\#
        "seen":"2024-10-04","state":"dead","url":null}
        {"account":"default","token":"A","keys":["k","l"],"chat":"oc_1","viewers":2,\#
        "audience":"2 people","seen":"2024-10-04","state":"ready","url":"https://x/1"}

        """#)
    #expect(try place.run("list", "--key", "k", "--json", "--limit", "1").output.count < 200)
  }

  @Test func `a key without previews is said to have none`() throws {
    try seeSome()
    let ended = try place.run("list", "--key", "K", "--account", "shop")
    #expect(
      ended
        == Ended(
          code: 0, output: "", sentences: "larkspur: no previews of key 'K' in account 'shop'\n"))
  }
}
