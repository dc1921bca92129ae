import Basics
import Delivery
import Glibc
import Planning
import Terminal

/// Tells a service manager such as systemd when the worker is ready, how it is doing, and that it is not hung.
/// The loop itself says so, and not a thread of its own, which would go on when the loop does not.
package final class ServiceReport {
  private let send: (String) -> Void
  private let clock_ms: () -> Int
  /// How often the manager wants to hear from the worker; nil if it does not watch it.
  private let watchdogPace: Span?
  private var nextWatchdog = Int.min
  private var nextExtension = Int.min
  private var nextStatus = Int.min
  private var status = ""
  private var isReady = false
  private var isReloading = false
  private var isStopping = false

  init(
    watchdog: Span?, clock_ms: @escaping () -> Int = steadyMilliseconds,
    send: @escaping (String) -> Void
  ) {
    watchdogPace = watchdog.map { max(1, $0 / 2) }
    self.clock_ms = clock_ms
    self.send = send
  }

  /// Nil if no manager listens. The variables are taken from the environment, so that no other program answers
  /// for this one.
  package static func ofEnvironment() -> ServiceReport? {
    let name = take("NOTIFY_SOCKET")
    let watchdog = watchdog(usec: take("WATCHDOG_USEC"), pid: take("WATCHDOG_PID"))
    guard let socket = name.flatMap({ NotifySocket($0) }) else { return nil }
    return ServiceReport(watchdog: watchdog) { socket.send($0) }
  }

  private static func take(_ variable: String) -> [UInt8]? {
    guard let value = getenv(variable) else { return nil }
    let bytes = Array(UnsafeBufferPointer(start: value, count: strlen(value))).map(
      UInt8.init(bitPattern:))
    unsetenv(variable)
    return bytes
  }

  /// The watchdog of this process, in milliseconds. Nil if there is none, or it is another process's.
  static func watchdog(usec: [UInt8]?, pid: [UInt8]?, own: Int32 = getpid()) -> Span? {
    func number(_ bytes: [UInt8]) -> Int? { Int(String(decoding: bytes, as: UTF8.self)) }
    if let pid, number(pid) != Int(own) { return nil }
    guard let usec = usec.flatMap(number), usec > 0 else { return nil }
    return max(1, usec / 1_000)
  }

  /// Called after each look at the queue. Returns how long the loop may sleep at most.
  package func look(_ phase: WorkPhase, status: () -> String) -> Span {
    let now = clock_ms()
    var lines = news(phase, at: now)
    if !lines.isEmpty || now >= nextStatus {
      let text = status()
      if !lines.isEmpty || text != self.status { lines.append(line(text)) }
      self.status = text
      nextStatus = now + Self.statusPace
    }
    if let watchdogPace, now >= nextWatchdog {
      lines.append("WATCHDOG=1")
      nextWatchdog = now + watchdogPace
    }
    if !lines.isEmpty { send(lines.joined(separator: "\n")) }
    let watchdog = watchdogPace == nil ? Span.max : nextWatchdog - now
    // What happens within a second of the last status is told at the end of that second.
    return min(watchdog, nextStatus == now + Self.statusPace ? .max : nextStatus - now)
  }

  private func news(_ phase: WorkPhase, at now: Int) -> [String] {
    switch phase {
    case .working where !isReady || isReloading:
      (isReady, isReloading) = (true, false)
      return ["READY=1"]
    case .stopping where !isStopping:
      isStopping = true
      return ["STOPPING=1"]
    case .starting where now >= nextExtension:
      nextExtension = now + Self.extensionPace
      return ["EXTEND_TIMEOUT_USEC=\(Self.extensionSpan * 1_000)"]
    case .starting, .working, .reloading, .standingBy, .stopping: return []
    }
  }

  private static let statusPace: Span = .seconds(1)
  /// A worker that waits for a locked queue is not stuck, so its start may take longer.
  private static let extensionSpan: Span = .seconds(30)
  private static let extensionPace: Span = .seconds(5)

  /// A person has asked for a reload. `look` says when it is done.
  func reload() {
    guard isReady, !isStopping else { return }
    isReloading = true
    send("RELOADING=1\nMONOTONIC_USEC=\(nanoseconds(of: CLOCK_MONOTONIC) / 1_000)")
  }

  /// Another worker has the queue. What others wait for is there, so the start has not failed.
  func leave(_ why: String) { send("READY=1\n" + line(why)) }

  /// Why the run fails.
  package func tell(_ problem: String) { send(line(problem)) }

  private func line(_ status: String) -> String { "STATUS=" + printable(status) }
}
