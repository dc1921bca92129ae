/// The body of `tenant_access_token/internal`.
struct Credentials: Equatable {
  let app: String
  let secret: String
  private let fields: [String: String]

  init?(body: [UInt8]) {
    guard let fields = StrictJSON.read([String: String].self, from: body),
      let app = fields["app_id"], let secret = fields["app_secret"]
    else { return nil }
    self.app = app
    self.secret = secret
    self.fields = fields
  }

  /// The body without secrets: all fields, but only the app id with its value.
  var redacted: String {
    let pairs = fields.keys.sorted().map { name in
      let value = name == "app_id" ? app : "***"
      return "\(JSONText.string(name)):\(JSONText.string(value))"
    }
    return "{\(pairs.joined(separator: ","))}"
  }
}
