import FoundationEssentials

/// What a request to OAuth v3 says: a form, and perhaps an Authorization header.
struct ClientCredentials: Equatable {
  let app: String
  let secret: String
  let grantType: String
  /// The app's id and secret are in the header and in the form as well.
  let isTwice: Bool
  private let names: [String]

  init?(_ request: Request) {
    guard let fields = Self.form(request.body) else { return nil }
    let basic = Self.basic(request.authorization)
    let posted = fields["client_id"].flatMap { id in fields["client_secret"].map { (id, $0) } }
    guard let own = basic ?? posted else { return nil }
    (app, secret) = own
    grantType = fields["grant_type"] ?? ""
    isTwice = basic != nil && posted != nil
    names = fields.keys.sorted()
  }

  /// The form without secrets.
  var redacted: String {
    names.map { name in
      let value =
        switch name {
        case "client_id": app
        case "grant_type": grantType
        default: "***"
        }
      return "\(name)=\(value)"
    }.joined(separator: "&")
  }

  private static func form(_ body: [UInt8]) -> [String: String]? {
    var fields: [String: String] = [:]
    for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      let name = percentDecoded(String(parts[0]))
      // Each field once.
      if fields[name] != nil { return nil }
      fields[name] = percentDecoded(String(parts[1].replacing("+", with: " ")))
    }
    return fields
  }

  private static func basic(_ authorization: String?) -> (String, String)? {
    let words = (authorization ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "basic",
      let bytes = Data(base64Encoded: String(words[1]))
    else { return nil }
    let parts = String(decoding: bytes, as: UTF8.self).split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
  }
}
