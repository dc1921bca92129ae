import Larkspur
import Planning
import QueueAccess
import Terminal

/// The backend of the story. It answers Feishu's callbacks, and records which previews it has
/// served in the queue's own file. That is all it has to keep.
struct TicketBackend: ~Copyable {
  static let key = "ticket-1041"
  static let url = "https://tickets.example/1041"

  /// What the ticket is called, and so what its preview shows.
  private(set) var title = NineChats.before

  private let listener: LoopbackSocket
  private let intake: Intake
  private let callbacks: SightingLines

  init(_ intake: consuming Intake) throws(Failure) {
    let listener = try LoopbackSocket.listening()
    let callbacks = try withSentences { () throws(QueueError) in
      try SightingLines(account: "default", keysInURL: Self.keys)
    }
    self.intake = intake
    self.listener = listener
    self.callbacks = callbacks
  }

  var callbackURL: String { "http://127.0.0.1:\(listener.port)/callback" }

  /// Readable when a callback has arrived.
  var descriptor: Int32 { listener.descriptor }

  /// The ticket changes. First the change, then the ask, so a client that pulls from now on sees the change.
  mutating func rename(_ title: String) throws(Failure) {
    self.title = title
    _ = try withSentences { () throws(QueueError) in
      try intake.add([.key(Self.key, for: .everyone)])
    }
  }

  /// Answers the callbacks that have arrived.
  borrowing func answerCallbacks() throws(Failure) {
    while let connection = listener.accepted() {
      guard let request = connection.read(until: Self.isWhole) else { continue }
      let answer = try answer(to: Self.body(of: request))
      // A client that has given up is no trouble of the backend's.
      _ = connection.write(
        """
        HTTP/1.1 200 OK\r
        Content-Type: application/json\r
        Content-Length: \(answer.utf8.count)\r
        Connection: close\r
        \r
        \(answer)
        """)
    }
  }

  /// First the sighting, then the ticket: a change in between finds the preview.
  private borrowing func answer(to callback: String) throws(Failure) -> String {
    switch callbacks.read(callback) {
    case .sighting(let sighting):
      try withSentences { () throws(QueueError) in try intake.saw([sighting]) }
    case .draft: break
    case .wrong:
      // It is the check of the callback's address, with a text to repeat.
      return callback
    }
    return #"{"inline":{"title":\#(JSONText.string(title))}}"#
  }

  /// The key is in the link: `ticket-1041`.
  private static func keys(in url: String) -> [String] {
    url.split(separator: "/").last.map { ["ticket-\($0)"] } ?? []
  }

  private static func body(of request: String) -> String {
    request.firstRange(of: "\r\n\r\n").map { String(request[$0.upperBound...]) } ?? ""
  }

  private static func isWhole(_ request: String) -> Bool {
    let name = "Content-Length: "
    guard request.contains("\r\n\r\n"),
      let line = request.split(separator: "\r\n").first(where: { $0.hasPrefix(name) }),
      let length = Int(line.dropFirst(name.count))
    else { return false }
    return body(of: request).utf8.count >= length
  }
}
