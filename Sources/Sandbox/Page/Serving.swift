import CMicroHTTPD

/// Serves the page over HTTP. It is requested by a user, not by the program under test, so it
/// bypasses the rules and faults and is neither counted nor recorded.
extension Server {
  /// Nothing on the page may run, load or send anything.
  private static let headers = [
    "Cache-Control": "no-store",
    "Content-Security-Policy":
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
      + "form-action 'none'; frame-ancestors 'none'",
  ]

  func isForPage(_ request: Request) -> Bool {
    (request.target == "/" || request.target.hasPrefix("/?"))
      && (request.method == "GET" || request.method == "HEAD") && !request.isHeadTooLarge
  }

  func show(_ request: Request, _ connection: OpaquePointer) -> MHD_Result {
    let page = Page(
      history: history, rules: rules.settings, faults: rules.faultSettings,
      address: "http://127.0.0.1:\(port)", clients: clients, isHeld: request.target == "/?hold")
    let answer = Answer(
      status: 200, code: nil, body: page.text(at: monotonicNow()),
      contentType: "text/html; charset=utf-8", headers: Self.headers)
    return send(Judgement(answer: answer), "\(instance)page", connection)
  }
}
