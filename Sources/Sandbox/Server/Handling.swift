import CMicroHTTPD

/// The steps of one request through the server, in the order in which libmicrohttpd calls them.
extension Server {
  /// Called when the headers have arrived.
  func begin(_ exchange: Exchange, _ connection: OpaquePointer, _ method: String) {
    exchange.isBegun = true
    exchange.request.method = method
    exchange.request.headSize = larkspur_http_head_size(connection)
    exchange.request.authorization = header("authorization", of: connection)
    exchange.bodyMax =
      ClientAPI.isAsked(exchange.request)
      ? NewMessage.bodyMax : rules.bodyMax(of: exchange.request, at: monotonicNow())
    exchange.request.headers = Self.recordedHeaders.compactMap { name in
      header(name, of: connection).map { (name, $0) }
    }
    if let token = exchange.request.accessToken {
      // Record only the kind of token, because the rest is secret.
      exchange.request.headers.append(("authorization", "Bearer \(token.prefix(2))***"))
    }
  }

  /// The headers that help to compare two clients.
  private static let recordedHeaders = [
    "content-type", "content-length", "transfer-encoding", "content-encoding", "expect", "accept",
    "user-agent",
  ]

  private func header(_ name: String, of connection: OpaquePointer) -> String? {
    MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
  }

  /// Called with a piece of the body, at its end, and when a request that was held back is to be
  /// answered.
  func proceed(
    _ exchange: Exchange, _ connection: OpaquePointer, _ data: UnsafePointer<CChar>?,
    _ size: UnsafeMutablePointer<Int>
  ) -> MHD_Result {
    if size.pointee > 0 {
      collect(UnsafeRawBufferPointer(start: data, count: size.pointee), into: exchange)
      size.pointee = 0
      return .YES
    }
    if isForPage(exchange.request) { return show(exchange.request, connection) }
    if ClientAPI.isAsked(exchange.request) { return serveClients(exchange.request, connection) }
    if let judgement = exchange.judgement { return conclude(exchange, judgement, connection) }
    let judgement = judge(exchange)
    if judgement.delivery == .never { note(exchange, judgement, answered: nil) }
    let wait = judgement.delivery == .never ? Self.silence : judgement.delay
    if wait == 0 || isStopping { return conclude(exchange, judgement, connection) }
    suspend(connection, until: exchange.arrived + wait)
    return .YES
  }

  private func serveClients(_ request: Request, _ connection: OpaquePointer) -> MHD_Result {
    if let tenant = TenantAPI.tenant(in: request) {
      let isInstalled = TenantAPI.isInstalled(after: request)
      if let isInstalled { set(tenant, isInstalled: isInstalled) }
      let answer = TenantAPI.answer(tenant, isInstalled: isInstalled)
      return send(Judgement(answer: answer), "\(instance)sandbox", connection)
    }
    let answer = ClientAPI.answer(request, &clients, at: monotonicNow())
    return send(Judgement(answer: answer), "\(instance)sandbox", connection)
  }

  /// Called when the connection is done with the request, whether it was answered or not.
  func end(_ exchange: Exchange) {
    // A client that disconnected while its answer was held back gets none, but its request took
    // effect.
    if let judgement = exchange.judgement { note(exchange, judgement, answered: nil) }
  }

  /// Bytes above the limit are read and discarded, because a client that is still sending would not
  /// see an earlier answer.
  private func collect(_ piece: UnsafeRawBufferPointer, into exchange: Exchange) {
    if exchange.request.body.count + piece.count > exchange.bodyMax {
      exchange.request.isTooLarge = true
      exchange.request.body = []
    }
    if !exchange.request.isTooLarge { exchange.request.body += piece }
  }

  private func conclude(
    _ exchange: Exchange, _ judgement: Judgement, _ connection: OpaquePointer
  ) -> MHD_Result {
    switch judgement.delivery {
    case .never: return .NO
    case .closed:
      note(exchange, judgement, answered: nil)
      return .NO
    case .whole, .cut, .slow:
      note(exchange, judgement, answered: monotonicNow())
      // An answer that could not be recorded must not be sent.
      if failure != nil { return .NO }
      return send(judgement, exchange.request.logID, connection)
    }
  }

  func send(
    _ judgement: Judgement, _ logID: String, _ connection: OpaquePointer
  ) -> MHD_Result {
    let answer = judgement.answer
    var body = Array(answer.body.utf8)
    let response =
      switch judgement.delivery {
      case .cut: PartialBody.cut(body)
      case .slow: PartialBody.slow(body, self, connection, over: slowness)
      default: MHD_create_response_from_buffer(body.count, &body, .RESPMEM_MUST_COPY)
      }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }
    MHD_add_response_header(response, "Content-Type", answer.contentType)
    MHD_add_response_header(response, "X-Tt-Logid", logID)
    for (name, value) in answer.headers { MHD_add_response_header(response, name, value) }
    return MHD_queue_response(connection, UInt32(answer.status), response)
  }
}
