import Glibc

/// Sends the clients' callbacks on the server's own thread. Not with libcurl: its waits are in whole
/// milliseconds, which would make the sandbox's own answers late, and plain HTTP on loopback needs
/// little.
struct CallbackLine {
  private let address: CallbackAddress
  private let sealing: Sealing
  private var open: [CallbackConnection] = []

  init(_ settings: ClientSettings) {
    address = settings.callback
    sealing = Sealing(encryptKey: settings.encryptKey)
  }

  var watched: [pollfd] { open.map(\.watched) }

  /// When `turn` must be called even if nothing arrives.
  var nearest: Microseconds? { open.map(\.callback.deadline).min() }

  /// Goes on with every callback, and begins those that may begin now.
  mutating func turn(_ clients: inout Clients?) {
    var unfinished: [CallbackConnection] = []
    for connection in open where !end(connection, &clients) { unfinished.append(connection) }
    open = unfinished
    while let callback = clients?.nextCallback(at: monotonicNow()) {
      do throws(Invalid) {
        let connection = try CallbackConnection(callback, to: address, sending: request(callback))
        if !end(connection, &clients) { open.append(connection) }
      } catch {
        clients?.end(callback, .failed(error.reason), at: monotonicNow())
      }
    }
  }

  /// Returns false if the callback has not ended.
  private func end(_ connection: CallbackConnection, _ clients: inout Clients?) -> Bool {
    guard let outcome = connection.proceed(at: monotonicNow()) else { return false }
    clients?.end(connection.callback, outcome, at: monotonicNow())
    return true
  }

  private func request(_ callback: Callback) -> [UInt8] {
    address.request(sealing.seal(callback))
  }
}

extension Sealing {
  func seal(_ callback: Callback) -> Sealed {
    var random = SystemRandomNumberGenerator()
    let iv = (0..<AES256.blockBytes).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    let nonce = String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
    return seal(callback.body, iv: iv, timestamp: String(callback.timestamp_s), nonce: nonce)
  }
}
