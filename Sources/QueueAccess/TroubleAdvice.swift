import Planning

extension Trouble {
  /// What the user can do about it. A store app's tenant decides itself whether it has the app.
  /// `credentials` are the app id and where its secret is, for who knows the configuration.
  private func advice(isTenant: Bool, credentials: String?) -> String {
    switch self {
    case .credentials: "Check \(credentials ?? "the app id and secret")"
    case .permission where isTenant:
      "Check the tenant key; the tenant has to install the app, or to grant it the missing permission"
    case .permission: "Grant the app the missing permission in the developer console"
    case .address: "Check the host in the configuration"
    }
  }

  /// The same, with what makes the worker try again.
  package func fix(account: String, isTenant: Bool, credentials: String? = nil) -> String {
    let advice = advice(isTenant: isTenant, credentials: credentials)
    let resume = "\(advice), then run 'larkspur resume \(account)'"
    return isTenant && self == .permission
      ? "\(resume); if it has left for good: larkspur forget --account \(account)" : resume
  }
}
