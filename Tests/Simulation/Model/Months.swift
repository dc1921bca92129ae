import Foundation

/// P4: an account's quota for a month, in Beijing time.
extension Judge {
  /// The month in which the server counts a call. Nil if the machine cannot know: its clock is in
  /// another month, within a minute of a month's end, or was just set.
  func month(of call: CallRecord, at now: Int) -> Int? {
    guard call.called.hasQuota, now - clockSetAt > 61_000 else { return nil }
    let wall = wallClock_ms()
    let month = Self.month(setup.wallClock_ms + now - Life.beginning)
    return [wall - 60_000, wall + 60_000].allSatisfy { Self.month($0) == month } ? month : nil
  }

  /// Whether both moments are surely in one month, for the server and by the machine's clock.
  func isOneMonth(_ earlier: Int, _ later: Int) -> Bool {
    let begun = setup.wallClock_ms - Life.beginning
    let whole = [earlier - 60_000, later + 60_000].map { Self.month(begun + $0) }
    return !hasClockTrouble && whole[0] == whole[1]
  }

  /// Months since the year 0.
  private static func month(_ wall_ms: Int) -> Int {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 28_800) ?? .gmt
    let parts = calendar.dateComponents(
      [.year, .month], from: Date(timeIntervalSince1970: Double(wall_ms) / 1_000))
    return (parts.year ?? 0) * 12 + (parts.month ?? 0)
  }

  /// The quota counts what the server has carried out, whatever the worker has heard of it. A call
  /// counts against the quota that was configured when it was claimed, with those that were claimed before
  /// it: a later configuration may allow more, and its calls may arrive first.
  func checkQuota(_ call: CallRecord, at now: Int) {
    guard let month = call.month else { return }
    let done = calls.filter {
      $0.month == month && $0.called.account == call.called.account && $0.wasApplied
    }
    for other in done where other.claimed >= call.claimed {
      guard let quota = account(of: other)?.monthlyQuota else { continue }
      let number = done.count { $0.claimed <= other.claimed }
      if number > quota {
        blame("P4", "call \(other.number) is number \(number) of \(quota) in a month", at: now)
      }
    }
  }
}

extension Called {
  var hasQuota: Bool { api == .preview || api == .card }
}
