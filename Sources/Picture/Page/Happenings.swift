import Planning
import Terminal

/// What happened, in the order of time: what stopped the calls, when no worker ran, when the
/// most calls were made, and when a month of the quota began.
struct Happenings {
  static let most = 20

  let history: QueueHistory
  let names: ChannelNames
  let shortening: Shortening

  private struct Event {
    let from_ms: Int
    let to_ms: Int
    let what: String
    var why = ""
  }

  var html: HTML {
    let events = (stops + gaps + peaks + months).sorted { $0.from_ms < $1.from_ms }
    if events.isEmpty { return #"<p class="none">Nothing stopped the calls.</p>"# }
    let rows = events.suffix(Self.most).map { event -> [HTML] in
      [
        "\(String(history.zone.moment(event.from_ms).dropLast(3)))",
        event.to_ms > event.from_ms ? "\(spelled(event.to_ms - event.from_ms))" : .nothing,
        "\(event.what)",
        #"<bdi class="why">\#(cut(event.why, to: 300))</bdi>"#,
      ]
    }
    let note: HTML =
      events.count > rows.count
      ? #"<p class="note">The latest \#(rows.count) of \#(events.count).</p>"# : .nothing
    return HTMLTable(["From", "#For", "What", "Why"], Array(rows)).html.appending(note)
  }

  private var stops: [Event] {
    history.stretches.compactMap { stretch in
      guard let what = what(stretch) else { return nil }
      let end = min(stretch.ended_ms ?? history.now_ms, history.now_ms)
      let why = stretch.what == .run ? "" : stretch.why ?? stretch.reason ?? ""
      return Event(
        from_ms: stretch.what == .run ? end : stretch.began_ms, to_ms: end, what: what,
        why: shortening.message(why))
    }
  }

  private func what(_ stretch: QueueHistory.Stretch) -> String? {
    switch stretch.what {
    case .run: return stretch.reason == "died" ? "The worker died" : nil
    case .parking:
      return "Account \(stretch.account ?? "") parked until somebody acts"
    case .pause:
      return capitalized(
        names.phrase(stretch.account ?? "", stretch.api.map(ChannelNames.calls) ?? "calls")
          + " paused")
    }
  }

  private var gaps: [Event] {
    history.withoutWorker.map {
      Event(from_ms: $0.from_ms, to_ms: $0.to_ms, what: "No worker ran")
    }
  }

  private var months: [Event] {
    let begins = nextQuotaMonth(after: WallMoment(ms: history.window.from_ms)).ms
    if history.state.quotas.isEmpty || begins > history.now_ms { return [] }
    return [Event(from_ms: begins, to_ms: begins, what: "A new month of the quota began")]
  }

  /// The busiest bar of each channel, if it stands out.
  private var peaks: [Event] {
    let window = history.window
    return history.workChannels.prefix(CallCharts.most).compactMap { channel in
      let counts = channel.perPlace
      guard let peak = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
        return nil
      }
      let others = counts.values.filter { $0 > 0 }.sorted()
      // Of a few bars, none is usual.
      guard others.count >= 10, peak.value >= 20, peak.value >= 3 * others[others.count / 2] else {
        return nil
      }
      let from = max(window.from_ms, window.start(ofPlace: peak.key, step: window.step_ms))
      let lanes = channel.counts.filter { $0.place == peak.key }.reduce(0) { $0 + $1.lanes }
      let share = channel.most(in: window.step_ms).map {
        $0 > 0 ? ", \(peak.value * 100 / $0)% of the limit" : ""
      }
      return Event(
        from_ms: from, to_ms: window.step_ms + from,
        what: "The most calls: \(names.phrase(channel))",
        why: "\(counted(peak.value, "call")) for \(counted(lanes, "refresh", "refreshes"))"
          + (share ?? ""))
    }
  }
}
