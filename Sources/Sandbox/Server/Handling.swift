import CMicroHTTPD

/// The way of one request through the server, in the order in which libmicrohttpd calls.
extension Server {
  /// The headers are in.
  func begin(_ exchange: Exchange, _ connection: OpaquePointer, _ method: String) {
    exchange.isBegun = true
    exchange.request.method = method
    exchange.request.headSize = larkspur_http_head_size(connection)
    exchange.request.authorization = header("authorization", of: connection)
    exchange.bodyMax = rules.bodyMax(of: exchange.request, at: monotonicNow())
    exchange.request.headers = Self.recordedHeaders.compactMap { name in
      header(name, of: connection).map { (name, $0) }
    }
    if let token = exchange.request.accessToken {
      // Which sort of token it is may be told, and no more.
      exchange.request.headers.append(("authorization", "Bearer \(token.prefix(2))***"))
    }
  }

  /// Those by which two clients can be compared.
  private static let recordedHeaders = [
    "content-type", "content-length", "transfer-encoding", "content-encoding", "expect", "accept",
    "user-agent",
  ]

  private func header(_ name: String, of connection: OpaquePointer) -> String? {
    MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
  }

  /// A piece of the body, the end of it, or the moment to answer a request that was held back.
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
    if let judgement = exchange.judgement { return conclude(exchange, judgement, connection) }
    let judgement = judge(exchange)
    if judgement.delivery == .never { note(exchange, judgement, answered: nil) }
    let wait = judgement.delivery == .never ? Self.silence : judgement.delay
    if wait == 0 || isStopping { return conclude(exchange, judgement, connection) }
    suspend(connection, until: exchange.arrived + wait)
    return .YES
  }

  /// The connection is done with the request, one way or the other.
  func end(_ exchange: Exchange) {
    // A client that went away while its answer was held back is not answered any more; what it
    // asked for took effect all the same.
    if let judgement = exchange.judgement { note(exchange, judgement, answered: nil) }
  }

  /// What is above the limit is read and thrown away: a client that is still sending would not see
  /// an answer given earlier.
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
      // An answer that is not in the record must not be given.
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
