/// What can be updated. Each kind has an API and a budget of its own.
///
/// A new one is a case here, a file like its neighbours in this folder, a migration that adds its name to the
/// table `kind`, and what the compiler then asks for.
package enum Kind: String, CaseIterable, Hashable, Sendable {
  case preview, card, session

  /// All there is to know of it.
  package var rules: any KindRules.Type {
    switch self {
    case .preview: Preview.self
    case .card: Card.self
    case .session: Session.self
    }
  }

  /// Only for a kind whose lanes do not share calls: what has been claimed as a parcel is of such a kind.
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

/// What can be called: one API for each kind, and the one that hands out access tokens.
package enum API: String, CaseIterable, Hashable, Sendable {
  case preview, card, session, auth

  /// What it updates; nil for the one that hands out access tokens.
  package var kind: Kind? { Kind.allCases.first { $0.api == self } }
}
