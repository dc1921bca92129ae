import Planning

extension Trouble {
  /// What the user can do about it.
  package var advice: String {
    switch self {
    case .credentials: "Check the app id and its secret"
    case .permission: "Grant the app what it needs in the developer console"
    case .address: "Check the host in the configuration"
    }
  }
}
