/// What can be updated. Each kind has an API and a budget of its own.
package enum Kind: String, CaseIterable, Hashable, Sendable {
  case preview, card, session
}

/// What can be called: one API for each kind, and the one that hands out access tokens.
package enum API: String, CaseIterable, Hashable, Sendable {
  case preview, card, session, auth
}
