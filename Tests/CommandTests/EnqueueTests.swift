import Basics
import Foundation
import Larkspur
import Testing

/// The built program, from its words to the database.
struct EnqueueTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test func `each ask is printed on its own line and is in the queue`() throws {
    let ended = try place.run("enqueue", "preview", "A", "B", "--open-id", "ou_1")
    #expect(ended == Ended(code: 0, output: "1\n2\n", sentences: place.created))
    #expect(
      try place.number(
        """
        select count(*) from ask where account = 'default' and body = '{"open_ids":["ou_1"]}'
        """) == 2)
    let mode = try FileManager.default.attributesOfItem(atPath: place.queue)[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test(arguments: [
    ["enqueue", "preview", "A", "--everyone"], ["saw", "A", "--key", "k"],
    ["enqueue", "preview", "--from", "-"], ["saw", "--from", "-"],
  ])
  func `who creates a queue learns where, once, because the worker may use another one`(
    words: [String]
  ) throws {
    let command = [["--db", place.queue] + words, ["--db", "\(place.queue)2", "--quiet"] + words]
    #expect(try place.runPlain(command[0]).sentences.hasPrefix(place.created))
    #expect(!(try place.runPlain(command[0]).sentences.contains("created queue")))
    #expect(!(try place.runPlain(command[1]).sentences.contains("created queue")))
  }

  @Test func `a program reads one object a line`() throws {
    let ended = try place.run(
      "--json", "--account", "shop", "enqueue", "preview", "A", "--everyone")
    #expect(
      ended.output == #"{"ask":1,"account":"shop","kind":"preview","lane":"A"}"# + "\n")
  }

  @Test func `an account that the worker does not know is warned of, and asked for all the same`()
    throws
  {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    try place.asWorker(
      """
      update account set configured = 1 where name = 'default';
      """)
    #expect(try place.run("enqueue", "preview", "A", "--everyone").sentences == "")
    let warning =
      "larkspur: account 'shop' is not in the worker's configuration; its asks wait until it is added\n"
    let ended = try place.run("enqueue", "preview", "A", "--everyone", "--account", "shop")
    #expect(ended == Ended(code: 0, output: "3\n", sentences: warning))
    let file = try place.write(#"{"token":"A","everyone":true}"#, to: "asks")
    let bulk = try place.run("enqueue", "preview", "--from", file, "--account", "shop")
    #expect(bulk == Ended(code: 0, output: "1 ask\n", sentences: warning))
    let quiet = try place.run(
      "enqueue", "preview", "A", "--everyone", "--account", "shop", "--quiet")
    #expect(quiet.code == 0 && quiet.sentences == "")
  }

  @Test func `spans are kept with the ask`() throws {
    _ = try place.run(
      "enqueue", "preview", "A", "--everyone", "--after", "10s", "--expires-in", "10m")
    #expect(
      try place.number("select 1 from ask where after_ms = 10000 and expires_in_ms = 600000") == 1)
  }

  @Test(arguments: [
    ["preview", "A", "--everyone"], ["session", "session_1", "--metadata", "{}"],
    ["key", "ticket-1", "--everyone"],
  ])
  func `an urgent ask is marked as such`(words: [String]) throws {
    let words = ["enqueue", "--db", place.queue] + words
    #expect(try place.runPlain(words).code == 0)
    #expect(try place.runPlain(words + ["--urgent"]).code == 0)
    #expect(try place.number("select group_concat(urgent) = '0,1' from ask") == 1)
  }

  @Test func `people come from a file or from standard input`() throws {
    let file = try place.write("\u{feff}ou_1\r\n\r\n ou_2 \nou_3", to: "people")
    #expect(try place.run("enqueue", "preview", "A", "--open-ids-file", file).code == 0)
    let piped = try place.run("enqueue", "preview", "A", "--open-ids-file", "-", input: "ou_4\n")
    #expect(piped.code == 0)
    #expect(
      try place.number(
        """
        select count(*) from ask
        where body in ('{"open_ids":["ou_1","ou_2","ou_3"]}', '{"open_ids":["ou_4"]}')
        """) == 2)
  }

  @Test func `a file of people that is missing, empty or not text is said`() throws {
    let missing = try place.run("enqueue", "preview", "A", "--open-ids-file", "nobody")
    #expect(missing.code == 66)
    #expect(missing.sentences == "larkspur: cannot read nobody: no such file or directory\n")
    let empty = try place.run("enqueue", "preview", "A", "--open-ids-file", "-")
    #expect(empty.code == 65 && empty.sentences.contains("no open_ids in standard input; "))
    let bytes = try place.write([0x61, 0x0A, 0xFF, 0x0A], to: "bytes")
    let wrong = try place.run("enqueue", "preview", "A", "--open-ids-file", bytes)
    #expect(wrong.code == 65 && wrong.sentences.contains("bytes, line 2: it is not UTF-8\n"))
    #expect(!FileManager.default.fileExists(atPath: place.queue))
  }

  @Test func `a wrong token is named and none of the others gets in`() throws {
    let ended = try place.run("enqueue", "preview", "A", "B C", "--everyone")
    #expect(ended.code == 65 && ended.output == "")
    #expect(ended.sentences.contains("'B C': the preview token contains a space"))
    #expect(try place.number("select count(*) from ask") == 0)
  }

  @Test func `what is wrong with all asks is blamed on none of them`() throws {
    let ended = try place.run(
      "enqueue", "preview", "A", "B", "--everyone", "--account", "not a name")
    #expect(ended.code == 65)
    #expect(ended.sentences.hasPrefix("larkspur: an account name is 1 to 64 letters"))
  }

  @Test func `the default place is made for its owner alone`() throws {
    let ended = try place.runPlain(
      ["enqueue", "preview", "A", "--everyone"], variables: ["LARKSPUR_DB": ""])
    #expect(ended.code == 0)
    let folder = "\(place.folder)/.local/state/larkspur"
    let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions]
    #expect(mode as? Int == 0o700)
    #expect(FileManager.default.fileExists(atPath: "\(folder)/queue.db"))
  }

  @Test func `of programs that make the queue at the same moment none fails`() throws {
    for _ in 1...5 {
      let place = try Workplace()
      let all = try (1...20).map { _ in
        try place.start(["--db", place.queue, "enqueue", "preview", "A", "--everyone"])
      }
      for running in all { #expect(["", place.created].contains(try running.wait().sentences)) }
      #expect(try place.number("select count(*) from ask") == 20)
    }
  }

  @Test func `a word that is not UTF-8 is refused and not repaired`() throws {
    let ended = try place.shell(#""$0" --db "$1" enqueue preview "$(printf 'a\377')" --everyone"#)
    #expect(ended.code == 64)
    #expect(ended.sentences.contains("argument 5 is not UTF-8"))
  }

  @Test func `a result that cannot be written is not a success`() throws {
    #expect(try place.shell(#""$0" --version >&-"#).code == 74)
    #expect(try place.shell(#"test -e /dev/full && "$0" --version >/dev/full"#).code == 74)
  }

  @Test func `usage errors leave standard output empty`() throws {
    let ended = try place.runPlain([])
    #expect(ended.code == 64 && ended.output == "")
    #expect(
      ended.sentences == "larkspur: no command given; run 'larkspur help' for usage\n")
    #expect(try place.runPlain(["--version"]).output == "larkspur \(larkspurBuild)\n")
  }
}

