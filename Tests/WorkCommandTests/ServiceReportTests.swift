import Delivery
import Planning
import Testing

@testable import WorkCommand

/// What a service manager is told, and when.
@Suite final class ServiceReportTests {
  private var now = 1_000
  private var sent: [String] = []

  private func report(watchdog: Span? = nil) -> ServiceReport {
    ServiceReport(watchdog: watchdog, clock_ms: { [unowned self] in now }) { [unowned self] in
      sent.append($0)
    }
  }

  private func taken() -> [String] {
    defer { sent = [] }
    return sent
  }

  @Test func `it is ready once it works, and says so once`() {
    let report = report()
    #expect(report.look(.starting) { "waiting" } == .max)
    #expect(taken() == ["EXTEND_TIMEOUT_USEC=30000000\nSTATUS=waiting"])
    now += 1_000
    _ = report.look(.starting) { "waiting" }
    #expect(taken() == [])
    now += 4_000
    _ = report.look(.starting) { "waiting" }
    #expect(taken() == ["EXTEND_TIMEOUT_USEC=30000000\nSTATUS=waiting"])
    #expect(report.look(.working) { "well" } == .max)
    #expect(taken() == ["READY=1\nSTATUS=well"])
    now += 60_000
    #expect(report.look(.working) { "well" } == .max)
    #expect(taken() == [])
  }

  @Test func `a status is sent when it has changed, at most once a second`() {
    let report = report()
    _ = report.look(.working) { "0 done" }
    #expect(taken().count == 1)
    now += 400
    #expect(report.look(.working) { "1 done" } == 600)
    #expect(taken() == [])
    now += 600
    #expect(report.look(.working) { "2 done" } == .max)
    #expect(taken() == ["STATUS=2 done"])
  }

  @Test func `nobody works out a status that is not sent`() {
    let report = report()
    var count = 0
    for _ in 0..<100 {
      _ = report.look(.working) {
        count += 1; return "well"
      }
    }
    #expect(count == 1)
  }

  @Test func `a status is one line`() {
    let report = report()
    _ = report.look(.working) { "a\nREADY=1\u{1b}" }
    #expect(taken() == ["READY=1\nSTATUS=a\\u{a}READY=1\\u{1b}"])
    report.tell("b\nc")
    #expect(taken() == ["STATUS=b\\u{a}c"])
  }

  @Test func `a reload ends when its changes are in effect`() {
    let report = report()
    // Nobody waits for a reload of a worker that is not ready.
    report.reload()
    #expect(taken() == [])
    _ = report.look(.working) { "well" }
    _ = taken()
    report.reload()
    #expect(taken().first?.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") == true)
    _ = report.look(.reloading) { "well" }
    _ = report.look(.standingBy) { "well" }
    #expect(taken() == [])
    _ = report.look(.working) { "well" }
    #expect(taken() == ["READY=1\nSTATUS=well"])
    _ = report.look(.working) { "well" }
    #expect(taken() == [])
  }

  @Test func `the end is said once, and a reload no more`() {
    let report = report()
    _ = report.look(.working) { "well" }
    _ = taken()
    report.reload()
    _ = taken()
    _ = report.look(.stopping) { "stopping" }
    #expect(taken() == ["STOPPING=1\nSTATUS=stopping"])
    report.reload()
    now += 5_000
    _ = report.look(.stopping) { "stopping" }
    #expect(taken() == [])
  }

  @Test(arguments: [WorkPhase.starting, .working, .reloading, .standingBy, .stopping])
  func `the watchdog is fed at half of its time, whatever the worker is doing`(phase: WorkPhase) {
    let report = report(watchdog: 5_000)
    #expect(report.look(phase) { "" } == 2_500)
    #expect(taken().joined().hasSuffix("WATCHDOG=1"))
    now += 2_499
    #expect(report.look(phase) { "" } == 1)
    #expect(!taken().joined().contains("WATCHDOG"))
    now += 1
    _ = report.look(phase) { "" }
    #expect(taken().joined().contains("WATCHDOG=1"))
    now += 2_500
    #expect(report.look(phase) { "" } == 2_500)
    #expect(taken().joined().contains("WATCHDOG=1"))
  }

  @Test func `a worker that leaves to another one is a start that has not failed`() {
    report().leave("another")
    #expect(taken() == ["READY=1\nSTATUS=another"])
  }

  @Test func `a watchdog is this process's, and a number`() {
    func watchdog(_ usec: String?, _ pid: String? = nil) -> Span? {
      ServiceReport.watchdog(
        usec: usec.map { Array($0.utf8) }, pid: pid.map { Array($0.utf8) }, own: 7)
    }
    #expect(watchdog("120000000") == 120_000)
    #expect(watchdog("120000000", "7") == 120_000)
    #expect(watchdog("120000000", "8") == nil && watchdog("120000000", "") == nil)
    #expect(watchdog("1") == 1)
    for wrong in [nil, "", "0", "-5", "1s", "99999999999999999999"] {
      #expect(watchdog(wrong) == nil)
    }
  }

  @Test func `a socket has an absolute path or an abstract name of at most 107 bytes`() {
    func isOne(_ name: String) -> Bool { NotifySocket(Array(name.utf8)) != nil }
    #expect(isOne("/run/systemd/notify") && isOne("@larkspur"))
    #expect(isOne("/" + String(repeating: "a", count: 106)))
    for wrong in ["", "/", "@", "notify", "vsock:2:1", "/" + String(repeating: "a", count: 107)] {
      #expect(!isOne(wrong), "\(wrong)")
    }
  }
}
