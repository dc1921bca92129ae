import Larkspur
import Planning
import QueueAccess
import Terminal

/// The sandbox's clients: posts links to chats, and looks at what their members see.
struct SandboxClients: ~Copyable {
  /// What one member of a chat sees.
  struct Sight: Equatable {
    let chat: String
    /// Nil for the bare link, before the first answer.
    let title: String?
    /// Milliseconds since 1970.
    let drawn_ms: Int
  }

  private let port: UInt16
  /// Only its JSON functions are used.
  private let json: Inspector

  /// `address` is what the sandbox prints.
  init(_ address: String, _ json: consuming Inspector) throws(Failure) {
    guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw Failure(.unreachable, "larkspur-sandbox printed no address but '\(printable(address))'")
    }
    self.port = port
    self.json = json
  }

  /// Types a link without sending it. Feishu then checks the callback's address, if it has not
  /// done so.
  borrowing func type(_ url: String) throws(Failure) {
    let draft = JSONText.object([
      ("url", JSONText.string(url)), ("place", JSONText.string("draft")),
      ("members", JSONText.list(["ou_1000"])),
    ])
    _ = try answer(to: "POST", draft)
  }

  /// Whether the check has succeeded.
  borrowing func isVerified() throws(Failure) -> Bool {
    try rows("select ?1 ->> '$.verified'", try answer(to: "GET"))[0][0].number == 1
  }

  borrowing func post(_ url: String, in chat: NineChats.Chat) throws(Failure) {
    let message = JSONText.object([
      ("url", JSONText.string(url)), ("chat", JSONText.string("oc_\(chat.name)")),
      ("members", JSONText.list(chat.members)),
    ])
    _ = try answer(to: "POST", message)
  }

  /// Of all members of all chats.
  borrowing func sights() throws(Failure) -> [Sight] {
    let messages = try answer(to: "GET")
    let seen = try rows(
      """
      select substr(message.value ->> '$.open_chat_id', 4), member.value ->> '$.title',
        ifnull(member.value ->> '$.drawn_ms', 0)
      from json_each(?1, '$.messages') as message,
        json_each(message.value, '$.members') as member
      where message.value ->> '$.place' = 'message'
      """, messages)
    return seen.map { row in
      Sight(
        chat: row[0].text, title: row[1] == .null ? nil : row[1].text, drawn_ms: row[2].number)
    }
  }

  private borrowing func rows(_ sql: String, _ text: String) throws(Failure) -> [[Cell]] {
    try withSentences { () throws(QueueError) in try json.rows(sql, [.text(text)]).rows }
  }

  /// The body of the sandbox's answer.
  private borrowing func answer(to method: String, _ body: String = "") throws(Failure) -> String {
    let connection = try LoopbackSocket.connected(to: port)
    let isSent = connection.write(
      """
      \(method) /sandbox/messages HTTP/1.1\r
      Host: 127.0.0.1:\(port)\r
      Content-Length: \(body.utf8.count)\r
      Connection: close\r
      \r
      \(body)
      """)
    // The sandbox closes the connection behind its answer.
    guard isSent, let answer = connection.read(until: { _ in false }),
      answer.hasPrefix("HTTP/1.1 200 "), let end = answer.firstRange(of: "\r\n\r\n")
    else {
      throw Failure(
        .unreachable, "larkspur-sandbox did not answer as it should; run 'larkspur demo' again")
    }
    return String(answer[end.upperBound...])
  }
}
