/// What an ask can name: a lane, or all previews that show something.
package enum Aim: RawRepresentable, CaseIterable, Hashable, Sendable {
  case lane(of: Kind)
  case previews(by: Selector)

  package static let allCases =
    Kind.allCases.map(Aim.lane) + Selector.allCases.map(Aim.previews)

  package static let preview = Aim.lane(of: .preview)

  package init?(rawValue: String) {
    if let kind = Kind(rawValue: rawValue) {
      self = .lane(of: kind)
    } else if let selector = Selector(rawValue: rawValue) {
      self = .previews(by: selector)
    } else {
      return nil
    }
  }

  /// The ask's `kind`.
  package var rawValue: String {
    switch self {
    case .lane(let kind): kind.rawValue
    case .previews(let selector): selector.rawValue
    }
  }

  /// The kind of the calls that it leads to.
  package var kind: Kind {
    switch self {
    case .lane(let kind): kind
    case .previews: .preview
    }
  }
}
