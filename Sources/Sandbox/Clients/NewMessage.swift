/// Where a link is seen.
enum Place: String, CaseIterable {
  case message
  /// An input field, before the message is sent: there is no message, no chat and no token yet.
  case draft
  /// A user's signature, which has a token but no message and no chat.
  case signature
  /// A notice at the top of a chat.
  case topNotice = "top_notice"

  var hasToken: Bool { self != .draft }
  var hasChat: Bool { self == .message || self == .topNotice }

  /// The scene that the callback names. It knows only these two.
  var host: String { self == .topNotice ? "im_top_notice" : "im_message" }

  var noun: String {
    switch self {
    case .message: "a message"
    case .draft: "a draft"
    case .signature: "a signature"
    case .topNotice: "a top notice"
    }
  }
}

/// What is wrong with something that was sent to the sandbox.
struct Invalid: Error, Equatable {
  let reason: String
}

/// The body of `POST /sandbox/messages`: a link, and who sees it.
struct NewMessage: Equatable {
  static let membersMax = 5_000
  static let nameBytesMax = 256
  static let urlBytesMax = 4_096
  /// A body with the longest names, and room for escapes.
  static let bodyMax = 4 * 1_024 * 1_024

  var url: String
  var place = Place.message
  /// Empty for a place without a chat.
  var chat = ""
  var members: [String]

  private struct Body: Decodable {
    var url: String
    var chat: String?
    var members: [String]
    var place: String?
  }

  init(url: String, place: Place = .message, chat: String = "", members: [String]) {
    self.url = url
    self.place = place
    self.chat = chat
    self.members = members
  }

  init(body: [UInt8]) throws(Invalid) {
    guard let body = StrictJSON.read(Body.self, from: body, marksMax: 2 * Self.membersMax) else {
      throw Invalid(reason: "the body must be a JSON object with url, chat and members (a list)")
    }
    guard let place = Place(rawValue: body.place ?? Place.message.rawValue) else {
      let words = Place.allCases.map(\.rawValue).joined(separator: ", ")
      throw Invalid(reason: "place must be one of \(words)")
    }
    self.init(url: body.url, place: place, chat: body.chat ?? "", members: body.members)
    try check()
  }

  private func check() throws(Invalid) {
    guard (1...Self.urlBytesMax).contains(url.utf8.count) else {
      throw Invalid(reason: "url must have 1 to \(Self.urlBytesMax) bytes")
    }
    if place.hasChat && chat.isEmpty { throw Invalid(reason: "\(place.noun) needs a chat") }
    if !place.hasChat && !chat.isEmpty {
      throw Invalid(reason: "\(place.noun) has no chat; leave chat out")
    }
    guard (1...Self.membersMax).contains(members.count) else {
      throw Invalid(reason: "members must list 1 to \(Self.membersMax) open_ids")
    }
    let lengths = 1...Self.nameBytesMax
    guard ([chat].filter { !$0.isEmpty } + members).allSatisfy({ lengths.contains($0.utf8.count) })
    else { throw Invalid(reason: "an id must have 1 to \(Self.nameBytesMax) bytes") }
    guard Set(members.map(ExactText.init)).count == members.count else {
      throw Invalid(reason: "members lists an open_id twice")
    }
  }
}
