/// One line of a file of sightings.
package enum SightingLine: Equatable, Sendable {
  case sighting(Sighting)
  /// The preview of a message that is not sent yet. It has no token.
  case draft
  /// Why it cannot be used.
  case wrong(String)
}

/// Reads lines of JSON: either the fields of a sighting, or the callback `url.preview.get` as
/// Feishu sends it.
package struct SightingLines: ~Copyable {
  /// Only its JSON functions are used.
  private let db: Connection
  private let account: String
  private let keysInURL: ((String) -> [String])?

  /// `account` is that of lines that name none. `keysInURL` finds keys for lines that name none.
  package init(account: String, keysInURL: ((String) -> [String])?) throws(QueueError) {
    self.account = account
    self.keysInURL = keysInURL
    do throws(StoreError) {
      db = try Connection(path: ":memory:", mode: .memory)
    } catch {
      throw QueueError(error, path: ":memory:")
    }
  }

  package borrowing func read(_ line: String) -> SightingLine {
    if let tree = PlainLine.tree(line) { return read(tree) }
    do throws(StoreError) {
      // SQLite reads a string in JSON only up to a NUL, and a token cut short is another token.
      let hasZero = try db.first(#"select instr(replace(?1, '\\', ''), '\u0000')"#, .text(line)) {
        (row) throws(StoreError) in row.bool(0)
      }
      guard let tree = try db.tree(line) else { return .wrong(BulkIntake.Checker.notAnObject) }
      if hasZero == true { return .wrong(#"it contains \u0000, which no token or key has"#) }
      return read(tree)
    } catch {
      return .wrong(error.message)
    }
  }

  private func read(_ tree: LineTree) -> SightingLine {
    guard case .object(let members) = tree else { return .wrong(BulkIntake.Checker.notAnObject) }
    if tree["encrypt"] != nil {
      return .wrong("the callback is encrypted; write what is in it after decrypting")
    }
    if tree["type"] == .string("url_verification") {
      return .wrong("it is the check of the callback's address, not a preview; leave it out")
    }
    guard let event = tree["event"] else { return fields(members) }
    let type = tree["header"]?["event_type"]?.text ?? ""
    return type == "url.preview.get"
      ? callback(event)
      : .wrong("it is the callback '\(type)', not url.preview.get; leave it out")
  }
}

/// Lines with the fields of a sighting.
extension SightingLines {
  private static let fieldNames = ["token", "key", "keys", "url", "chat", "open_id", "account"]

  private func fields(_ members: [(name: String, value: LineTree)]) -> SightingLine {
    var problem: String?
    var names: Set<String> = []
    var isDraft = false
    var sighting = Sighting("", keys: [], account: account)
    for (name, value) in members {
      if !names.insert(name).inserted { problem = problem ?? "it has \"\(name)\" twice" }
      switch (name, value) {
      case ("key", .null), ("keys", .null): break
      case ("token", .null): isDraft = true
      case ("url", .null), ("chat", .null), ("open_id", .null), ("account", .null): break
      case ("key", .string(let text)), ("key", .integer(let text)): sighting.keys = [text]
      case ("keys", .list(let keys)) where keys.allSatisfy({ $0.text != nil }):
        sighting.keys = keys.compactMap(\.text)
      case ("token", .string(let text)): sighting.token = text
      case ("url", .string(let text)): sighting.url = text
      case ("chat", .string(let text)): sighting.chat = text
      case ("open_id", .string(let text)): sighting.openID = text
      case ("account", .string(let text)): sighting.account = text
      default: problem = problem ?? Self.problem(with: name)
      }
    }
    if let problem { return .wrong(problem) }
    if !names.contains("token") { return .wrong("it has no \"token\"") }
    if isDraft || sighting.token.isEmpty { return .draft }
    if names.isSuperset(of: ["key", "keys"]) {
      return .wrong("it has \"key\" and \"keys\"; give one of them")
    }
    return withKeys(sighting)
  }

  private static func problem(with name: String) -> String {
    switch name {
    case "keys": "its \"keys\" is not a list of strings"
    case let name where fieldNames.contains(name): "its \"\(name)\" is not a string"
    default: "it has an unknown field \"\(name)\"; it takes \(fieldNames.joined(separator: ", "))"
    }
  }
}

/// Callbacks.
extension SightingLines {
  private func callback(_ event: LineTree) -> SightingLine {
    let context = event["context"]
    guard let token = context?["preview_token"]?.text, !token.isEmpty else { return .draft }
    return withKeys(
      Sighting(
        token, keys: [], url: context?["url"]?.text, chat: context?["open_chat_id"]?.text,
        openID: event["operator"]?["open_id"]?.text, account: account))
  }

  private func withKeys(_ sighting: Sighting) -> SightingLine {
    if !sighting.keys.isEmpty { return .sighting(sighting) }
    guard let keysInURL else {
      return .wrong("it names no key; add \"key\", or find it in the URL with --key-from")
    }
    guard let url = sighting.url, !url.isEmpty else {
      return .wrong("it names no key and has no URL in which to find one")
    }
    var sighting = sighting
    for key in keysInURL(url) where !sighting.keys.contains(key) { sighting.keys.append(key) }
    if sighting.keys.isEmpty {
      return .wrong("--key-from finds no key in '\(url)'; change the pattern, or leave it out")
    }
    return .sighting(sighting)
  }
}
