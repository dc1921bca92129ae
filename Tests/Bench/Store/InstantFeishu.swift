import Delivery
import Glibc
import Larkspur
import Planning

/// The world of a worker of which only the work on the queue is measured: every call has been
/// answered with success at the next turn, and 200 ms pass per turn without waiting.
final class InstantFeishu: World {
  private(set) var stopRequests = 0
  private var clock: BootMoment
  private var underWay: (tag: Int, request: Request)?
  private var next: () -> Bool

  /// `next` is called before each turn and tells whether the call in flight is answered in it.
  init(startingAt clock: BootMoment, next: @escaping () -> Bool) {
    self.clock = clock
    self.next = next
  }

  static let turn_ms = 200

  /// The last call, which has not been answered yet.
  var asked: Request? { underWay?.request }

  func pass(milliseconds: Int) { clock += milliseconds }

  func stop() { stopRequests = 1 }

  func clocks() -> ClockReading {
    ClockReading(wall: WallMoment(ms: clock.ms), sinceBoot: clock, boot: Preparing.boot)
  }

  func random() -> UInt64 { 0x9e37_79b9_7f4a_7c15 }

  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
    underWay = (tag, request)
  }

  func progress() {}

  func forgetWrites() {}

  func wait(milliseconds: Int) -> [WorldEvent] {
    let isAnswered = next()
    let answered = clock
    clock += Self.turn_ms
    guard isAnswered, let call = underWay else { return [] }
    underWay = nil
    let isLogin = call.request.bearer == nil
    let answer = RawAnswer(status: 200, body: isLogin ? Self.login : Self.success)
    return [.finished(tag: call.tag, .answered(answer), at: answered)]
  }

  private static let success = Array(#"{"code":0,"msg":"success","data":{}}"#.utf8)
  private static let login = Array(
    #"{"code":0,"msg":"ok","tenant_access_token":"t-bench","expire":7200}"#.utf8)
}
