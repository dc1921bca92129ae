import Delivery
import Testing

@testable import Transport

/// One connection at a time, to addresses of this machine at which nothing answers.
struct ProbeTests {
  private let probe = Probe()

  @Test func `a refused connection is told as one, and no request leaves`() {
    guard
      case .failed(let step, let why) = probe.connect(
        to: "http://127.0.0.1:1", .system, within: 5_000)
    else {
      Issue.record("it connected")
      return
    }
    #expect(step == .connect && why.contains("127.0.0.1"))
    guard
      case .neverLeft = probe.send(Request(url: "http://127.0.0.1:1/", body: [1]), within: 5_000)
    else {
      Issue.record("it was sent")
      return
    }
  }

  @Test func `the library says what it is`() { #expect(Probe.library.hasPrefix("libcurl/")) }
}
