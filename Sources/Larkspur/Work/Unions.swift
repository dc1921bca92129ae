import Planning

/// What lanes want after a pass, by lane.
struct Unions {
  struct Union {
    let base: Audience
    let account: Int
    let isWaiting: Bool
    /// By number, because many asks may want the same audience.
    var more: [Int: Audience] = [:]
  }

  var byLane: [Int: Union] = [:]
}

extension WorkerStore {
  /// The union of what a lane's asks want is stored once per pass. Otherwise many asks for one lane
  /// would store every step.
  func unite(
    _ lane: LaneRow, _ wanted: Int, _ audience: Audience, account: Int, _ unions: inout Unions
  ) throws(StoreError) {
    let isWaiting = lane.found.state == .waiting
    let current = isWaiting ? lane.audience : lane.follow
    if current == wanted && unions.byLane[lane.id] == nil { return }
    if unions.byLane[lane.id] == nil {
      let base = try current.map { (id) throws(StoreError) in try self.audience(id) } ?? .nobody
      unions.byLane[lane.id] = .init(base: base, account: account, isWaiting: isWaiting)
    }
    unions.byLane[lane.id]?.more[wanted] = audience
  }

  func put(_ unions: Unions, at now: Moment) throws(StoreError) {
    for (lane, union) in unions.byLane {
      let all = union.base.union(union.more.values)
      let id = try number(of: all, account: union.account, at: now)
      if union.isWaiting {
        try db.execute(
          "update lane set audience_id = ?, many_calls = ? where id = ?", .int(id),
          .of(try takesManyCalls(id)),
          .int(lane))
      } else {
        try db.execute("update lane set follow_id = ? where id = ?", .int(id), .int(lane))
      }
    }
  }

  func union(_ a: Int?, _ b: Int, account: Int, at now: Moment) throws(StoreError) -> Int {
    guard let a, a != b else { return b }
    let both = try audience(a).union(try audience(b))
    return try number(of: both, account: account, at: now)
  }

  func takesManyCalls(_ id: Int?) throws(StoreError) -> Bool {
    guard let id else { return false }
    return (try audience(id).count ?? 0) > Preview.peoplePerCall
  }
}
