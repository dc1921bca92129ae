import Larkspur
import Planning

/// Everything outside the loop that is not the queue: the clocks, the dice, the network, and being
/// told that something has happened. In the worker this is libcurl and the kernel; in a simulation
/// it is a script and a clock that jumps.
package protocol World: AnyObject {
  func clocks() -> ClockReading
  func random() -> UInt64

  /// Sends a request at `earliest`, or at once if that has been; its events carry the tag. One that
  /// would still be under way after `latest`, for as long as a call may take, is not begun any more.
  func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment)

  /// Sends what may leave by now and takes in what has come, without waiting, as often as there is time
  /// for it. What there is to tell of it comes with the next wait.
  func progress()

  /// Waits until something has happened to a request, the queue was written to, a person wants the
  /// loop to end, or the time is up. What had been written to the queue before the call is not news.
  func wait(milliseconds: Int) -> [WorldEvent]

  /// Forgets that the queue was written to, up to now.
  func forgetWrites()

  /// The queue was closed and opened again: its log may be another file.
  func watchAgain()

  /// How often a person has asked the loop to end.
  var stopRequests: Int { get }

  /// How often a person has asked for a reload of the configuration.
  var reloadRequests: Int { get }
}

extension World {
  package var reloadRequests: Int { 0 }

  package func watchAgain() {}
}

/// Something that happened to a request.
package enum WorldEvent: Sendable {
  /// Its last byte was handed to the network.
  case sent(tag: Int, at: BootMoment)
  case finished(tag: Int, Outcome, at: BootMoment)
}
