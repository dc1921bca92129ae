import Terminal

/// The settings given on the command line.
struct Settings: Equatable {
  var port: UInt16 = 0
  var record: String?
  var exitsWithParent = false
  var rules = RuleSettings()
  var faults = FaultSettings()
  /// Nil without a callback address.
  var clients: ClientSettings?
  var tickets = TicketSettings()

  static let options: [Option] =
    [
      Option("--help"), Option("--version"), Option("--port", .one), Option("--record", .one),
      Option("--exit-with-parent"),
    ] + RuleSettings.options + FaultSettings.options + ClientSettings.options
    + TicketSettings.options

  init(_ options: Options) throws(Failure) {
    if let word = options.operands.first {
      throw Failure(
        .usage,
        "unexpected argument '\(printable(word))'; give an optional value with an equals sign: "
          + "--quota=first:3")
    }
    port = UInt16(try options.number("--port", 0...65_535) ?? 0)
    record = options.one("--record")
    if record == "" {
      throw Failure(.usage, "--record needs a path, not an empty one")
    }
    exitsWithParent = options.has("--exit-with-parent")
    rules = try RuleSettings(options)
    faults = try FaultSettings(options)
    clients = try ClientSettings.read(options)
    tickets = try TicketSettings(options)
  }
}

extension Options {
  func number(_ name: String, _ range: ClosedRange<Int>) throws(Failure) -> Int? {
    guard let text = one(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Failure(
        .usage,
        "\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), "
          + "not '\(printable(text))'")
    }
    return number
  }

  /// The option's value as a case of an enumeration.
  func word<Word: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ type: Word.Type = Word.self
  ) throws(Failure) -> Word? {
    guard let text = one(name) else { return nil }
    if let word = Word(rawValue: text) { return word }
    let words = Word.allCases.map(\.rawValue)
    throw Failure(
      .usage,
      "\(name) takes \(words.dropLast().joined(separator: ", ")) or \(words[words.count - 1]), "
        + "not '\(printable(text))'")
  }

  /// `STATUS:CODE`.
  func answer(_ name: String) throws(Failure) -> ForcedAnswer? {
    guard let text = one(name) else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let status = parts[0], let code = parts[1],
      Self.statuses.contains(status), code > 0
    else {
      throw Failure(
        .usage,
        "\(name) takes an HTTP status and a code, as in 400:99991401, not '\(printable(text))'")
    }
    return ForcedAnswer(status: status, code: code)
  }

  /// The statuses whose answers have a body.
  static let statuses = Set(200...599).subtracting([204, 205, 304])

  func microseconds(_ name: String) throws(Failure) -> Microseconds? {
    guard let text = one(name) else { return nil }
    return try parseDuration(text) * 1_000
  }
}
