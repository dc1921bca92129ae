import Larkspur
import Planning

/// Everything outside the loop except the queue: the clocks, random numbers, the network, and
/// notices that something has happened. In the worker this is libcurl and the kernel; in a
/// simulation it is a script and a clock that jumps.
package protocol World: AnyObject {
  func clocks() -> ClockReading
  func random() -> UInt64

  /// Sends a request at `earliest`, or at once if that has passed. Its events carry the tag. A
  /// request that could still be under way after `latest` is not sent.
  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment)

  /// Sends what may leave by now and receives what has arrived, without waiting. Call it as often
  /// as there is time; the next `wait` returns the events.
  func progress()

  /// Waits until something happens to a request, the queue is written to, a person asks for the end
  /// or a reload, or the time is up. Writes before the last `forgetWrites` do not count.
  func wait(milliseconds: Int) -> [WorldEvent]

  /// Forgets that the queue has been written to until now.
  func forgetWrites()

  /// The writes that were forgotten are visible, so nothing needs to be looked for without a notice.
  func expectNoWrites()

  /// Called after the queue was closed and opened again: its log may be another file.
  func watchAgain()

  /// How often a person has asked the loop to end.
  var stopRequests: Int { get }

  /// How often a person has asked for a reload of the configuration.
  var reloadRequests: Int { get }
}

extension World {
  package var reloadRequests: Int { 0 }

  package func watchAgain() {}

  package func expectNoWrites() {}
}

/// Something that happened to a request.
package enum WorldEvent: Sendable {
  /// Its last byte was handed to the network.
  case sent(tag: Int, at: BootMoment)
  case finished(tag: Int, Outcome, at: BootMoment)
}
