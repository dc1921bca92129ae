import Planning

extension Trouble {
  /// What the user can do about it.
  package var advice: String {
    switch self {
    case .credentials: "Check the app id and secret"
    case .permission: "Grant the app the missing permission in the developer console"
    case .address: "Check the host in the configuration"
    }
  }
}
