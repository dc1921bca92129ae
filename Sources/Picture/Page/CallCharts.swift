import Terminal

/// Calls against the budget: a chart for each channel.
struct CallCharts {
  static let most = 6

  let history: QueueHistory
  let names: ChannelNames

  var html: HTML {
    let channels = history.workChannels
    if channels.isEmpty { return #"<p class="none">No calls in this time.</p>"# }
    let others = channels.count - Self.most
    let note: HTML =
      others > 0
      ? #"<p class="note">The \#(Self.most) busiest of \#(channels.count) channels.</p>"# : .nothing
    return "\(legend)\(channels.prefix(Self.most).map(chart))\(note)"
  }

  private var legend: HTML {
    let marks = CallEnd.allCases.filter { $0 != .open }.map { end -> HTML in
      #"<span><i class="\#(end.rawValue)"></i>\#(end.title)</span>"#
    }
    return """
      <p class="legend" aria-hidden="true">\(marks)<span><i class="limit"></i>limit</span>\
      <span><i class="paused"></i>paused</span><span><i class="nobody"></i>no worker</span></p>
      """
  }

  private func chart(_ channel: QueueHistory.Channel) -> HTML {
    let plot = plot(of: channel)
    let most = channel.most(in: window.step_ms)
    let rule: HTML = most.map { "at most \($0)" } ?? "no limit"
    return """
      <figure class="chart"><figcaption><h3>\(names.title(channel))</h3> \
      <span class="rule">calls in \(stepName), \(rule):</span> \
      <span class="sum">\(sums(channel))</span></figcaption>
      \(plot.html)\(TimeAxis(window: window, zone: history.zone).html)</figure>

      """
  }

  private var window: Window { history.window }
  /// `5 minutes`, `an hour`.
  private var stepName: String {
    let name = named(step_ms: window.step_ms)
    if name.contains(" ") { return name }
    return name == "hour" ? "an hour" : "a \(name)"
  }

  private func sums(_ channel: QueueHistory.Channel) -> String {
    CallEnd.allCases.filter { channel.calls($0) > 0 }
      .map { "\(grouped(channel.calls($0))) \($0.title)" }.joined(separator: ", ")
  }

  private func plot(of channel: QueueHistory.Channel) -> BarPlot {
    let series = CallEnd.allCases.filter { $0 != .open }.map { end in
      BarPlot.Series(end.rawValue, counts(channel, end))
    }
    return BarPlot(
      series, limit: channel.most(in: window.step_ms), bands: bands(channel),
      description: description(channel), attributes: Hovering.bars(series, window))
  }

  private func counts(_ channel: QueueHistory.Channel, _ end: CallEnd) -> [Int] {
    var counts = [Int](repeating: 0, count: window.bars)
    for count in channel.counts where count.end == end && counts.indices.contains(count.place) {
      counts[count.place] += count.calls
    }
    return counts
  }

  private func bands(_ channel: QueueHistory.Channel) -> [BarPlot.Band] {
    let stopped = history.stopped(channel).map { ("paused", $0) }
    let nobody = history.withoutWorker.map { ("nobody", $0) }
    return (nobody + stopped).map { style, range in
      BarPlot.Band(
        style, from: window.x(range.from_ms, of: 1_000), to: window.x(range.to_ms, of: 1_000))
    }
  }

  private func description(_ channel: QueueHistory.Channel) -> String {
    let all = channel.counts.reduce(into: [Int: Int]()) { $0[$1.place, default: 0] += $1.calls }
    let peak = all.max { ($0.value, $1.key) < ($1.value, $0.key) }
    let busiest =
      peak.map { place, calls in
        " The most were \(grouped(calls)) in \(stepName) from "
          + "\(history.zone.moment(window.start(ofPlace: place, step: window.step_ms)))."
      } ?? ""
    let stopped = Self.length(history.stopped(channel))
    let nobody = Self.length(history.withoutWorker)
    return "\(names.title(channel)), calls in \(stepName): \(sums(channel)).\(busiest)"
      + (stopped > 0 ? " Paused for \(spelled(stopped)) in all." : "")
      + (nobody > 0 ? " No worker for \(spelled(nobody)) in all." : "")
  }

  static func length(_ ranges: [QueueHistory.Range]) -> Int {
    ranges.reduce(0) { $0 + $1.to_ms - $1.from_ms }
  }
}

/// What channels are called. The account is left out if there is only one.
struct ChannelNames {
  private let hasSeveral: Bool

  init(_ history: QueueHistory) {
    let accounts = Set(history.channels.map(\.account) + history.lanes.map(\.account))
    hasSeveral = accounts.count > 1
  }

  func title(_ channel: QueueHistory.Channel) -> String {
    hasSeveral ? title(channel.account, "\(channel.api)s") : capitalized("\(channel.api)s")
  }

  /// `calls for previews of shop`: in a sentence.
  func phrase(_ channel: QueueHistory.Channel) -> String {
    phrase(channel.account, Self.calls(channel.api))
  }

  func phrase(_ account: String, _ what: String) -> String {
    hasSeveral ? "\(what) of \(account)" : what
  }

  static func calls(_ api: String) -> String {
    api == "auth" ? "calls for access tokens" : "calls for \(api)s"
  }

  /// `of` an account, as the first word of a row.
  func title(_ account: String, _ what: String) -> String {
    hasSeveral ? "\(account): \(what)" : what
  }

  func option(_ account: String) -> String {
    hasSeveral || account != "default" ? " --account \(account)" : ""
  }
}
