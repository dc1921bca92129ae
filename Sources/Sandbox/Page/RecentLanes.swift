/// A preview, a card or a session, and when it was refreshed.
struct Lane: Equatable {
  enum Detail: Equatable {
    case people(Int), everyone
    case sequence(Int)
    case none
  }

  struct Name: Hashable {
    let endpoint: Endpoint
    let app: String
    let text: String
  }

  let name: Name
  /// When it was last refreshed.
  let refreshed: Microseconds
  let detail: Detail
  var times = 1
}

/// The lanes that were refreshed last. A call is only noted at first; the list is brought up to
/// date for many calls at once, newest first. A lane that will not be kept then costs one table
/// lookup, far less than keeping the list in order all the time.
struct RecentLanes {
  struct Refresh {
    let endpoint: Endpoint
    let app: String
    let names: [String]
    let detail: Lane.Detail
    let at: Microseconds
  }

  private static let pendingMax = 500

  private let max: Int
  private var sorted: [Lane] = []
  private var pending: [Refresh] = []
  /// Whether there were more lanes than there is room for.
  private var hasForgotten = false

  init(max: Int) {
    self.max = max
    pending.reserveCapacity(Self.pendingMax)
  }

  mutating func note(_ refresh: Refresh) {
    pending.append(refresh)
    if pending.count == Self.pendingMax { settle() }
  }

  /// All lanes, newest first, and whether there were more.
  var latest: (lanes: [Lane], hasForgotten: Bool) {
    var settled = self
    settled.settle()
    return (settled.sorted, settled.hasForgotten)
  }

  private mutating func settle() {
    var merged = Merged(max: max)
    for refresh in pending.reversed() {
      let group = merged.group(refresh.endpoint, refresh.app)
      for text in refresh.names.reversed() {
        if merged.counts(text, in: group, times: 1) { continue }
        let name = Lane.Name(endpoint: refresh.endpoint, app: refresh.app, text: text)
        let lane = Lane(name: name, refreshed: refresh.at, detail: refresh.detail)
        merged.append(lane, to: group)
      }
    }
    for lane in sorted {
      let group = merged.group(lane.name.endpoint, lane.name.app)
      if !merged.counts(lane.name.text, in: group, times: lane.times) {
        merged.append(lane, to: group)
      }
    }
    sorted = merged.lanes
    hasForgotten = hasForgotten || merged.hasForgotten
    pending.removeAll(keepingCapacity: true)
  }
}

/// The merged list of lanes, newest first.
private struct Merged {
  /// The lanes of one app in one API, and their places in the list. There are few groups, and
  /// looking up a text is cheaper than looking up API, app and text together.
  private struct Group {
    let endpoint: Endpoint
    let app: String
    var places: [String: Int] = [:]
  }

  private let max: Int
  private(set) var lanes: [Lane] = []
  private(set) var hasForgotten = false
  private var groups: [Group] = []

  init(max: Int) {
    self.max = max
    lanes.reserveCapacity(max)
  }

  mutating func group(_ endpoint: Endpoint, _ app: String) -> Int {
    if let known = groups.firstIndex(where: { $0.endpoint == endpoint && $0.app == app }) {
      return known
    }
    groups.append(Group(endpoint: endpoint, app: app))
    return groups.count - 1
  }

  /// Whether nothing is left to do for the lane: it is in the list and was counted, or there is no
  /// room for it.
  mutating func counts(_ text: String, in group: Int, times: Int) -> Bool {
    if let place = groups[group].places[text] {
      lanes[place].times += times
      return true
    }
    if lanes.count < max { return false }
    hasForgotten = true
    return true
  }

  mutating func append(_ lane: Lane, to group: Int) {
    groups[group].places[lane.name.text] = lanes.count
    lanes.append(lane)
  }
}
