/// All there is to know of a kind: how fast it goes, what its API allows, says and is told.
package protocol KindRules {
  /// How soon a lane may be in another call.
  static var pace: Pace { get }

  /// How many calls an app may make in a tenant, unless its configuration says otherwise.
  static var limits: [Budget.Limit] { get }

  /// Whether calls count against the month's quota.
  static var hasQuota: Bool { get }

  /// Whether a person's access token will do instead of the app's.
  static var takesUserTokens: Bool { get }

  /// What the codes mean that this API answers, before those that any API may answer.
  static var codes: [KnownCode] { get }

  /// What is wrong with the name of a lane; nil for a good one.
  static func flaw(ofLane name: String) -> String?

  /// Whether who knows a name may use it, so that lines show its beginning only. Where not, the names of one
  /// day begin alike, and are shown whole.
  static var namesGiveAccess: Bool { get }

  static var method: HTTPMethod { get }

  /// Where a call for these lanes goes, below the host.
  static func path(of lanes: [String]) -> String

  /// The members, from the outermost on, in which an answer says what its lane now is; none if it does not.
  static var stateInAnswer: [String] { get }

  /// How what waits in a lane becomes a call of its own; nil where lanes share calls.
  static var parcels: (any ParcelRules.Type)? { get }
}

/// How what waits in a lane becomes a call, for a kind whose lanes do not share calls.
package protocol ParcelRules {
  /// Whether a parcel is sent again as it was, to be recognised. Of the others, what is wanted by then
  /// is sent.
  static var areRepeated: Bool { get }

  /// Asks older than this are refused for certain, and die without a call.
  static var asksLive: Span? { get }

  /// How many of the asks that wait in a lane one call may carry at most: a bound on the work.
  static func asksAtMost(_ terms: PackingTerms) -> Int

  /// Why an ask cannot be packed; nil if it can. Its row may have been changed since it was checked.
  static func flaw(of fields: Fields) -> String?

  /// What the next call of a lane carries. `memory` is what the lane remembers of earlier calls, and
  /// asks up to `apart` go one by one.
  static func pack(
    _ waiting: [WaitingAsk], memory: Fields, apart: Int, _ terms: PackingTerms
  ) -> Packed

  /// What a lane remembers once this parcel may have left.
  static func memory(_ memory: Fields, sending parcel: Parcel) -> Fields

  /// And once it has been accepted. `answered` is what the answer says the lane now is.
  static func memory(_ memory: Fields, accepted parcel: Parcel, _ answered: Fields) -> Fields

  /// Whether its number is above all that are known to have been accepted.
  static func couldBeAccepted(_ parcel: Parcel, memory: Fields) -> Bool

  /// The same with a higher number; nil when that has been tried often enough, or it has none.
  static func renumbered(_ parcel: Parcel, memory: Fields, _ terms: PackingTerms) -> Parcel?

  /// The same under another name; nil when it has none.
  static func renamed(_ parcel: Parcel, _ terms: PackingTerms) -> Parcel?
}

/// What a parcel is known by has to be invented by its kind: as a rule it has neither number nor name.
extension ParcelRules {
  package static func couldBeAccepted(_ parcel: Parcel, memory: Fields) -> Bool { true }

  package static func renumbered(
    _ parcel: Parcel, memory: Fields, _ terms: PackingTerms
  ) -> Parcel? { nil }

  package static func renamed(_ parcel: Parcel, _ terms: PackingTerms) -> Parcel? { nil }
}

package enum HTTPMethod: String, Sendable { case post = "POST", put = "PUT" }

/// A lane's name in a path: everything but letters, digits and `-._~` as its bytes.
func percentEncoded(_ name: String) -> String {
  name.utf8.map { byte in
    switch UnicodeScalar(byte) {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": return String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }
  }.joined()
}

extension String {
  var isVisibleASCII: Bool { utf8.allSatisfy { (0x21...0x7E).contains($0) } }

  /// Too long by any count. SQLite and Swift count bytes that are not UTF-8 differently, and what the schema
  /// accepted must not be rejected here.
  func isLonger(than most: Int) -> Bool { utf8.count > 6 * most }
}
