import Delivery
import Planning
import Terminal

/// Members of an account in the configuration file that may be left out.
extension ConfigFile {
  static func packing(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> Packing {
    let pairs = try positive(value, "cover_extra_pairs", what, file)
    switch value["packing"] {
    case nil, .string("exact")?:
      if pairs != nil {
        throw problem(file, "\(what): \"cover_extra_pairs\" needs \"packing\": \"cover\"")
      }
      return .exact
    case .string("cover")?: return .cover(extraPairsMax: pairs ?? Packing.defaultExtraPairsMax)
    default: throw problem(file, "\(what): \"packing\" must be \"exact\" or \"cover\"")
    }
  }

  static func reserve(
    _ value: JSON, of quota: Int?, _ what: String, _ file: String
  ) throws(Failure) -> Int {
    // What it is by default may be written down.
    if value["quota_reserve"] == .number(0) { return 0 }
    guard let reserve = try positive(value, "quota_reserve", what, file) else { return 0 }
    guard let quota else {
      throw problem(file, "\(what): \"quota_reserve\" is a part of \"monthly_quota\"; set that too")
    }
    guard reserve < quota else {
      throw problem(file, "\(what): \"quota_reserve\" must be less than \"monthly_quota\"")
    }
    return reserve
  }

  static func tokenEndpoint(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> TokenEndpoint {
    guard let member = value["token_endpoint"] else { return .usual }
    guard let endpoint = member.string.flatMap(TokenEndpoint.init) else {
      let words = TokenEndpoint.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
      throw problem(file, "\(what): \"token_endpoint\" must be \(words)")
    }
    return endpoint
  }

  static func joins(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> Bool {
    switch value["join"] {
    case nil: true
    case .bool(let joins)?: joins
    default: throw problem(file, "\(what): \"join\" must be true or false")
    }
  }

  static func userToken(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> SecretSource? {
    switch value["user_access_token_file"] {
    case nil: return nil
    case .string(let path)? where !path.isEmpty: return .file(path)
    default:
      throw problem(file, "\(what): \"user_access_token_file\" must be the path of a file")
    }
  }

  static func trust(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> Trust {
    switch value["ca_file"] {
    case nil: return .system
    case .string(let path)? where !path.isEmpty:
      try Certificates.check(path, from: "ca_file of \(what) in \(file)")
      return .file(path)
    default: throw problem(file, "\(what): \"ca_file\" must be the path of a file")
    }
  }

  static func sightings(
    _ value: JSON, _ what: String, _ file: String
  ) throws(Failure) -> SightingLimits {
    var limits = SightingLimits()
    let members: [(String, WritableKeyPath<SightingLimits, Int>, most: Int)] = [
      ("sightings_days", \.days, 3_650), ("previews_per_key", \.previewsPerKey, 1_000),
      ("viewers_most", \.viewersMost, 1_000),
    ]
    for (key, path, most) in members {
      if let number = try positive(value, key, what, file, most: most) {
        limits[keyPath: path] = number
      }
    }
    return limits
  }

  static func positive(
    _ value: JSON, _ key: String, _ what: String, _ file: String, most: Int = 1_000_000_000
  ) throws(Failure) -> Int? {
    guard let member = value[key] else { return nil }
    guard case .number = member, let number = member.int, number > 0, number <= most else {
      throw problem(
        file, "\(what): \"\(key)\" must be a whole number from 1 to \(grouped(most))")
    }
    return number
  }
}
