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
    do throws(StoreError) {
      switch try shape(of: line) {
      case .fields: return try fields(line)
      case .callback: return try callback(line)
      case .other(let problem): return .wrong(problem)
      }
    } catch {
      return .wrong(error.message)
    }
  }

  private enum Shape {
    case fields, callback
    case other(String)
  }

  private borrowing func shape(of line: String) throws(StoreError) -> Shape {
    // SQLite reads a string in JSON only up to a NUL, and a token cut short is another token.
    let isJSON = try db.first(
      #"select json_valid(?1), instr(replace(?1, '\\', ''), '\u0000')"#, .text(line)
    ) { (row) throws(StoreError) in (row.bool(0), hasZero: row.bool(1)) }
    guard isJSON?.0 == true else { return .other(BulkIntake.Checker.notAnObject) }
    if isJSON?.hasZero == true { return .other(#"it contains \u0000, which no token or key has"#) }
    return try db.first(
      """
      select json_type(?1), json_type(?1, '$.event'), json_extract(?1, '$.header.event_type'),
        json_type(?1, '$.encrypt'), json_extract(?1, '$.type')
      """, .text(line)
    ) { (row) throws(StoreError) in
      if row.text(0) != "object" { return .other(BulkIntake.Checker.notAnObject) }
      if row.optionalText(3) != nil {
        return .other("the callback is encrypted; write what is in it after decrypting")
      }
      if row.text(4) == "url_verification" {
        return .other("it is the check of the callback's address, not a preview; leave it out")
      }
      if row.optionalText(1) == nil { return .fields }
      let event = row.text(2)
      return event == "url.preview.get"
        ? .callback
        : .other("it is the callback '\(event)', not url.preview.get; leave it out")
    } ?? .other(BulkIntake.Checker.notAnObject)
  }
}

/// Lines with the fields of a sighting.
extension SightingLines {
  private static let fieldNames = ["token", "key", "keys", "url", "chat", "open_id", "account"]

  private borrowing func fields(_ line: String) throws(StoreError) -> SightingLine {
    var problem: String?
    var names: Set<String> = []
    var isDraft = false
    var sighting = Sighting("", keys: [], account: account)
    try db.each("select key, type, atom from json_each(?)", .text(line)) {
      (row) throws(StoreError) in
      let (name, type, text) = (row.text(0), row.text(1), row.optionalText(2))
      if !names.insert(name).inserted { problem = problem ?? "it has \"\(name)\" twice" }
      switch (name, type) {
      case ("keys", "array"), ("key", "null"), ("keys", "null"): break
      case ("token", "null"): isDraft = true
      case ("url", "null"), ("chat", "null"), ("open_id", "null"), ("account", "null"): break
      case ("key", "text"), ("key", "integer"): sighting.keys = text.map { [$0] } ?? []
      case ("token", "text"): sighting.token = text ?? ""
      case ("url", "text"): sighting.url = text
      case ("chat", "text"): sighting.chat = text
      case ("open_id", "text"): sighting.openID = text
      case ("account", "text"): sighting.account = text ?? account
      case let (name, _): problem = problem ?? Self.problem(with: name)
      }
    }
    if let problem { return .wrong(problem) }
    if !names.contains("token") { return .wrong("it has no \"token\"") }
    if isDraft || sighting.token.isEmpty { return .draft }
    if names.isSuperset(of: ["key", "keys"]) {
      return .wrong("it has \"key\" and \"keys\"; give one of them")
    }
    if names.contains("keys") {
      guard let keys = try keys(line) else {
        return .wrong("its \"keys\" is not a list of strings")
      }
      sighting.keys = keys
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

  /// Nil if they are not all strings or whole numbers.
  private borrowing func keys(_ line: String) throws(StoreError) -> [String]? {
    let keys = try db.all("select type, atom from json_each(?, '$.keys')", .text(line)) {
      (row) throws(StoreError) in
      ["text", "integer"].contains(row.text(0)) ? row.optionalText(1) : nil
    }
    let known = keys.compactMap { $0 }
    return known.count == keys.count ? known : nil
  }
}

/// Callbacks.
extension SightingLines {
  private borrowing func callback(_ line: String) throws(StoreError) -> SightingLine {
    let read = try db.first(
      """
      select json_extract(?1, '$.event.context.preview_token'), json_extract(?1, '$.event.context.url'),
        json_extract(?1, '$.event.context.open_chat_id'), json_extract(?1, '$.event.operator.open_id')
      """, .text(line)
    ) { (row) throws(StoreError) in
      Sighting(
        row.text(0), keys: [], url: row.optionalText(1), chat: row.optionalText(2),
        openID: row.optionalText(3), account: account)
    }
    guard let read, !read.token.isEmpty else { return .draft }
    return withKeys(read)
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
