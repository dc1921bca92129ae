import Basics
import CCurl
import Delivery
import Glibc
import Larkspur
import Planning
import Terminal

/// The real world: libcurl's multi interface, which waits for its sockets, the queue's log and
/// signals at once.
package final class CurlWorld: World {
  private let multi: OpaquePointer
  /// Nil if nothing in a file says that there is something new.
  private let queue: String?
  private var watch: QueueWatch?
  private let signals: StopSignals
  /// Wakes the loop when it becomes readable.
  private let otherDescriptor: Int32?
  private let boot = SystemClocks.bootID()
  private let timeouts: Timeouts
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
  /// Requests that libcurl was never given.
  private var unsent: [(tag: Int, outcome: Outcome)] = []
  /// Transfers that may not leave yet, earliest first.
  private var held: [(transfer: Transfer, earliest: BootMoment)] = []
  /// Events that `progress` has collected, and when the sockets were last checked.
  private var news: [WorldEvent] = []
  private var progressed = BootMoment.zero
  package private(set) var stopRequests = 0
  package private(set) var reloadRequests = 0

  /// `queue` must be open already, because the log that is watched does not exist before. It is nil for
  /// a queue that is not a file. `other` is a descriptor that the caller empties after each wait.
  package init(
    queue: String?, signals: consuming StopSignals, timeouts: Timeouts,
    alsoWokenBy other: Int32? = nil
  ) throws(QueueError) {
    otherDescriptor = other
    if let queue {
      watch = try QueueWatch(queue: queue, at: SystemClocks.sinceBoot().ms)
    } else {
      watch = nil
    }
    self.queue = queue
    self.signals = signals
    self.timeouts = timeouts
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    guard let multi = curl_multi_init() else {
      throw QueueError(.cannotUse, "cannot start libcurl: out of memory")
    }
    self.multi = OpaquePointer(multi)
  }

  deinit {
    for transfer in transfers.values { curl_multi_remove_handle(handle, transfer.handle) }
    transfers = [:]
    curl_multi_cleanup(handle)
  }

  private var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(multi) }

  package func clocks() -> ClockReading { SystemClocks.read(boot: boot) }

  package func random() -> UInt64 { UInt64.random(in: .min ... .max) }

  package func expectNoWrites() { watch?.expectNothing() }

  package func forgetWrites() { watch?.take(at: SystemClocks.sinceBoot().ms) }

  /// If the system has no more watches to give, the old watch stays and the queue is looked at once
  /// a minute.
  package func watchAgain() {
    guard let queue else { return }
    do throws(QueueError) {
      watch = try QueueWatch(queue: queue, at: SystemClocks.sinceBoot().ms)
    } catch {}
  }

  package func send(_ request: Request, tag: Int, earliest: BootMoment, latest: BootMoment) {
    guard let transfer = Transfer(request, tag: tag, latest: latest, timeouts: timeouts) else {
      unsent.append((tag, .neverLeft(Self.noMemory)))
      return
    }
    let place = held.lastIndex { $0.earliest <= earliest }.map { $0 + 1 } ?? 0
    held.insert((transfer, earliest), at: place)
  }

  private static let noMemory = "out of memory"

  /// libcurl's timeout starts here, so a call that has waited for too long would last too long.
  private func start(_ transfer: Transfer, at now: BootMoment) {
    if now > transfer.latest - timeouts.total_ms {
      return unsent.append((transfer.tag, .tooLate))
    }
    guard curl_multi_add_handle(handle, transfer.handle) == CURLM_OK else {
      return unsent.append((transfer.tag, .neverLeft(Self.noMemory)))
    }
    transfers[transfer.handle] = transfer
  }

  /// Checks the sockets at most once a millisecond; more often costs more time than it saves.
  package func progress() {
    let now = SystemClocks.sinceBoot()
    if now > progressed { news += advance(at: now) }
  }

  package func wait(milliseconds: Int) -> [WorldEvent] {
    var events = news + advance(at: SystemClocks.sinceBoot())
    news = []
    if events.isEmpty {
      sleep(milliseconds)
      events = advance(at: SystemClocks.sinceBoot())
    }
    while let signal = signals.next() { stop(signal) }
    return events
  }

  private func sleep(_ milliseconds: Int) {
    let watched = [watch?.descriptor, signals.descriptor, otherDescriptor].compactMap { $0 }
    var descriptors = watched.map {
      curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    }
    let now = SystemClocks.sinceBoot()
    let patience = watch?.patience_ms(at: now.ms)
    var span = min(milliseconds, patience ?? .max)
    if let next = held.first { span = min(span, max(0, next.earliest - now)) }
    // The least that poll can wait is a millisecond, which is longer than a commit takes. So nap
    // instead, but only while no call is under way: an answer must not be slept through.
    let isIdle = transfers.isEmpty && held.isEmpty
    if isIdle && patience == 1 && milliseconds > 1 {
      nap()
      span = 0
    }
    curl_multi_poll(handle, &descriptors, UInt32(descriptors.count), Int32(clamping: span), nil)
    // A commit becomes visible about this long after its first page is written.
    let isWritten = watch?.take(at: SystemClocks.sinceBoot().ms) ?? false
    if isWritten, isIdle, watch?.wasClosed == false { nap() }
  }

  private func nap() { sleepBriefly(nanoseconds: 200_000) }

  private func advance(at began: BootMoment) -> [WorldEvent] {
    progressed = began
    let mayLeave = held.prefix { $0.earliest <= began }
    held.removeFirst(mayLeave.count)
    for (transfer, _) in mayLeave { start(transfer, at: began) }
    var running: Int32 = 0
    curl_multi_perform(handle, &running)
    let now = SystemClocks.sinceBoot()
    var events = unsent.map { WorldEvent.finished(tag: $0.tag, $0.outcome, at: now) }
    unsent = []
    for transfer in transfers.values where !transfer.isSentTold {
      guard let sentAt = transfer.sentAt else { continue }
      transfer.isSentTold = true
      events.append(.sent(tag: transfer.tag, at: sentAt))
    }
    shareGoaways()
    var left: Int32 = 0
    while let message = curl_multi_info_read(handle, &left) {
      guard message.pointee.msg == CURLMSG_DONE,
        let easy = message.pointee.easy_handle,
        let transfer = transfers.removeValue(forKey: easy)
      else { continue }
      let outcome = transfer.outcome(larkspur_result(message))
      curl_multi_remove_handle(handle, easy)
      if repeats(transfer, after: outcome, at: now) { continue }
      events.append(.finished(tag: transfer.tag, outcome, at: now))
    }
    return events
  }

  /// Ends all calls, and forgets what became of them. For a run that has lost what it worked on: the next one has
  /// other calls with the same tags.
  package func dropCalls() {
    for transfer in transfers.values { curl_multi_remove_handle(handle, transfer.handle) }
    transfers = [:]
    held = []
    unsent = []
    news = []
  }

  /// libcurl reports a GOAWAY to one call on the connection, but it concerns all of them.
  private func shareGoaways() {
    for teller in transfers.values {
      guard let last = teller.evidence.lastProcessed, let port = teller.localPort else { continue }
      for transfer in transfers.values where transfer.localPort == port {
        transfer.note(lastProcessed: last)
      }
    }
  }

  /// Sends a call once more, if there is time, when the server has certainly not processed it. A
  /// connection that the server is about to end is no reason to wait.
  private func repeats(_ transfer: Transfer, after outcome: Outcome, at now: BootMoment) -> Bool {
    guard transfer.isWorthRepeating(outcome), now <= transfer.latest - timeouts.total_ms,
      let again = transfer.again()
    else { return false }
    start(again, at: now)
    return true
  }

  /// SIGHUP may ask for a reload. Otherwise the first signal ends the loop once the calls in flight
  /// are answered, and the second ends it at once. The next run then finds the calls that were in
  /// flight.
  private func stop(_ signal: Int32) {
    if !signals.isEnd(signal) { return reloadRequests += 1 }
    // A closed terminal sends more than one: the shell does, and so does the kernel when the shell ends.
    if signal == SIGHUP && stopRequests > 0 { return }
    stopRequests += 1
    if stopRequests > 1 { exit(128 + signal) }
  }
}
