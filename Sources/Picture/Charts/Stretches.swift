/// Stretches of time for the background of a chart.
extension QueueHistory {
  package struct Range: Equatable, Sendable {
    package var from_ms: Int
    package var to_ms: Int

    package init(from_ms: Int, to_ms: Int) {
      self.from_ms = from_ms
      self.to_ms = to_ms
    }
  }

  /// When no worker ran. A gap that is shorter than a bar is left out: between two runs of cron there
  /// is always one.
  package var withoutWorker: [Range] {
    let runs = Self.joined(stretches.filter { $0.what == .run }.map(inside))
    var gaps: [Range] = []
    var from = window.from_ms
    for run in runs {
      gaps.append(Range(from_ms: from, to_ms: run.from_ms))
      from = run.to_ms
    }
    gaps.append(Range(from_ms: from, to_ms: min(now_ms, window.to_ms)))
    return gaps.filter { $0.to_ms - $0.from_ms >= window.step_ms }
  }

  /// When the channel made no calls because it was paused or its account parked. A pause of the calls for access
  /// tokens stops every channel of the account.
  package func stopped(_ channel: Channel) -> [Range] {
    let ranges = stretches.filter { stretch in
      stretch.account == channel.account
        && (stretch.what == .parking
          || stretch.what == .pause && (stretch.api == channel.api || stretch.api == "auth"))
    }.map(inside)
    return Self.joined(ranges).filter { $0.to_ms > $0.from_ms }
  }

  /// The part of a stretch that is in the window. What lasts has not ended yet.
  private func inside(_ stretch: Stretch) -> Range {
    let end = min(stretch.ended_ms ?? now_ms, now_ms, window.to_ms)
    return Range(from_ms: max(stretch.began_ms, window.from_ms), to_ms: max(end, window.from_ms))
  }

  /// In the order of time, without overlaps.
  static func joined(_ ranges: [Range]) -> [Range] {
    var joined: [Range] = []
    for range in ranges.sorted(by: { $0.from_ms < $1.from_ms }) {
      if let last = joined.last, range.from_ms <= last.to_ms {
        joined[joined.count - 1].to_ms = max(last.to_ms, range.to_ms)
      } else {
        joined.append(range)
      }
    }
    return joined
  }
}
