/// What can be updated. Each kind has its own API and its own budget.
///
/// To add one, add a case here, a file like its neighbours in this folder, a migration that adds
/// its name to the table `kind`, and whatever the compiler then asks for.
package enum Kind: String, CaseIterable, Hashable, Sendable {
  case preview, card, session

  /// Everything that is specific to this kind.
  package var rules: any KindRules.Type {
    switch self {
    case .preview: Preview.self
    case .card: Card.self
    case .session: Session.self
    }
  }

  /// Call this only for a kind whose lanes do not share calls. Anything claimed as a parcel is of
  /// such a kind.
  package var parcels: any ParcelRules.Type {
    guard let parcels = rules.parcels else { preconditionFailure("\(self)s share calls") }
    return parcels
  }

  /// The API that updates this kind.
  package var api: API {
    switch self {
    case .preview: .preview
    case .card: .card
    case .session: .session
    }
  }
}

/// The APIs that can be called: one for each kind, and one that hands out access tokens.
package enum API: String, CaseIterable, Hashable, Sendable {
  case preview, card, session, auth

  /// The kind it updates. Nil for the API that hands out access tokens.
  package var kind: Kind? { Kind.allCases.first { $0.api == self } }
}
