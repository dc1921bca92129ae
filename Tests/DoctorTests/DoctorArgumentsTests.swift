import Terminal
import Testing

@testable import Doctor

struct DoctorArgumentsTests {
  private func parse(_ line: String) throws -> DoctorArguments.Request {
    try DoctorArguments.parse(line.split(separator: " ").map(String.init))
  }

  @Test func `each option is read`() throws {
    var expected = DoctorArguments()
    #expect(try parse("") == .examine(expected))
    expected.database = "q.db"
    expected.config = "c.json"
    expected.account = "shop"
    expected.report = "r.txt"
    expected.isOnline = true
    expected.isStrict = true
    expected.wantsJSON = true
    expected.isQuiet = true
    let line =
      "--db q.db --config c.json --account shop --report r.txt --online --strict --json --quiet"
    #expect(try parse(line) == .examine(expected))
    #expect(try parse("--online --help") == .help)
    #expect(try parse("--version") == .version)
  }

  @Test(arguments: [
    ("now", "larkspur doctor takes no arguments, but was given 'now'"),
    ("--report", "--report needs a value"),
    ("--report=", "--report is empty; give a value, or leave --report out"),
    ("--onlin", "unknown option --onlin; did you mean --online?"),
    ("--strict=yes", "--strict takes no value"),
  ])
  func `a wrong line is answered with the right one`(line: String, sentence: String) {
    let failure = #expect(throws: Failure.self) { try parse(line) }
    #expect(failure?.code == .usage)
    #expect(failure?.sentence.contains(sentence) == true, "\(failure?.sentence ?? "")")
  }
}
