import Delivery
import FoundationEssentials
import Planning
import Terminal

/// The configuration file: JSON, in which comments are allowed.
enum ConfigFile {
  static func accounts(in bytes: [UInt8], file: String) throws(Failure) -> [AccountSettings] {
    let root = try parse(bytes, file: file)
    try check(root, known: ["accounts", "apps"], of: "the file", file)
    if root["accounts"] == nil && root["apps"] == nil {
      throw problem(file, "it has no \"accounts\" object, and no \"apps\" for store apps")
    }
    var settings: [AccountSettings] = []
    for (name, value) in try members(of: root, "accounts", file) {
      settings.append(try account(name, value, file))
    }
    for (name, value) in try members(of: root, "apps", file) {
      settings.append(try storeApp(name, value, beside: settings, file))
    }
    if settings.isEmpty { throw problem(file, "\"accounts\" is empty; add at least one account") }
    return settings
  }

  static func members(
    of value: JSON, _ key: String, in what: String? = nil, _ file: String
  ) throws(Failure) -> [(key: String, value: JSON)] {
    switch value[key] {
    case nil: return []
    case .object(let members)?: return members.sorted { $0.key < $1.key }
    default:
      throw problem(file, "\(what.map { "\($0): " } ?? "")\"\(key)\" is not an object {…}")
    }
  }

  private static func parse(_ bytes: [UInt8], file: String) throws(Failure) -> JSON {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    do {
      return try decoder.decode(JSON.self, from: Data(bytes))
    } catch {
      let fault = JSON5Search.fault(in: bytes).map { ": \($0.sentence)" } ?? ""
      throw problem(file, "it is not valid JSON\(fault)")
    }
  }

  /// What a store app may set for all its tenants, and for single ones.
  static let pacing = [
    "calls_per_second", "calls_per_minute", "monthly_quota", "quota_reserve", "packing",
    "cover_extra_pairs", "join", "sightings_days", "previews_per_key", "viewers_most",
  ]
  static let identity = ["host", "app_id", "app_secret_env", "app_secret_file", "ca_file"]
  private static let keys =
    identity + ["token_endpoint"] + pacing + ["user_access_token_file"]

  private static func account(
    _ name: String, _ value: JSON, _ file: String
  ) throws(Failure) -> AccountSettings {
    let what = "account '\(printable(name))'"
    try check(value, known: keys, of: what, file)
    var settings = try common(name, value, what, file)
    settings.issuing = .ownApp(try tokenEndpoint(value, what, file))
    settings.userToken = try userToken(value, what, file)
    return settings
  }

  static func checkName(_ name: String, _ what: String, _ file: String) throws(Failure) {
    let isName = !name.isEmpty && name.count <= 64 && name.utf8.allSatisfy(isNameByte)
    if isName { return }
    throw problem(file, "\(what): a name is 1 to 64 letters, digits, dots, dashes or underscores")
  }

  /// What self-built apps and store apps have in common.
  static func common(
    _ name: String, _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> AccountSettings {
    try checkName(name, what, file)
    guard let appID = value["app_id"]?.string, !appID.isEmpty else {
      throw problem(file, "\(what) has no \"app_id\"")
    }
    let host = try value["host"].map { (host) throws(Failure) in
      guard let text = host.string else {
        throw problem(file, "\(what): \"host\" must be a string")
      }
      return try BaseURL.check(text, from: "\(file), \(what)")
    }
    var settings = AccountSettings(
      name: name, host: host ?? BaseURL.feishu, appID: appID,
      secret: try secret(value, what, file))
    settings.limits[.preview] = try limits(value, what, file)
    settings.monthlyQuota = try positive(value, "monthly_quota", what, file)
    settings.quotaReserve = try reserve(value, of: settings.monthlyQuota, what, file)
    settings.packing = try packing(value, what, file)
    settings.joins = try joins(value, what, file)
    settings.trust = try trust(value, what, file)
    settings.sightings = try sightings(value, what, file)
    return settings
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func secret(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> SecretSource {
    switch (value["app_secret_env"]?.string, value["app_secret_file"]?.string) {
    case (let name?, nil): return .environment(name)
    case (nil, let path?): return .file(path)
    case (nil, nil):
      throw problem(
        file, "\(what) has no secret; set \"app_secret_file\" or \"app_secret_env\"")
    case (.some, .some):
      throw problem(
        file, "\(what) sets both \"app_secret_file\" and \"app_secret_env\"; remove one")
    }
  }

  private static func limits(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> [Budget.Limit]? {
    let second = try positive(value, "calls_per_second", what, file)
    let minute = try positive(value, "calls_per_minute", what, file)
    if second == nil && minute == nil { return nil }
    return [Budget.Limit(second ?? Preview.callsPerSecond, per: .seconds(1))]
      + (minute.map { [Budget.Limit($0, per: .minutes(1))] } ?? [])
  }

  static func check(
    _ value: JSON, known: [String], of what: String, _ file: String
  ) throws(Failure) {
    guard case .object(let members) = value else {
      throw problem(file, "\(what) is not an object {…}")
    }
    for key in members.keys.sorted() where !known.contains(key) {
      if key == "app_secret" {
        throw problem(
          file,
          "\(what) contains a secret; put it in a file or an environment variable, and set "
            + "\"app_secret_file\" or \"app_secret_env\" to its name")
      }
      if key == "app_ticket" {
        throw problem(
          file,
          "\(what) contains an app ticket; put it in a file, and set \"app_ticket_file\" to its path"
        )
      }
      if key == "user_access_token" {
        throw problem(
          file,
          "\(what) contains a user access token; put it in a file, and set "
            + "\"user_access_token_file\" to its path")
      }
      let near = nearest(to: key, among: known)
      let hint =
        near.map { "did you mean \"\($0)\"?" } ?? "known keys: \(known.joined(separator: ", "))"
      throw problem(file, "unknown key \"\(printable(key))\" in \(what); \(hint)")
    }
  }

  static func problem(_ file: String, _ why: String) -> Failure {
    Failure(.configuration, "invalid configuration \(file): \(why)")
  }
}
