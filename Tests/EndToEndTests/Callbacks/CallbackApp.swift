import Foundation
import Programs

/// An app with a callback address, `app.py`, and a sandbox whose clients pull from it. It needs
/// `python3` and OpenSSL's library.
final class CallbackApp {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "app.py").path

  private let folder: URL
  private let app: Started
  let place: Place

  static let canBeMade: Bool = {
    let look = "import ctypes.util, sys; sys.exit(ctypes.util.find_library('crypto') is None)"
    return (try? Programs.startOther("python3", ["-c", look]).finish(within: 20))?.status == 0
  }()

  init(encryptKey: String? = nil, sandbox options: String...) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-app-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let app = try Programs.startOther(
      "python3", [Self.script, folder.path] + (encryptKey.map { [$0] } ?? []))
    guard eventually({ app.output.contains("\n") }) else {
      throw Place.Trouble("the app did not start: \(app.errors)")
    }
    self.app = app
    let port = app.output.prefix { $0 != "\n" }
    place = try Place(
      sandbox: ["--callback", "http://127.0.0.1:\(port)/callback"]
        + (encryptKey.map { ["--encrypt-key", $0] } ?? []) + options)
  }

  deinit {
    app.kill(SIGKILL)
    try? FileManager.default.removeItem(at: folder)
  }

  struct Received: Decodable {
    struct Body: Decodable {
      struct Header: Decodable {
        let token: String
        let app_id: String
      }

      struct Event: Decodable {
        struct Operator: Decodable { let open_id: String }

        struct Context: Decodable {
          let url: String
          let preview_token: String?
          let open_chat_id: String
        }

        let `operator`: Operator
        let context: Context
      }

      let header: Header?
      let event: Event?
      let token: String?
    }

    let type: String
    let encrypted: Bool
    let signed: Bool
    let body: Body
  }

  /// What the app was asked, in order.
  func received() throws -> [Received] {
    try app.output.split(separator: "\n").dropFirst().map {
      try JSONDecoder().decode(Received.self, from: Data($0.utf8))
    }
  }

  /// Its callbacks `url.preview.get`, decrypted, each on one line.
  func callbacks() throws -> [String] {
    try app.output.split(separator: "\n").dropFirst().compactMap { line in
      let request = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard let request, request["type"] as? String == "url.preview.get" else { return nil }
      let body = try JSONSerialization.data(withJSONObject: request["body"] ?? [:])
      return String(decoding: body, as: UTF8.self)
    }
  }

  /// The app's previews have this title from now on.
  func change(title: String) throws {
    try Data(title.utf8).write(to: folder.appending(path: "title"), options: .atomic)
  }

  func change(delay_s: Int?) throws {
    let file = folder.appending(path: "delay")
    if let delay_s {
      try Data(String(delay_s).utf8).write(to: file, options: .atomic)
    } else {
      try FileManager.default.removeItem(at: file)
    }
  }

  struct Message: Decodable {
    struct Member: Decodable {
      let open_id: String
      let title: String?
      let drawn_ms: Int?
      let pulls: Int
      let waiting: Int
      let from_cache: Bool
      let trouble: String?
    }

    let number: Int
    let token: String?
    let members: [Member]

    var titles: [String?] { members.map(\.title) }
    var pulls: [Int] { members.map(\.pulls) }
    var isSettled: Bool { members.allSatisfy { $0.waiting == 0 } }
  }

  /// Posts a link that these members see.
  func post(_ members: String..., place: String = "message") throws -> Message {
    try post(members, place: place)
  }

  func post(_ members: [String], place: String = "message") throws -> Message {
    var body: [String: Any] = [
      "url": "https://example.com/1041", "place": place, "members": members,
    ]
    if place == "message" { body["chat"] = "oc_1" }
    let json = try JSONSerialization.data(withJSONObject: body)
    return try ask("POST /sandbox/messages", String(decoding: json, as: UTF8.self))
  }

  func message(_ number: Int) throws -> Message { try ask("GET /sandbox/messages/\(number)") }

  /// The message when none of its members waits for a pull.
  func settled(_ number: Int) throws -> Message {
    guard try eventually({ try message(number).isSettled }) else {
      throw Place.Trouble("a pull did not end")
    }
    return try message(number)
  }

  private func ask(_ request: String, _ body: String = "") throws -> Message {
    let connection = try RawConnection(to: place.port)
    connection.send(
      "\(request) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    let answer = connection.whole()
    guard answer.hasPrefix("HTTP/1.1 200 "), let start = answer.firstRange(of: "\r\n\r\n") else {
      throw Place.Trouble("\(request): \(answer)")
    }
    return try JSONDecoder().decode(Message.self, from: Data(answer[start.upperBound...].utf8))
  }
}
