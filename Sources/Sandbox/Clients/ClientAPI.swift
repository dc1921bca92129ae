/// The sandbox's own API, with which a test posts messages and asks what their members see. Feishu
/// has nothing like it, so the rules and faults do not apply, and its calls are neither counted nor
/// recorded.
enum ClientAPI {
  private static let root = "/sandbox/messages"

  static func isAsked(_ request: Request) -> Bool {
    (request.path == "/sandbox" || request.path.hasPrefix("/sandbox/")) && !request.isHeadTooLarge
  }

  static func answer(
    _ request: Request, _ clients: inout Clients?, at now: Microseconds
  ) -> Answer {
    let number = Self.number(in: request.path)
    guard request.path == root || number != nil else {
      return refusal(404, "the path does not exist; see larkspur sandbox --help")
    }
    guard clients != nil else {
      return refusal(404, "this sandbox has no clients; start it with --callback URL")
    }
    switch (request.method, number) {
    case ("GET", nil): return listed(clients)
    case ("GET", let number?): return shown(number, clients)
    case ("POST", nil): return post(request, &clients, at: now)
    default:
      var answer = refusal(405, "the path exists, but not with this method")
      answer.headers["Allow"] = number == nil ? "GET, POST" : "GET"
      return answer
    }
  }

  private static func number(in path: String) -> Int? {
    guard path.hasPrefix("\(root)/") else { return nil }
    return Int(path.dropFirst(root.count + 1))
  }

  private static func post(
    _ request: Request, _ clients: inout Clients?, at now: Microseconds
  ) -> Answer {
    if request.isTooLarge { return refusal(413, "the body is larger than 4 MB") }
    do throws(Invalid) {
      let number = clients?.post(try NewMessage(body: request.body), at: now) ?? 0
      return shown(number, clients)
    } catch {
      return refusal(400, error.reason)
    }
  }

  private static func listed(_ clients: Clients?) -> Answer {
    guard let clients else { return shown(0, nil) }
    let messages = clients.messages.all.map { $0.json(epoch: clients.epoch) }
    return success(
      JSONText.object([
        "verified": String(clients.isVerified),
        "verification_trouble": JSONText.string(clients.verificationTrouble),
        "messages": "[\(messages.joined(separator: ","))]",
      ]))
  }

  private static func shown(_ number: Int, _ clients: Clients?) -> Answer {
    guard let clients, let message = clients.messages[number] else {
      return refusal(404, "there is no message \(number), or it has been forgotten")
    }
    return success(message.json(epoch: clients.epoch))
  }

  private static func success(_ body: String) -> Answer {
    Answer(status: 200, code: nil, body: body, headers: ["Cache-Control": "no-store"])
  }

  private static func refusal(_ status: Int, _ reason: String) -> Answer {
    Answer(
      status: status, code: nil, body: JSONText.object(["error": JSONText.string(reason)]))
  }
}

extension Message {
  /// Moments are in milliseconds of the wall clock.
  fileprivate func json(epoch: Microseconds) -> String {
    let milliseconds = { (moment: Microseconds?) in
      JSONText.number(moment.map { ($0 - epoch) / 1_000 })
    }
    let members = views.map { view in
      JSONText.object([
        "open_id": JSONText.string(view.openID),
        "title": JSONText.string(view.shown?.title),
        "image_key": JSONText.string(view.shown?.imageKey),
        "card": JSONText.string(view.shown?.card?.rawValue),
        "drawn_ms": milliseconds(view.drawn),
        "from_cache": String(view.isFromCache),
        "draws": String(view.draws),
        "pulls": String(view.pulls),
        "waiting": String(view.waiting),
        "trouble": JSONText.string(view.trouble),
      ])
    }
    return JSONText.object([
      "number": String(number),
      "place": JSONText.string(place.rawValue),
      "url": JSONText.string(url),
      "token": JSONText.string(token),
      "open_message_id": JSONText.string(id),
      "open_chat_id": JSONText.string(chat),
      "posted_ms": milliseconds(posted),
      "members": "[\(members.joined(separator: ","))]",
    ])
  }
}
