import Delivery
import Testing

@testable import WorkCommand

struct WorkArgumentsTests {
  @Test func `without a word it stays`() throws {
    #expect(
      try WorkArguments.parse([]) == .work(WorkArguments(mode: WorkMode(goal: .stay))))
  }

  @Test func `goal, limit and log are read`() throws {
    var expected = WorkArguments(mode: WorkMode(goal: .untilEmpty, limit: 55_000))
    expected.log = .json
    expected.database = "q.db"
    #expect(
      try WorkArguments.parse(["--until-empty", "--for", "55s", "--log=json", "--db", "q.db"])
        == .work(expected))
  }

  @Test func `metrics are written where it is said`() throws {
    var expected = WorkArguments(mode: WorkMode(goal: .once))
    expected.metrics = "/srv/larkspur.prom"
    #expect(
      try WorkArguments.parse(["--once", "--metrics", "/srv/larkspur.prom"]) == .work(expected))
  }

  @Test func `a check takes what says where the accounts are`() throws {
    var expected = WorkArguments(mode: WorkMode(goal: .stay))
    expected.config = "c.json"
    expected.wantsJSON = true
    #expect(
      try WorkArguments.parse(["--check", "--json", "--config", "c.json"]) == .check(expected))
  }

  @Test(arguments: [
    ["--once", "--until-empty"], ["--log", "xml"], ["--for", "55"], ["now"], ["--account", "a"],
    ["--onec"], ["--check", "--metrics", "m.prom"],
    ["--metrics", ""], ["--metrics"], ["--check", "--once"], ["--check", "--for", "5s"],
    ["--check", "--log", "json"],
  ])
  func `what makes no sense is refused`(words: [String]) {
    do {
      _ = try WorkArguments.parse(words)
      Issue.record("accepted")
    } catch {
      #expect(error.code == .usage)
    }
  }
}
