/// The sandbox's own API for tenants of store apps: with PUT one installs the app, with DELETE it
/// removes it.
enum TenantAPI {
  private static let root = "/sandbox/tenants/"

  /// The tenant that is named in the path, if it is one of this API.
  static func tenant(in request: Request) -> String? {
    guard request.path.hasPrefix(root), request.path.count > root.count else { return nil }
    return percentDecoded(String(request.path.dropFirst(root.count)))
  }

  /// Whether the tenant has installed the app from now on; nil if that is not what was asked.
  static func isInstalled(after request: Request) -> Bool? {
    switch request.method {
    case "PUT": true
    case "DELETE": false
    default: nil
    }
  }

  static func answer(_ tenant: String, isInstalled: Bool?) -> Answer {
    guard let isInstalled else {
      var answer = Answer.page(405, "Not Allowed")
      answer.headers["Allow"] = "PUT, DELETE"
      return answer
    }
    return Answer(
      status: 200, code: nil,
      body: JSONText.object([
        "tenant": JSONText.string(tenant), "installed": String(isInstalled),
      ]))
  }
}