struct WaitingTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func startWaiting(_ words: String...) throws -> Running {
    let running = try place.start(
      ["--db", place.queue, "enqueue", "preview", "A", "--everyone", "--wait"] + words)
    #expect(running.firstLine() == "1")
    return running
  }

  @Test func `it returns when the ask is delivered`() throws {
    let running = try startWaiting()
    try place.asWorker("update ask set outcome = 'delivered', ended_ms = 1")
    let ended = try running.wait()
    #expect(ended.code == 0)
    // Printed once, and only if it looked before the ask was delivered.
    let noWorker = "larkspur: no worker is running; start one with 'larkspur work'\n"
    #expect(["", noWorker].contains { ended.sentences == place.created + $0 })
  }

  @Test(arguments: [
    ("dead', reason = 'token gone", "is dead: token gone; to requeue it, run 'larkspur retry A'"),
    ("expired", "expired before it was delivered"),
    ("cancelled", "was cancelled"),
  ])
  func `any other end is said and is no success`(outcome: String, sentence: String) throws {
    let running = try startWaiting("--quiet")
    try place.asWorker("update ask set outcome = '\(outcome)', ended_ms = 1")
    let ended = try running.wait()
    #expect(ended.code == 1)
    #expect(ended.sentences == "larkspur: ask 1 for A \(sentence)\n")
  }

  @Test func `it says when nobody works the queue, and when the time is up`() throws {
    let ended = try place.run("enqueue", "preview", "A", "B", "--everyone", "--wait", "1ms")
    #expect(ended.code == 75)
    #expect(
      ended.sentences == place.created + """
        larkspur: no worker is running; start one with 'larkspur work'
        larkspur: timed out: 2 of 2 asks are not delivered yet and stay in the queue; \
        see 'larkspur list'

        """)
  }

  @Test func `it says when only a person can help`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    try place.asWorker(
      "update account set parked = 'credentials', parked_why = 'secret invalid', probe_ms = 1")
    let ended = try place.run("enqueue", "preview", "A", "--everyone", "--wait", "1ms")
    #expect(ended.code == 75)
    #expect(
      ended.sentences.contains(
        "larkspur: account 'default' is parked (its asks are kept): secret invalid; see "
          + "'larkspur status'\n"))
  }

  @Test func `a worker at work is trusted`() throws {
    _ = try place.run("enqueue", "preview", "A", "--everyone")
    guard case .taken(let lock) = try WorkerLock.take(queue: place.queue) else {
      Issue.record("somebody else works a queue that was just made")
      return
    }
    let ended = try place.run("enqueue", "preview", "B", "--everyone", "--wait", "1ms")
    #expect(ended.code == 75 && !ended.sentences.contains("no worker"))
    let status = try place.run("status", "--json")
    #expect(status.output.contains(#""worker":"process \#(getpid())""#))
    _ = consume lock
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `a signal ends the waiting and not the ask`(signal: Int32, code: Int32) throws {
    let running = try startWaiting("--quiet")
    running.send(signal)
    let ended = try running.wait()
    #expect(ended.code == code)
    #expect(ended.sentences == "larkspur: stopped waiting; the ask stays in the queue\n")
    #expect(try place.number("select count(*) from ask where outcome is null") == 1)
  }
}
