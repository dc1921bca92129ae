import Doctor
import Planning
import QueueAccess
import Terminal
import Testing

@testable import Command

struct ParsingTests {
  private func parse(_ line: String) throws -> Invocation {
    try Invocation(parsing: line.split(separator: " ").map(String.init))
  }

  @Test func `global options stand before or after the command`() throws {
    let before = try parse("--db q.db --account shop --json --quiet status")
    #expect(before == (try parse("status --quiet --json --account shop --db=q.db")))
    #expect(before.global.database == "q.db" && before.global.account == "shop")
    #expect(before.global.wantsJSON && before.global.isQuiet)
    #expect(before.action == .status(isCheck: false))
  }

  @Test func `each token is asked for, for the people given`() throws {
    let line = "enqueue preview A B --open-id ou_1 --open-id ou_2 --after 10s --expires-in 10m"
    guard case .enqueue(let order) = try parse(line).action else {
      Issue.record("not an order for previews")
      return
    }
    #expect(order.content == .previews(tokens: ["A", "B"], .people(["ou_1", "ou_2"])))
    #expect(order.timing.after_ms == 10_000 && order.timing.expiresIn_ms == 600_000)
    #expect(order.wait == nil)
  }

  @Test func `waiting has a limit only when one is given`() throws {
    let waits = try ["--wait", "--wait 5s", "--wait=5s"].map { word in
      guard case .enqueue(let order) = try parse("enqueue preview A --everyone \(word)").action
      else { return nil as EnqueueAsks.Wait? }
      return order.wait
    }
    #expect(waits == [.forEver, .milliseconds(5_000), .milliseconds(5_000)])
  }

  @Test func `people come from a file too`() throws {
    let action = try parse("enqueue preview A --open-ids-file -").action
    #expect(action == .enqueue(EnqueueAsks(content: .previews(tokens: ["A"], .file("-")))))
  }

  @Test(arguments: Aim.allCases)
  func `a file of asks names its own lanes`(aim: Aim) throws {
    let action = try parse("enqueue \(aim.rawValue) --from -").action
    #expect(action == .enqueueFile(EnqueueFile(aim: aim, source: "-")))
  }

