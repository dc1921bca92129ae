import CMicroHTTPD

/// A body that is sent in pieces or not completely, although the headers announce all of it.
final class PartialBody {
  private enum Manner {
    /// The first half, and then the connection is closed.
    case cut
    /// A tenth at a time.
    case slow(Pacing)
  }

  /// When the next piece of a slow body may go.
  private struct Pacing {
    unowned let server: Server
    let connection: OpaquePointer
    let pause: Microseconds
    var next: Microseconds
  }

  private static let pieces = 10

  private let whole: [UInt8]
  private var manner: Manner

  private init(_ whole: [UInt8], _ manner: Manner) {
    self.whole = whole
    self.manner = manner
  }

  static func cut(_ whole: [UInt8]) -> OpaquePointer? {
    response(PartialBody(whole, .cut))
  }

  static func slow(
    _ whole: [UInt8], _ server: Server, _ connection: OpaquePointer, over time: Microseconds
  ) -> OpaquePointer? {
    let pause = time / pieces
    let pacing = Pacing(
      server: server, connection: connection, pause: pause, next: monotonicNow() + pause)
    return response(PartialBody(whole, .slow(pacing)))
  }

  private static func response(_ body: PartialBody) -> OpaquePointer? {
    MHD_create_response_from_callback(
      UInt64(body.whole.count), max(1_024, body.whole.count / pieces + 1),
      { context, position, buffer, room in
        guard let context, let buffer else { return endWithError }
        let body = Unmanaged<PartialBody>.fromOpaque(context).takeUnretainedValue()
        let target = UnsafeMutableRawBufferPointer(start: buffer, count: room)
        return body.fill(target, from: Int(clamping: position))
      },
      Unmanaged.passRetained(body).toOpaque(),
      { context in
        if let context { Unmanaged<PartialBody>.fromOpaque(context).release() }
      })
  }

  /// Fills the target and returns the number of bytes; 0 if the connection sleeps until there are
  /// more.
  private func fill(_ target: UnsafeMutableRawBufferPointer, from position: Int) -> Int {
    switch manner {
    case .cut:
      let end = whole.count / 2
      return position < end ? copy(position..<end, to: target) : endWithError
    case .slow(var pacing):
      if monotonicNow() < pacing.next && !pacing.server.isStopping {
        pacing.server.suspend(pacing.connection, until: pacing.next)
        return 0
      }
      pacing.next += pacing.pause
      manner = .slow(pacing)
      let piece = max(1, whole.count / Self.pieces)
      return copy(position..<min(position + piece, whole.count), to: target)
    }
  }

  private func copy(_ range: Range<Int>, to target: UnsafeMutableRawBufferPointer) -> Int {
    let piece = whole[range].prefix(target.count)
    target.copyBytes(from: piece)
    return piece.count
  }
}

/// `MHD_CONTENT_READER_END_WITH_ERROR`, a macro that Swift cannot import.
private let endWithError = -2
