import Planning
import Terminal
import Testing

@testable import Delivery
@testable import WorkCommand

/// Why a run with an end does not exit with 0.
struct FinishedRunTests {
  private func left(
    _ change: (inout WorkResult) -> Void, parkedBy: [String: AnswerFacts] = [:]
  ) -> FinishedRun.Reason? {
    var result = WorkResult()
    change(&result)
    let account = AccountSettings(
      name: "shop", host: "https://open.larksuite.com", appID: "cli_1", secret: .file("/secret"))
    return FinishedRun(result: result, loss: nil, queue: "/q.db", accounts: [account])
      .reasonLeft(parkedBy)
  }

  @Test func `nothing is left to say when all is done`() {
    #expect(left { _ in } == nil)
  }

  @Test func `a parked account comes with the page on which it is fixed`() throws {
    let reason = try #require(
      left { $0.parked = [("shop", .permission, false, "99991672 no scope")] })
    #expect(reason.failure.code == .noPermission && !reason.isTold)
    #expect(reason.failure.consoleURL == "https://open.larksuite.com/app/cli_1/auth")
    #expect(reason.failure.fix?.hasSuffix("then run 'larkspur resume shop'") == true)
    #expect(reason.failure.logID == nil && !reason.failure.isRetryable)
  }

  @Test func `one that was parked in this run has been told, with the log id of the answer`() throws
  {
    let reason = try #require(
      left(
        { $0.parked = [("shop", .credentials, false, "10014")] },
        parkedBy: ["shop": AnswerFacts(code: 10_014, status: 200, logID: "h5_1")]))
    #expect(reason.isTold && reason.failure.logID == "h5_1")
    #expect(
      reason.failure.fix
        == "Check app id cli_1 and the secret in file /secret, then run 'larkspur resume shop'")
    #expect(reason.failure.consoleURL == "https://open.larksuite.com/app/cli_1")
  }

  @Test func `a host that is not Feishu's has no page in the console`() throws {
    let reason = try #require(left { $0.parked = [("shop", .address, false, "a web page")] })
    #expect(reason.failure.consoleURL == nil)
  }

  @Test func `what may pass by itself may be tried again`() throws {
    let away = try #require(left { $0.unreachable = "Feishu cannot be reached: no route" })
    #expect(away.failure.code == .unreachable && away.failure.isRetryable)
    #expect(away.failure.fix == "check the network and the host, then run this again")
    let late = try #require(left { $0.leftBehind = "time is up; or so" })
    #expect(late.failure.code == .timeIsUp && late.failure.isRetryable && late.failure.fix == nil)
  }

  @Test func `what died was told when it died`() throws {
    let reason = try #require(left { $0.asksDied = 2 })
    #expect(reason.isTold && reason.failure.code == .dead)
    #expect(reason.failure.sentence == "2 asks died; see 'larkspur list --state dead'")
  }

  @Test func `a secret that is missing comes before everything else`() throws {
    let reason = try #require(
      left {
        $0.missingSecret = "cannot read secret file /secret: no such file"
        $0.asksDied = 1
        $0.unreachable = "no"
      })
    #expect(reason.failure.code == .noPermission && reason.isTold)
  }
}