  @Test func `a card has a batch, whose uuid and sequence may be given`() throws {
    let plain = EnqueueAsks.Batch(source: "-")
    #expect(
      try parse("enqueue card 1 --actions -").action
        == .enqueue(EnqueueAsks(content: .card("1", plain))))
    let full = EnqueueAsks.Batch(source: "f", uuid: "u", sequence: 5)
    #expect(
      try parse("enqueue card 1 --actions f --uuid u --sequence 5").action
        == .enqueue(EnqueueAsks(content: .card("1", full))))
  }

  @Test func `a session has one field or both, which may be empty`() throws {
    let words = ["enqueue", "session", "s", "--channel-context", ""]
    #expect(
      try Invocation(parsing: words).action
        == .enqueue(EnqueueAsks(content: .session("s", channelContext: "", metadata: nil))))
    #expect(
      try parse("enqueue session s --metadata m --wait").action
        == .enqueue(
          EnqueueAsks(content: .session("s", channelContext: nil, metadata: "m"), wait: .forEver)))
  }

  @Test func `work and sandbox take their words unread`() throws {
    let work = try parse("--db q.db --json work --once --for 55s").action
    #expect(
      work
        == .handOver(
          HandingOver(
            program: "larkspur-work", words: ["--db", "q.db", "--json", "--once", "--for", "55s"])))
    let sandbox = try parse("sandbox --help").action
    #expect(sandbox == .handOver(HandingOver(program: "larkspur-sandbox", words: ["--help"])))
    let doctor = try parse("--db q.db doctor --online --strict").action
    #expect(
      doctor
        == .handOver(
          HandingOver(
            program: "larkspur-work", words: ["doctor", "--db", "q.db", "--online", "--strict"])))
    let help = try parse("help work").action
    #expect(help == .handOver(HandingOver(program: "larkspur-work", words: ["--help"])))
  }

  @Test(arguments: [
    ("--help", HelpTopic.overview), ("-h", .overview), ("help", .overview),
    ("help enqueue", .enqueue), ("--help enqueue", .enqueue), ("enqueue --help", .enqueue),
    ("enqueue preview --help", .enqueueKind(.preview)), ("list --state ready --help", .list),
    ("enqueue card 1 --help", .enqueueKind(.lane(of: .card))),
    ("help enqueue card", .enqueueKind(.lane(of: .card))),
    ("--help enqueue session", .enqueueKind(.lane(of: .session))),
    ("enqueue crad --help", .enqueue),
    ("help prune", .prune), ("help doctor", .doctor), ("doctor --online --help", .doctor),
    ("help help", .overview), ("help demo", .demo), ("help metrics", .metrics),
    ("demo --help", .demo), ("help saw", .saw), ("saw --help", .saw), ("help forget", .forget),
    ("help init", .create), ("help man", .man), ("completions --help", .completions),
  ])
  func `help is a word or an option`(line: String, topic: HelpTopic) throws {
    #expect(try parse(line).action == .help(topic))
  }

  @Test(arguments: ["--version", "status --version"])
  func `the version is an option`(line: String) throws {
    #expect(try parse(line).action == .version)
  }

  @Test(arguments: ["in flight", "in-flight", "in_flight"])
  func `states need no quotes`(word: String) throws {
    let action = try Invocation(parsing: ["list", "--state", word, "--limit", "5"]).action
    guard case .list(let listing) = action else {
      Issue.record("not a listing")
      return
    }
    #expect(listing.state == .inFlight && listing.limit == 5)
  }

  @Test func `mending names what is to be mended`() throws {
    #expect(try parse("retry A").action == .retry(lane: "A"))
    #expect(try parse("retry --all-dead").action == .retry(lane: nil))
    #expect(try parse("cancel A").action == .cancel(lane: "A"))
    #expect(try parse("resume shop").action == .resume(account: "shop"))
    #expect(try parse("resume --account shop").action == .resume(account: "shop"))
    #expect(try parse("prune --older-than 7d").action == .prune(olderThan_ms: 604_800_000))
  }

  @Test func `a sighting has a token, its keys and what else is known`() throws {
    let line = "saw A --key k --key l --url https://x/1 --chat oc_1 --open-id ou_1"
    #expect(
      try parse(line).action
        == .saw(
          Saw(token: "A", keys: ["k", "l"], url: "https://x/1", chat: "oc_1", openID: "ou_1")))
    #expect(
      try parse("saw --from - --key-from k").action
        == .sawFile(SawFile(source: "-", keyFrom: try KeyPattern("k"))))
  }

  @Test func `one thing is forgotten at a time`() throws {
    #expect(try parse("forget --token A").action == .forget(Forget(what: .token("A"))))
    #expect(try parse("forget --key k").action == .forget(Forget(what: .key("k"))))
    let viewer = try parse("forget --open-id ou_1").action
    #expect(viewer == .forget(Forget(what: .viewer(openID: "ou_1"))))
  }

  @Test(arguments: [
    ("saw", "no preview token given; usage: larkspur saw TOKEN --key ticket-1041"),
    ("saw A", "no key given; name what the preview shows, for example --key ticket-1041"),
    ("saw A B --key k", "saw takes one preview token at a time, but was given 2;"),
    ("saw A --key k --key-from x", "--key-from is for --from; name the keys with --key"),
    ("saw --from f A", "with --from, the tokens come from the file; leave 'A' out"),
    ("saw --from f --key k", "leave --key out; or find keys in URLs with --key-from"),
    ("saw --from f --url u", "with --from, each line has its own fields; leave --url out"),
    ("saw --from f --key-from (", "--key-from takes a regular expression, not '('"),
    ("forget", "nothing to forget; usage: larkspur forget --token TOKEN, --key KEY, --open"),
    ("forget --token A --key k", "forget takes one of --token, --key and --open-id at a time"),
    ("forget A", "larkspur forget takes no arguments, but was given 'A'"),
    ("init q.db", "larkspur init takes no arguments, but was given 'q.db'"),
    ("list --key k A", "with --key, list shows the previews of a key; leave 'A' out"),
    ("list --key k --state ready", "leave '--state' out"), ("list --key=", "--key is empty"),
  ])
  func `a wrong line about sightings is answered with the right one`(
    line: String, sentence: String
  ) {
    expectUsage(line, sentence)
  }

  @Test func `a doctor that needs no network is not handed over`() throws {
    var arguments = DoctorArguments()
    arguments.database = "q.db"
    arguments.isStrict = true
    #expect(try parse("--db q.db doctor --strict").action == .doctor(arguments))
  }

  @Test func `the demo is told how to show itself, and no more`() throws {
    let demo = try parse("demo --json --quiet")
    #expect(demo.action == .demo && demo.global.wantsJSON && demo.global.isQuiet)
  }

  @Test(arguments: [
    ("", "no command given; run 'larkspur help' for usage"),
    ("help enqueue crad", "unknown kind 'crad'; did you mean 'card'?"),
    ("stauts", "unknown command 'stauts'; did you mean 'larkspur status'?"),
    ("frobnicate", "unknown command 'frobnicate'; run 'larkspur help' for a list"),
    ("explode A", "unknown command 'explode'; "),
    ("help frobnicate", "unknown command 'frobnicate'; "),
    ("--jsno status", "unknown option --jsno; did you mean --json?"),
    ("--wait enqueue preview A", "--wait must come after its command: larkspur enqueue … --wait"),
    ("status --wait", "unknown option --wait; see --help"),
    ("--db", "--db needs a value"),
    ("--db= status", "--db is empty; give a path"),
    ("--account= status", "--account is empty; the usual account"),
    ("--db a status --db b", "--db may be given only once"),
    ("status now", "larkspur status takes no arguments, but was given 'now'"),
    ("list --state redy", "unknown state 'redy' (did you mean 'ready'?); use one of new, delayed,"),
    ("list --limit 0", "--limit takes a whole number of 1 or more, not '0'"),
    ("list --limit many", "--limit takes a whole number of 1 or more, not 'many'"),
    ("retry", "no lane given; usage: larkspur retry LANE, or larkspur retry --all-dead"),
    ("retry A --all-dead", "retry takes either a LANE or --all-dead, not both"),
    ("retry A B", "larkspur retry takes one LANE at a time, but was given 2"),
    ("cancel", "no lane given; usage: larkspur cancel LANE"),
    ("cancel A B", "larkspur cancel takes one LANE at a time, but was given 2"),
    ("resume", "no account given; usage: larkspur resume ACCOUNT"),
    ("resume a --account b", "resume takes one account, but was given two"),
    ("demo now", "larkspur demo takes no arguments, but was given 'now'"),
    (
      "demo --db q.db",
      "the demo uses a temporary queue and account of its own; leave --db out"
    ),
    ("--account a demo", "leave --account out"),
    ("doctor now", "larkspur doctor takes no arguments, but was given 'now'"),
    ("doctor --online --report=", "--report is empty"),
    ("--online doctor", "--online must come after its command: larkspur doctor … --online"),
    ("prune", "no age given; usage: larkspur prune --older-than 7d"),
    ("prune --older-than 7", "'7' is not a duration; write a number and a unit"),
    ("prune --older-than 7d --account a", "leave --account out"),
    ("top now", "larkspur top takes no arguments, but was given 'now'"),
    ("top --json", "top draws on the terminal; leave --json and --quiet out, or use 'larkspur"),
    ("report now", "larkspur report takes no arguments, but was given 'now'"),
    ("report --since 7", "'7' is not a duration; write a number and a unit"),
    ("report --since 0s", "--since is empty; give a span such as 24h"),
    ("report --out=", "the name of the file is empty; give a path"),
    (
      "report --out a --trace b", "report writes a page or a trace; give --out or --trace, not both"
    ),
  ])
  func `a wrong line is answered with the right one`(line: String, sentence: String) {
    expectUsage(line, sentence)
  }

  @Test(arguments: [
    ("enqueue", "nothing to enqueue; usage: larkspur enqueue preview TOKEN --everyone"),
    ("enqueue previw A --everyone", "unknown kind 'previw'; did you mean 'preview'?"),
    (
      "enqueue A --everyone",
      "use one of preview, card, session, key, url: larkspur enqueue preview"
    ),
    ("enqueue preview A", "no users given; add --open-id ID for each user"),
    ("enqueue preview A", "or --everyone, which makes every member"),
    ("enqueue preview --everyone", "no preview token given; usage: larkspur enqueue preview TOKEN"),
    ("enqueue preview A --everyone --open-id ou_1", "two audiences"),
    ("enqueue preview A --everyone --open-ids-file f", "two audiences"),
    ("enqueue preview A --open-id ou_1 --open-ids-file f", "two audiences"),
    ("enqueue preview A --open-id ou_1 ou_2", "'ou_2' is an open_id, not a preview token;"),
    ("enqueue preview A --open-id ou_1,ou_2", "'ou_1,ou_2' is not a single open_id;"),
    ("enqueue preview A --open-id --everyone", "--open-id needs a value"),
    ("enqueue preview A --everyone --after 10", "'10' is not a duration;"),
    ("enqueue preview A --everyone --expires-in x", "'x' is not a duration;"),
    ("enqueue preview A --everyone --wait=x", "'x' is not a duration;"),
    ("enqueue preview --from f A", "with --from, the tokens come from the file; leave 'A' out"),
    ("enqueue preview --from f --open-id a", "leave --open-id out"),
    ("enqueue preview --from f --open-ids-file a", "leave --open-ids-file out"),
    ("enqueue preview --from f --everyone", "leave --everyone out"),
    ("enqueue preview --from f --wait", "--wait is for single asks: a file may take hours"),
  ])
  func `a wrong order for previews is answered with the right one`(line: String, sentence: String) {
    expectUsage(line, sentence)
  }

  @Test(arguments: [
    ("enqueue cards A", "unknown kind 'cards'; did you mean 'card'?"),
    (
      "enqueue card --actions f",
      "no card given; usage: larkspur enqueue card CARD_ID --actions FILE"
    ),
    ("enqueue card 1", "no actions given; add --actions FILE"),
    ("enqueue card 1 2 --actions f", "enqueue takes one card at a time, but was given 2;"),
    ("enqueue card 1 --actions [{}]", "--actions takes a file, not the actions themselves;"),
    ("enqueue card 1 --actions f --sequence x", "--sequence takes a whole number from 1 to 21474"),
    ("enqueue card 1 --actions f --everyone", "--everyone is for previews; a card takes --actions"),
    ("enqueue card 1 --open-id a", "--open-id is for previews; a card takes --actions, --uuid"),
    ("enqueue card 1 --actions f --metadata m", "--metadata is for sessions; a card takes"),
    ("enqueue preview A --everyone --uuid u", "--uuid is for cards; a preview takes --open-id"),
    ("enqueue card --from f 1", "with --from, the cards come from the file; leave '1' out"),
    ("enqueue card --from f --actions g", "has its own actions, uuid and sequence; leave --act"),
    ("enqueue card --from f --open-id a", "--open-id is for previews"),
    ("enqueue card --from f --wait", "--wait is for single asks"),
    (
      "enqueue session --metadata m", "no session given; usage: larkspur enqueue session SESSION_ID"
    ),
    ("enqueue session s", "no fields given; add --channel-context TEXT"),
    ("enqueue session s t --metadata m", "enqueue takes one session at a time, but was given 2;"),
    ("enqueue session s --metadata --quiet", "--metadata needs a value"),
    ("enqueue session s --actions f", "--actions is for cards; a session takes --channel-context"),
    ("enqueue session --from f --metadata m", "each line has its own fields; leave --metadata out"),
  ])
  func `a wrong order for a card or a session is answered with the right one`(
    line: String, sentence: String
  ) {
    expectUsage(line, sentence)
  }

  private func expectUsage(_ line: String, _ sentence: String) {
    let failure = #expect(throws: Failure.self) { try parse(line) }
    #expect(failure?.code == .usage)
    #expect(failure?.sentence.contains(sentence) == true, "\(failure?.sentence ?? "")")
  }
}

struct QueuePlaceTests {
  private func path(flag: String? = nil, _ variables: [String: String]) throws(Failure) -> String {
    try QueuePlace(flag: flag) { variables[$0] }.path
  }

  @Test func `the flag wins over the variable and that over the default`() throws {
    let all = ["LARKSPUR_DB": "/v.db", "XDG_STATE_HOME": "/state", "HOME": "/home/a"]
    #expect(try path(flag: "f.db", all) == "f.db")
    #expect(try path(all) == "/v.db")
    #expect(try path(["XDG_STATE_HOME": "/state", "HOME": "/a"]) == "/state/larkspur/queue.db")
    #expect(try path(["HOME": "/home/a"]) == "/home/a/.local/state/larkspur/queue.db")
    #expect(
      try path(["XDG_STATE_HOME": "rel", "HOME": "/a"]) == "/a/.local/state/larkspur/queue.db")
  }

  @Test func `without a home there is no default`() {
    let failure = #expect(throws: Failure.self) { try path([:]) }
    #expect(failure?.code == .configuration)
  }
}
