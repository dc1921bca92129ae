import Planning

/// How long asks waited: sums of `QueueHistory.Wait`.
package struct Delays: Equatable, Sendable {
  /// In the order of the waits.
  private let waits: [(waited_ms: Int, asks: Int)]
  package let asks: Int

  package init(_ waits: some Sequence<QueueHistory.Wait>) {
    var sums: [Int: Int] = [:]
    for wait in waits { sums[wait.waited_ms, default: 0] += wait.asks }
    self.waits = sums.sorted { $0.key < $1.key }.map { (waited_ms: $0.key, asks: $0.value) }
    asks = sums.values.reduce(0, +)
  }

  /// So many of a hundred asks waited for at most this long. Nil if there are none.
  package func percentile(_ hundredth: Int) -> Int? {
    let place = (asks * hundredth + 99) / 100
    var seen = 0
    for wait in waits {
      seen += wait.asks
      if seen >= place { return wait.waited_ms }
    }
    return nil
  }

  package var worst_ms: Int? { waits.last?.waited_ms }

  package static func == (one: Delays, other: Delays) -> Bool {
    one.waits.elementsEqual(other.waits) { $0 == $1 }
  }
}

extension QueueHistory {
  package var delays: Delays { Delays(waits) }

  /// Without the calls that hand out access tokens.
  package var workChannels: [Channel] { channels.filter { !$0.isForTokens } }

  package func calls(_ end: CallEnd? = nil) -> Int {
    workChannels.reduce(0) { $0 + $1.calls(end) }
  }

  package var refusals: Int { CallEnd.allCases.filter(\.isRefusal).reduce(0) { $0 + calls($1) } }

  /// The calls of a client that sends one lane in each, less those that were made. Only calls that
  /// were delivered count.
  package var callsSaved: Int {
    workChannels.reduce(0) { sum, channel in
      channel.counts.reduce(sum) {
        $1.end == .delivered ? $0 + max(0, $1.lanes - $1.calls) : $0
      }
    }
  }
}
