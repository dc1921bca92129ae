/// The public columns of an ask, as read from its row.
///
/// The schema checks them on insert and refuses updates, but a row can still be changed, for
/// example with the triggers off. A row that cannot be used must end that ask, not the worker.
package struct AskRow: Hashable, Sendable {
  package let account: String
  package let kind: String
  package let lane: String
  package let after: Span
  package let expiresIn: Span?

  package init(
    account: String, kind: String, lane: String, after: Span = 0, expiresIn: Span? = nil
  ) {
    self.account = account
    self.kind = kind
    self.lane = lane
    self.after = after
    self.expiresIn = expiresIn
  }
}

/// Why a row cannot be used.
package struct UnusableAsk: Error, Hashable, Sendable {
  /// Kept with the dead ask.
  package let reason: String

  package init(reason: String) { self.reason = reason }

  package init(_ flaw: String) {
    reason = "the row was changed and is no longer valid: \(flaw); enqueue it again"
  }
}

extension AskRow {
  /// What these store apps cannot have. The schema refuses it, but only once a worker has recorded which
  /// accounts are store apps.
  package func problem(storeApps: Set<String>, _ kind: Kind) -> UnusableAsk? {
    if storeApps.isEmpty { return nil }
    if storeApps.contains(account) { return .ofStoreApp }
    let app = account.prefix { $0 != "." }
    if kind.rules.isForStoreApps || app.count == account.count || !storeApps.contains(String(app)) {
      return nil
    }
    return .sessionOfTenant
  }

  /// Ten years, the same limit as in the schema.
  private static let longest: Span = .days(3_650)

  package func checked() -> Result<Aim, UnusableAsk> {
    guard let aim = Aim(rawValue: kind) else {
      return .failure(UnusableAsk("its kind is not preview, card, session, key or url"))
    }
    let laneFlaw =
      switch aim {
      case .lane(let kind): kind.rules.flaw(ofLane: lane)
      case .previews(let selector): selector.flaw(of: lane)
      }
    if let flaw = accountFlaw ?? laneFlaw ?? spanFlaw { return .failure(UnusableAsk(flaw)) }
    return .success(aim)
  }

  private var accountFlaw: String? {
    let isName =
      1...64 ~= account.utf8.count
      && account.utf8.allSatisfy { byte in
        switch UnicodeScalar(byte) {
        case "A"..."Z", "a"..."z", "0"..."9", "_", ".", "-": true
        default: false
        }
      }
    return isName
      ? nil : "its account is not a name of letters, digits, dots, dashes or underscores"
  }

  private var spanFlaw: String? {
    if !(0...Self.longest ~= after) { return "its after_ms is not between 0 and ten years" }
    if let expiresIn, !(1...Self.longest ~= expiresIn) {
      return "its expires_in_ms is not between 1 and ten years"
    }
    return nil
  }
}

extension Audience {
  /// The audience of these open_ids, in any order and with any repeats. Fails if the list is empty or holds
  /// something that cannot be an open_id.
  package static func checked(_ people: [String]) -> Result<Audience, UnusableAsk> {
    if people.isEmpty { return .failure(UnusableAsk("its open_ids are empty")) }
    let areGood = people.allSatisfy { person in
      1...64 ~= person.utf8.count
        && person.utf8.allSatisfy {
          (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ";")
        }
    }
    guard areGood else { return .failure(.openIDs) }
    let isSorted = zip(people, people.dropFirst()).allSatisfy { $0 < $1 }
    return .success(isSorted ? .people(people) : Audience(of: people))
  }
}

extension UnusableAsk {
  /// These two are sentences of the schema, which refuses such asks as soon as it knows the store apps.
  package static let ofStoreApp = UnusableAsk(
    reason: "this account is a store app: ask for one of its tenants, as account APP.TENANT_KEY")
  package static let sessionOfTenant = UnusableAsk(
    reason: "Aily sessions are for self-built apps: a tenant of a store app has none")

  package static let openIDs = UnusableAsk("its open_ids are not a list of open_ids")
  package static let audience = UnusableAsk(
    "its body is not {\"open_ids\":[…]} or {\"everyone\":true}")
}
