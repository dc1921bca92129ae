import Terminal

/// What the command line says.
struct Settings: Equatable {
  var port: UInt16 = 0
  var record: String?
  var exitsWithParent = false
  var rules = RuleSettings()
  var faults = FaultSettings()

  static let options: [Option] =
    [
      Option("--help"), Option("--port", .one), Option("--app", .many), Option("--record", .one),
      Option("--exit-with-parent"), Option("--calls-per-second", .one),
      Option("--spacing-violation", .one), Option("--bad-token", .one),
      Option("--bad-open-id", .one), Option("--token-expire", .one), Option("--seed", .one),
      Option("--latency", .one), Option("--latency-spread", .one), Option("--faults-on", .one),
      Option("--refuse-with", .one),
    ] + Fault.allCases.map { Option($0.option, $0.isUsuallyConstant ? .optional : .one) }

  init(_ options: Options) throws(Failure) {
    if let word = options.operands.first {
      throw Failure(
        .usage,
        "'\(printable(word))' belongs to no option. Values that may be left out follow an equals "
          + "sign: --quota=first:3.")
    }
    port = UInt16(try Self.number(options, "--port", 0...65_535) ?? 0)
    record = options.one("--record")
    exitsWithParent = options.has("--exit-with-parent")
    rules = try RuleSettings(options)
    faults = try FaultSettings(options)
  }

  fileprivate static func number(
    _ options: Options, _ name: String, _ range: ClosedRange<Int>
  ) throws(Failure) -> Int? {
    guard let text = options.one(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Failure(
        .usage,
        "\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), "
          + "not '\(printable(text))'.")
    }
    return number
  }
}

extension RuleSettings {
  fileprivate init(_ options: Options) throws(Failure) {
    self.init()
    let given = options.many("--app")
    if !given.isEmpty { apps = [:] }
    for app in given {
      let parts = app.split(separator: ":", maxSplits: 1)
      // The value is not repeated: what follows the colon is a secret.
      guard parts.count == 2 else { throw Failure(.usage, "--app takes ID:SECRET.") }
      apps[String(parts[0])] = String(parts[1])
    }
    if let calls = try Settings.number(options, "--calls-per-second", 0...1_000_000) {
      callsPerSecond = calls
    }
    if let seconds = try Settings.number(options, "--token-expire", 1...86_400) {
      accessTokenLifetime = seconds * 1_000_000
    }
    if let word = options.one("--spacing-violation") {
      guard let known = EarlyUpdate(rawValue: word) else {
        throw Failure(
          .usage, "--spacing-violation is refuse or ignore, not '\(printable(word))'.")
      }
      earlyUpdate = known
    }
    badTokenPrefix = options.one("--bad-token") ?? badTokenPrefix
    badOpenIDPrefix = options.one("--bad-open-id") ?? badOpenIDPrefix
  }
}

extension FaultSettings {
  fileprivate init(_ options: Options) throws(Failure) {
    self.init()
    for fault in Fault.allCases where options.has(fault.option) {
      chances[fault] =
        if let text = options.one(fault.option) {
          try Chance(parsing: text, for: fault.option)
        } else { .always }
    }
    if let text = options.one("--latency") { latency = try parseDuration(text) * 1_000 }
    if let text = options.one("--latency-spread") { spread = try parseDuration(text) * 1_000 }
    if let number = try Settings.number(options, "--seed", 0...Int.max) { seed = UInt64(number) }
    if let word = options.one("--faults-on") {
      guard let known = Self.endpoints[word] else {
        throw Failure(
          .usage, "--faults-on is previews, token or all, not '\(printable(word))'.")
      }
      endpoints = known
    }
    if let text = options.one("--refuse-with") { forced = try ForcedAnswer(parsing: text) }
  }

  private static let endpoints: [String: Set<Endpoint>] = [
    "previews": [.previews], "token": [.accessToken], "all": Set(Endpoint.allCases),
  ]
}

extension ForcedAnswer {
  fileprivate init(parsing text: String) throws(Failure) {
    let parts = text.split(separator: ":").map { Int($0) }
    guard parts.count == 2, let status = parts[0], let code = parts[1],
      (200...599).contains(status)
    else {
      throw Failure(
        .usage,
        "--refuse-with takes an HTTP status and a code, as in 400:99991401, "
          + "not '\(printable(text))'.")
    }
    self.init(status: status, code: code)
  }
}
