import Basics
import CCurl
import Delivery

/// Sets libcurl's options for a request.
extension Transfer {
  func configure(_ request: Request, _ timeouts: Timeouts) {
    larkspur_set_text(handle, CURLOPT_URL, request.url)
    // A PUT is sent as a POST with another method name, so that its body comes from the same
    // callback.
    larkspur_set_long(handle, CURLOPT_POST, 1)
    if request.method != .post {
      larkspur_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
    larkspur_set_long(handle, CURLOPT_POSTFIELDSIZE, request.body.count)
    larkspur_set_text(handle, CURLOPT_USERAGENT, "larkspur/\(larkspurVersion)")
    larkspur_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    larkspur_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, timeouts.connect_ms)
    larkspur_set_long(handle, CURLOPT_TIMEOUT_MS, timeouts.total_ms)
    larkspur_bound_sending(handle, timeouts.total_ms)
    larkspur_set_long(handle, CURLOPT_NOSIGNAL, 1)
    larkspur_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
    larkspur_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if request.url.hasPrefix("https:") {
      larkspur_set_text(handle, CURLOPT_PROTOCOLS_STR, "https")
      trust(request.trust)
    } else {
      larkspur_set_text(handle, CURLOPT_PROTOCOLS_STR, "http")
      // Plain http is only for this machine, where a proxy is of no use.
      larkspur_set_text(handle, CURLOPT_PROXY, "")
    }
  }

  private func trust(_ trust: Trust) {
    switch trust {
    case .system: break
    case .systemFile(let path):
      larkspur_set_text(handle, CURLOPT_CAINFO, path)
      larkspur_set_text(handle, CURLOPT_PROXY_CAINFO, path)
    case .file(let path):
      larkspur_set_text(handle, CURLOPT_CAINFO, path)
      larkspur_set_text(handle, CURLOPT_CAPATH, nil)
    }
  }
}

/// How long a call may take.
package struct Timeouts: Equatable, Sendable {
  package var connect_ms = 5_000
  package var total_ms = Worker.callTimeout

  package init() {}
}
