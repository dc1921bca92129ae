import Planning

/// What programs that ask say to a shared queue. Each is one statement, so all of it is stored or nothing.
package enum SharedStatements {
  /// $1: `AskRows`. Returns the numbers of the asks, in their order.
  package static let ask = """
    insert into larkspur.ask (account, kind, lane, body, after_ms, expires_in_ms, urgent)
    select account, kind, lane, body, after_ms, expires_in_ms, urgent
    from json_to_recordset($1) as asked (
      account text, kind text, lane text, body text, after_ms bigint, expires_in_ms bigint, urgent integer)
    returning id
    """

  /// $1: `sightingRows`.
  package static let saw = """
    insert into larkspur.sighting (token, key, url, chat, open_id, account)
    select token, key, url, chat, open_id, account from json_to_recordset($1)
      as seen (token text, key text, url text, chat text, open_id text, account text)
    """

  /// $1: a list of numbers. Returns those that exist, with outcome and reason.
  package static let states =
    "select id, outcome, reason from larkspur.ask where id = any($1::bigint[])"

  package static func list(_ numbers: [Int]) -> String {
    "{\(numbers.map(String.init).joined(separator: ","))}"
  }

  /// A list of names, which may contain what separates them.
  package static func list(_ names: [String]) -> String {
    let quoted = names.map { name in
      "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
    return "{\(quoted.joined(separator: ","))}"
  }

  /// Sightings as JSON: one row for each key.
  package static func rows(of sightings: [Sighting]) -> String {
    "[\(sightings.flatMap(rows).joined(separator: ","))]"
  }

  private static func rows(of sighting: Sighting) -> [String] {
    // Without a key, the schema says what is missing.
    let keys: [String?] = sighting.keys.isEmpty ? [nil] : sighting.keys
    return keys.map { key in
      JSONText.object([
        ("token", JSONText.string(sighting.token)), ("key", text(key)), ("url", text(sighting.url)),
        ("chat", text(sighting.chat)), ("open_id", text(sighting.openID)),
        ("account", JSONText.string(sighting.account)),
      ])
    }
  }

  private static func text(_ text: String?) -> String { text.map(JSONText.string) ?? "null" }
}
