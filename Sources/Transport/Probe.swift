import CCurl
import Delivery
import Larkspur
import Planning

/// One connection or request at a time, for a person who waits for it. Everything else is as in the
/// worker.
package struct Probe {
  /// How far a connection got.
  package enum Connection: Equatable {
    /// How long the steps took, each from the start, and the address it went to.
    case made(lookup_ms: Int, connect_ms: Int, secure_ms: Int, address: String)
    case failed(Step, why: String)
  }

  package enum Step: String {
    case proxyName, name, connect, certificate, secure, proxy, time, other
  }

  package init() { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }

  package static var library: String { String(cString: curl_version()) }

  /// Connects through the proxy, if there is one, and sends nothing.
  package func connect(to host: String, _ trust: Trust, within limit_ms: Int) -> Connection {
    var request = Request(url: host + "/", body: [])
    request.trust = trust
    guard let transfer = transfer(request, limit_ms) else {
      return .failed(.other, why: Self.noMemory)
    }
    larkspur_set_long(transfer.handle, CURLOPT_CONNECT_ONLY, 1)
    let code = curl_easy_perform(transfer.handle)
    if code == CURLE_OK {
      return .made(
        lookup_ms: transfer.milliseconds(CURLINFO_NAMELOOKUP_TIME_T),
        connect_ms: transfer.milliseconds(CURLINFO_CONNECT_TIME_T),
        secure_ms: transfer.milliseconds(CURLINFO_APPCONNECT_TIME_T),
        address: transfer.address)
    }
    guard case .neverLeft(let why) = transfer.outcome(code) else {
      return .failed(.other, why: String(cString: curl_easy_strerror(code)))
    }
    return .failed(transfer.step(of: code), why: why)
  }

  package func send(_ request: Request, within limit_ms: Int) -> Outcome {
    guard let transfer = transfer(request, limit_ms) else { return .neverLeft(Self.noMemory) }
    return transfer.outcome(curl_easy_perform(transfer.handle))
  }

  private static let noMemory = "out of memory"

  private func transfer(_ request: Request, _ limit_ms: Int) -> Transfer? {
    var timeouts = Timeouts()
    timeouts.total_ms = min(timeouts.total_ms, max(limit_ms, 1))
    timeouts.connect_ms = min(timeouts.connect_ms, timeouts.total_ms)
    return Transfer(request, tag: 0, latest: .max, timeouts: timeouts)
  }
}

extension Transfer {
  fileprivate func milliseconds(_ info: CURLINFO) -> Int {
    var microseconds: curl_off_t = 0
    larkspur_get_offset(handle, info, &microseconds)
    return Int(microseconds) / 1_000
  }

  /// Whether the host's name was resolved.
  fileprivate var hasAddress: Bool { primaryIP.map { !$0.isEmpty } ?? false }

  private var primaryIP: String? {
    var text: UnsafePointer<CChar>?
    larkspur_get_text(handle, CURLINFO_PRIMARY_IP, &text)
    return text.map { String(cString: $0) }
  }

  fileprivate var address: String {
    var port = 0
    larkspur_get_long(handle, CURLINFO_PRIMARY_PORT, &port)
    let address = primaryIP ?? "?"
    return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }

  fileprivate func step(of code: CURLcode) -> Probe.Step {
    var answerOfProxy = 0
    larkspur_get_long(handle, CURLINFO_HTTP_CONNECTCODE, &answerOfProxy)
    if answerOfProxy >= 300 { return .proxy }
    return switch code {
    case CURLE_COULDNT_RESOLVE_PROXY: .proxyName
    case CURLE_PROXY: .proxy
    case CURLE_COULDNT_RESOLVE_HOST: .name
    case CURLE_COULDNT_CONNECT: .connect
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
      .certificate
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER: .secure
    case CURLE_OPERATION_TIMEDOUT:
      milliseconds(CURLINFO_NAMELOOKUP_TIME_T) == 0 && !hasAddress ? .name : .time
    default: .other
    }
  }
}
