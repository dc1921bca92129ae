/// The body of a request for a token of a store app or of one of its tenants, or for its ticket.
struct StoreRequest: Equatable {
  private let fields: [String: String]

  init?(body: [UInt8]) {
    guard let fields = StrictJSON.read([String: String].self, from: body) else { return nil }
    self.fields = fields
  }

  subscript(name: String) -> String { fields[name] ?? "" }

  /// The body without secrets.
  var redacted: String {
    let shown: Set = ["app_id", "tenant_key"]
    let pairs = fields.keys.sorted().map { name in
      let value = shown.contains(name) ? self[name] : "***"
      return "\(JSONText.string(name)):\(JSONText.string(value))"
    }
    return "{\(pairs.joined(separator: ","))}"
  }
}
