import Delivery
import Terminal

/// Store apps in the configuration file. Each stands for all its tenants, which are accounts of their own.
extension ConfigFile {
  private static let appKeys = identity + ["app_ticket_file"] + pacing + ["tenants"]

  static func storeApp(
    _ name: String, _ value: JSON, beside accounts: [AccountSettings], _ file: String
  ) throws(Failure) -> AccountSettings {
    let what = "app '\(printable(name))'"
    if name.contains(".") {
      throw problem(file, "\(what): the name of an app has no dot; its tenants are NAME.TENANT_KEY")
    }
    if let other = accounts.first(where: { $0.name == name || TenantName($0.name)?.app == name }) {
      throw problem(
        file,
        "\(what): account '\(other.name)' would be \(other.name == name ? "the same" : "a tenant of it"); "
          + "rename one of them")
    }
    try checkStoreApp(value, what, file)
    var settings = try common(name, value, what, file)
    guard let ticket = value["app_ticket_file"]?.string, !ticket.isEmpty else {
      throw problem(
        file,
        "\(what) has no \"app_ticket_file\", the file in which your backend puts the app ticket that "
          + "Feishu pushes")
    }
    var app = StoreApp(ticket: .file(ticket))
    for (key, exception) in try members(of: value, "tenants", in: what, file) {
      app.exceptions[key] = try tenant(key, exception, of: name, value, app, file)
    }
    settings.issuing = .storeApp(app)
    return settings
  }

  private static func checkStoreApp(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) {
    if value["token_endpoint"] != nil {
      throw problem(file, "\(what): \"token_endpoint\" is for self-built apps; remove it")
    }
    if value["user_access_token_file"] != nil {
      throw problem(
        file, "\(what): Aily sessions are for self-built apps; remove \"user_access_token_file\"")
    }
    try check(value, known: appKeys, of: what, file)
  }

  /// What a tenant does not set is as in its app.
  private static func tenant(
    _ key: String, _ value: JSON, of app: String, _ common: JSON, _ store: StoreApp, _ file: String
  ) throws(Failure) -> AccountSettings {
    let what = "tenant '\(printable(key))' of app '\(app)'"
    try check(value, known: pacing, of: what, file)
    guard case .object(let own) = value, case .object(var all) = common else {
      throw problem(file, "\(what) is not an object {…}")
    }
    if own["packing"] != nil { all["cover_extra_pairs"] = nil }
    all.merge(own) { $1 }
    var settings = try self.common(
      TenantName(app: app, key: key).text, .object(all), what, file)
    settings.issuing = .tenant(key: key, app: app)
    return settings
  }
}
