import Terminal

/// Lanes over time: what waited, when it was in a call, and when it had to rest.
struct LaneRows {
  private static let width = 10_000
  private static let height = 100

  let history: QueueHistory
  let names: ChannelNames
  let shortening: Shortening

  var html: HTML {
    if history.lanes.isEmpty { return #"<p class="none">No lane was in a call.</p>"# }
    let note: HTML =
      history.lanesInAll > history.lanes.count
      ? #"<p class="note">The \#(history.lanes.count) busiest of \#(history.lanesInAll) lanes.</p>"#
      : .nothing
    return """
      \(legend)<table class="lanes"><thead><tr><th scope="col">Lane</th>\
      <th scope="col" class="number">Calls</th><th scope="col">Over time</th></tr></thead><tbody>
      \(history.lanes.map(row))<tr class="foot"><td></td><td></td><td>\
      \(TimeAxis(window: window, zone: history.zone).html)</td></tr></tbody></table>\(note)
      """
  }

  private var window: Window { history.window }

  private var legend: HTML {
    let slot: HTML =
      history.lanes.contains(where: isSlotSeen)
      ? #"<span><i class="slot"></i>resting after an answer</span>"# : .nothing
    return """
      <p class="legend" aria-hidden="true"><span><i class="wait"></i>waiting</span>\
      <span><i class="tick delivered"></i>call</span><span><i class="tick limited"></i>too many</span>\
      <span><i class="tick refused"></i>refused</span><span><i class="tick failed"></i>failed</span>\
      \(slot)</p>
      """
  }

  private func row(_ lane: QueueHistory.Lane) -> HTML {
    let name = lane.isSecret ? shortening.token(lane.name) : lane.name
    let kind: HTML =
      lane.kind == "preview" ? .nothing : #" <span class="kind">\#(lane.kind)</span>"#
    let key: HTML =
      lane.key.map { #" <bdi class="kind">\#(cut($0, to: 40))</bdi>"# } ?? .nothing
    return """
      <tr><th scope="row"><bdi class="name">\(cut(names.title(lane.account, name)))</bdi>\(kind)\(key)</th>\
      <td class="number">\(lane.calls)</td><td class="strip">\(picture(lane))</td></tr>

      """
  }

  private func picture(_ lane: QueueHistory.Lane) -> HTML {
    let waits = lane.waits.map { box(from: $0.from_ms, to: $0.to_ms, low: 20, high: 80) }
    let slots =
      isSlotSeen(lane)
      ? lane.ticks.compactMap { tick in
        tick.ended_ms.map { box(from: $0, to: $0 + lane.slot_ms, low: 35, high: 65) }
      } : []
    let ticks = CallEnd.allCases.map { end -> HTML in
      let path = lane.ticks.filter { $0.end == end }.map {
        "M\(x($0.began_ms)) 0V\(Self.height)"
      }.joined()
      return path.isEmpty ? .nothing : #"<path class="tick \#(end.rawValue)" d="\#(path)"/>"#
    }
    return """
      <svg viewBox="0 0 \(plain: Self.width) \(plain: Self.height)" preserveAspectRatio="none" role="img" \
      aria-label="\(description(lane))"\(Hovering.moments(window))>\
      \(shape("wait", waits))\(shape("slot", slots))\(ticks)</svg>
      """
  }

  private func shape(_ style: String, _ boxes: [String]) -> HTML {
    boxes.isEmpty ? .nothing : #"<path class="\#(style)" d="\#(boxes.joined())"/>"#
  }

  private func box(from: Int, to: Int, low: Int, high: Int) -> String {
    let (left, right) = (x(from), x(to))
    return right > left ? "M\(left) \(low)H\(right)V\(high)H\(left)z" : ""
  }

  private func x(_ ms: Int) -> Int { window.x(ms, of: Self.width) }

  /// A slot that is narrower than a line says nothing.
  private func isSlotSeen(_ lane: QueueHistory.Lane) -> Bool {
    lane.slot_ms > 0 && lane.slot_ms * 400 >= window.span_ms
  }

  private func description(_ lane: QueueHistory.Lane) -> String {
    let ends = CallEnd.allCases.compactMap { end -> String? in
      let count = lane.ticks.count { $0.end == end }
      return count == 0 || end == .delivered ? nil : "\(grouped(count)) \(end.title)"
    }
    let first = lane.ticks.first.map { ", first at \(history.zone.moment($0.began_ms))" } ?? ""
    let last = lane.ticks.last.map { ", last at \(history.zone.moment($0.began_ms))" } ?? ""
    let longest = lane.waits.map { $0.to_ms - $0.from_ms }.max()
    let waited = longest.map { "; waited for at most \(spelled($0))" } ?? ""
    let bad = ends.isEmpty ? "" : "; of those shown, " + ends.joined(separator: ", ")
    return "\(counted(lane.calls, "call"))\(first)\(last)\(bad)\(waited)"
  }
}

/// Text from outside, cut to a length that a row can hold.
func cut(_ text: String, to most: Int = 100) -> String {
  text.unicodeScalars.count <= most ? text : String(text.unicodeScalars.prefix(most)) + "…"
}
