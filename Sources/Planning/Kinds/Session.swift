/// Aily sessions. The last write of each field wins.
package enum Session: KindRules {
  /// An old value that arrives late would replace a newer one, so a lane waits until an unanswered
  /// call can no longer be carried out.
  package static let pace = Pace()
  package static let limits = Limits.tier4
  /// Aily's APIs do not count against the quota. [custom-app-api-call-limit]
  package static let hasQuota = false
  package static let takesUserTokens = true
  package static let isForStoreApps = false

  package static let codes = [
    // A field or the session id is not accepted.
    KnownCode([2_700_001], .refused(isDocumented: true)),
    // The user access token is not accepted.
    KnownCode([99_991_668, 99_991_677], .tokenRefused),
  ]

  package static let namesGiveAccess = false

  package static func flaw(ofLane name: String) -> String? {
    let isSession =
      name.hasPrefix("session_") && 9...32 ~= name.utf8.count
      && name.utf8.dropFirst(8).allSatisfy { byte in
        switch UnicodeScalar(byte) {
        case "i", "l", "o": false
        case "0"..."9", "a"..."z": true
        default: false
        }
      }
    return isSession ? nil : "its lane is not a session id"
  }

  /// PUT /open-apis/aily/v1/sessions/:aily_session_id.
  package static let method = HTTPMethod.put

  package static func path(of lanes: [String]) -> String {
    "/open-apis/aily/v1/sessions/\(percentEncoded(lanes[0]))"
  }

  package static let stateInAnswer = ["data", "session"]
  package static let parcels: (any ParcelRules.Type)? = Session.self
}

extension Session: ParcelRules {
  package static let areRepeated = false
  package static let asksLive: Span? = nil

  package static func asksAtMost(_ terms: PackingTerms) -> Int { 500 }

  package static func flaw(of fields: Fields) -> String? {
    if fields.isEmpty { return "its body has neither channel_context nor metadata" }
    guard fields.keys.allSatisfy({ ["channel_context", "metadata"].contains($0) }) else {
      return "its body has an unknown key"
    }
    // "channel_context, metadata: 0 to 255 characters". [api/aily-session]
    let areGood = fields.values.allSatisfy { $0.text.map { !$0.isLonger(than: 255) } ?? false }
    return areGood ? nil : "channel_context and metadata are not strings of at most 255 characters"
  }

  package static func pack(
    _ waiting: [WaitingAsk], memory: Fields, apart: Int, _ terms: PackingTerms
  ) -> Packed {
    let waiting = waiting[0].id > apart ? waiting[...] : waiting.prefix(1)
    let wanted = waiting.reduce(into: Fields()) { $0.merge($1.fields) { $1 } }
    let asks = waiting.map(\.id)
    let changed = wanted.filter { memory[$0.key] != $0.value }
    return changed.isEmpty ? .nothing(asks: asks) : .parcel(Parcel(asks: asks, fields: changed))
  }

  /// A field that is being written is unknown until the write has been accepted.
  package static func memory(_ memory: Fields, sending parcel: Parcel) -> Fields {
    memory.filter { parcel.fields[$0.key] == nil }
  }

  /// What a session does with fields that an update leaves out is not documented. So the state
  /// given in the answer takes precedence over what was sent.
  package static func memory(
    _ memory: Fields, accepted parcel: Parcel, _ answered: Fields
  ) -> Fields {
    memory.merging(parcel.fields) { $1 }.reduce(into: Fields()) { known, field in
      known[field.key] = answered[field.key] ?? field.value
    }
  }
}
