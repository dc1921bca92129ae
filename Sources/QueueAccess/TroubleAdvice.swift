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

  /// The same, with what makes the worker try again.
  package func fix(account: String) -> String {
    "\(advice), then run 'larkspur resume \(account)'"
  }
}
