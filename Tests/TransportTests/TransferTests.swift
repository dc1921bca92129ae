import CCurl
import Chance
import Delivery
import Planning
import Testing

@testable import Transport

/// When libcurl is given the body of a call, and what it means if the call then fails.
struct TransferTests {
  private let latest: BootMoment = 1_000

  /// A call whose body is longer than the part that libcurl takes at a time.
  private func transfer() throws -> Transfer {
    let request = Request(url: "http://127.0.0.1:1/", body: Array(repeating: 1, count: 100))
    return try #require(Transfer(request, tag: 1, latest: latest, timeouts: Timeouts()))
  }

  /// Takes the next part, as libcurl does.
  private func take(from transfer: Transfer, at moment: BootMoment) -> Int {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 60) { room in
      transfer.read(into: room.baseAddress, atMost: 60, at: moment)
    }
  }

  @Test func `after the last moment no body is begun`() throws {
    let transfer = try transfer()
    #expect(take(from: transfer, at: latest + 1) == Int(CURL_READFUNC_ABORT))
    #expect(transfer.outcome(CURLE_ABORTED_BY_CALLBACK) == .tooLate)
  }

  @Test func `a body that is half sent by then is sent to its end`() throws {
    let transfer = try transfer()
    #expect(take(from: transfer, at: latest) == 60)
    #expect(take(from: transfer, at: latest + 1) == 40)
  }

  @Test func `of a call whose body was half sent nobody knows whether it was carried out`() throws {
    let transfer = try transfer()
    _ = take(from: transfer, at: latest)
    guard case .noAnswer = transfer.outcome(CURLE_OPERATION_TIMEDOUT) else {
      Issue.record("it is told as a call that never left")
      return
    }
  }

  @Test func `a call of whose body nothing was sent never left`() throws {
    guard case .neverLeft = try transfer().outcome(CURLE_OPERATION_TIMEDOUT) else {
      Issue.record("it is told as a call that may have been carried out")
      return
    }
  }

  @Test func `a call is sent once all of its body is`() throws {
    let transfer = try transfer()
    _ = take(from: transfer, at: latest - 5)
    #expect(transfer.sentAt == nil)
    _ = take(from: transfer, at: latest - 2)
    #expect(transfer.sentAt == latest - 2)
  }
}
