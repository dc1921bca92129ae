/// Everything that is specific to a kind: its pace, and what its API allows, expects and answers.
package protocol KindRules {
  /// How soon a lane may be in another call.
  static var pace: Pace { get }

  /// How many calls an app may make in a tenant, unless the configuration sets other limits.
  static var limits: [Budget.Limit] { get }

  /// Whether calls count against the month's quota.
  static var hasQuota: Bool { get }

  /// Whether a user's access token can be used instead of the app's.
  static var takesUserTokens: Bool { get }
  /// Whether a tenant of a store app may have them.
  static var isForStoreApps: Bool { get }

  /// What this API's codes mean. They take precedence over the codes that any API may answer.
  static var codes: [KnownCode] { get }

  /// What is wrong with a lane's name. Nil if it is good.
  static func flaw(ofLane name: String) -> String?

  /// Whether knowing a name is enough to use it. Then printed lines show only its beginning. Other
  /// names are shown in full, because names created on the same day begin alike.
  static var namesGiveAccess: Bool { get }

  static var method: HTTPMethod { get }

  /// The path of a call for these lanes.
  static func path(of lanes: [String]) -> String

  /// The names of the members, outermost first, under which an answer gives the lane's new state.
  /// Empty if answers do not give it.
  static var stateInAnswer: [String] { get }

  /// How the asks that wait in a lane become a call of their own. Nil where lanes share calls.
  static var parcels: (any ParcelRules.Type)? { get }
}

/// How the asks that wait in a lane become a call, for a kind whose lanes do not share calls.
package protocol ParcelRules: SendableMetatype {
  /// Whether a parcel is repeated unchanged, so that the server recognises it. In other kinds a
  /// retry sends what is wanted by then.
  static var areRepeated: Bool { get }

  /// Older asks would certainly be refused, so they die without a call.
  static var asksLive: Span? { get }

  /// How many of the asks waiting in a lane one call may carry. It limits the work for one call.
  static func asksAtMost(_ terms: PackingTerms) -> Int

  /// Why an ask cannot be packed. Nil if it can. Its row may have changed since it was checked.
  static func flaw(of fields: Fields) -> String?

  /// What the next call of a lane carries. `memory` is what the lane remembers of earlier calls.
  /// Asks with ids up to `apart` go one by one.
  static func pack(
    _ waiting: [WaitingAsk], memory: Fields, apart: Int, _ terms: PackingTerms
  ) -> Packed

  /// What a lane remembers once this parcel may have left.
  static func memory(_ memory: Fields, sending parcel: Parcel) -> Fields

  /// What a lane remembers once this parcel has been accepted. `answered` is the lane's new state
  /// according to the answer.
  static func memory(_ memory: Fields, accepted parcel: Parcel, _ answered: Fields) -> Fields

  /// Whether its number is higher than every number known to have been accepted.
  static func couldBeAccepted(_ parcel: Parcel, memory: Fields) -> Bool

  /// The same parcel with a higher number. Nil if that has been tried often enough, or if it has no
  /// number.
  static func renumbered(_ parcel: Parcel, memory: Fields, _ terms: PackingTerms) -> Parcel?

  /// The same parcel with another name. Nil if it has no name.
  static func renamed(_ parcel: Parcel, _ terms: PackingTerms) -> Parcel?
}

/// By default a parcel has neither a number nor a name. A kind that needs them provides its own.
extension ParcelRules {
  package static func couldBeAccepted(_ parcel: Parcel, memory: Fields) -> Bool { true }

  package static func renumbered(
    _ parcel: Parcel, memory: Fields, _ terms: PackingTerms
  ) -> Parcel? { nil }

  package static func renamed(_ parcel: Parcel, _ terms: PackingTerms) -> Parcel? { nil }
}

package enum HTTPMethod: String, Sendable { case get = "GET", post = "POST", put = "PUT" }

/// A lane's name for use in a path: every byte is escaped except letters, digits and `-._~`.
func percentEncoded(_ name: String) -> String {
  name.utf8.map { byte in
    switch UnicodeScalar(byte) {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": return String(UnicodeScalar(byte))
    default: return "%" + hexadecimal(UInt64(byte), digits: 2).uppercased()
    }
  }.joined()
}

extension String {
  var isVisibleASCII: Bool { utf8.allSatisfy { (0x21...0x7E).contains($0) } }

  /// Whether it is too long by any way of counting. SQLite and Swift count invalid UTF-8
  /// differently, and what the schema accepted must not be rejected here.
  func isLonger(than most: Int) -> Bool { utf8.count > 6 * most }
}
