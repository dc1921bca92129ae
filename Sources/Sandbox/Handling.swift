import CMicroHTTPD

/// The way of one request through the server, in the order in which libmicrohttpd calls.
extension Server {
  /// The headers are in.
  func begin(_ connection: OpaquePointer, _ path: String, _ method: String) -> Exchange {
    let header = MHD_lookup_connection_value(connection, .HEADER_KIND, "Authorization")
    return Exchange(
      Request(
        method: method, path: path, authorization: header.map { String(cString: $0) }, logID: ""))
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
    if exchange.request.body.count + piece.count > Self.bodyMax {
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
    case .whole, .cut:
      note(exchange, judgement, answered: monotonicNow())
      return send(judgement, exchange.request.logID, connection)
    }
  }

  private func send(
    _ judgement: Judgement, _ logID: String, _ connection: OpaquePointer
  ) -> MHD_Result {
    let answer = judgement.answer
    var body = Array(answer.body.utf8)
    let response =
      if judgement.delivery == .cut {
        CutBody.response(body)
      } else {
        MHD_create_response_from_buffer(body.count, &body, .RESPMEM_MUST_COPY)
      }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }
    MHD_add_response_header(response, "Content-Type", answer.contentType)
    MHD_add_response_header(response, "X-Tt-Logid", logID)
    for (name, value) in answer.headers { MHD_add_response_header(response, name, value) }
    return MHD_queue_response(connection, UInt32(answer.status), response)
  }
}

/// A body of which the first half is sent, although the headers announce the whole.
private final class CutBody {
  private let half: ArraySlice<UInt8>

  private init(_ whole: [UInt8]) {
    half = whole.prefix(whole.count / 2)
  }

  static func response(_ whole: [UInt8]) -> OpaquePointer? {
    let body = Unmanaged.passRetained(CutBody(whole))
    return MHD_create_response_from_callback(
      UInt64(whole.count), 1_024,
      { context, position, buffer, room in
        guard let context, let buffer else { return endWithError }
        let half = Unmanaged<CutBody>.fromOpaque(context).takeUnretainedValue().half
        let piece = half.dropFirst(Int(clamping: position)).prefix(room)
        if piece.isEmpty { return endWithError }
        UnsafeMutableRawBufferPointer(start: buffer, count: room).copyBytes(from: piece)
        return piece.count
      },
      body.toOpaque(),
      { context in
        if let context { Unmanaged<CutBody>.fromOpaque(context).release() }
      })
  }
}

/// `MHD_CONTENT_READER_END_WITH_ERROR`, a macro that Swift cannot read.
private let endWithError = -2
