import CCurl
import Delivery
import Larkspur
import Planning

/// One request on its way through libcurl.
final class Transfer {
  let tag: Int
  let easy: OpaquePointer
  /// The body is not handed to libcurl after this moment.
  let latest: BootMoment
  /// When libcurl last took a part of the body to send it; nil before that.
  private(set) var sentAt: BootMoment?
  /// Whether `sentAt` has been reported.
  var isSentTold = false
  /// Whether this is the second try of a call. The server certainly did not process the first.
  let isRepeat: Bool
  private(set) var evidence = StreamEvidence()

  private let request: Request
  private let timeouts: Timeouts
  private var body: [UInt8] { request.body }
  private var bodySent = 0
  private var answer = RawAnswer(status: 0)
  private var isTooLarge = false
  private var isTooLate = false
  private var headers: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>

  /// A larger answer counts as no answer.
  private static let answerBytesMax = 1_024 * 1_024

  init?(
    _ request: Request, tag: Int, latest: BootMoment, timeouts: Timeouts, isRepeat: Bool = false
  ) {
    guard let easy = curl_easy_init() else { return nil }
    self.tag = tag
    self.latest = latest
    self.easy = OpaquePointer(easy)
    self.isRepeat = isRepeat
    self.request = request
    self.timeouts = timeouts
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    configure(request, timeouts)
    larkspur_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
    addHeaders(request)
    connectCallbacks()
    listen()
  }

  /// The same call once more.
  func again() -> Transfer? {
    Transfer(request, tag: tag, latest: latest, timeouts: timeouts, isRepeat: true)
  }

  deinit {
    // libcurl must not report to an object that is being freed.
    larkspur_set_long(handle, CURLOPT_VERBOSE, 0)
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
    errorText.deallocate()
  }

  var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(easy) }

  private func addHeaders(_ request: Request) {
    var lines = ["Content-Type: \(request.content.rawValue)", "Expect:"]
    if let bearer = request.bearer { lines.append("Authorization: Bearer \(bearer)") }
    for line in lines { headers = curl_slist_append(headers, line) }
    larkspur_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
  }

  /// The body comes from a callback that cannot start over. If libcurl tries to repeat a request by
  /// itself, the repeat fails once any of the body has left. A repeat that Larkspur does not know
  /// of would break the spacing.
  private func connectCallbacks() {
    let me = Unmanaged.passUnretained(self).toOpaque()
    larkspur_set_function(handle, CURLOPT_READFUNCTION) { bytes, size, count, transfer in
      Transfer.from(transfer).read(
        into: bytes, atMost: size * count, at: SystemClocks.sinceBoot())
    }
    larkspur_set_pointer(handle, CURLOPT_READDATA, me)
    larkspur_set_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, transfer in
      Transfer.from(transfer).receive(bytes, size * count)
    }
    larkspur_set_pointer(handle, CURLOPT_WRITEDATA, me)
    larkspur_set_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, transfer in
      Transfer.from(transfer).receiveHeader(bytes, size * count)
    }
    larkspur_set_pointer(handle, CURLOPT_HEADERDATA, me)
  }

  /// Listens to what libcurl says about an HTTP/2 stream. libcurl retries by itself when a kept
  /// connection ends without an answer, and then does not say whether the server had refused the
  /// stream. With this option, which is meant for RTSP and changes nothing else for HTTP, it
  /// retries only after a refusal.
  private func listen() {
    larkspur_set_long(handle, CURLOPT_RTSP_REQUEST, Int(CURL_RTSPREQ_RECEIVE))
    let me = Unmanaged.passUnretained(self).toOpaque()
    larkspur_set_listener(
      handle,
      { _, type, bytes, count, transfer in
        if type == CURLINFO_TEXT, let bytes {
          let line = UnsafeRawBufferPointer(start: bytes, count: count)
          Transfer.from(transfer).evidence.note(String(decoding: line, as: UTF8.self))
        }
        return 0
      }, me)
  }

  /// The local port, which tells connections apart; nil before there is a connection.
  var localPort: Int? {
    var port = 0
    larkspur_get_long(handle, CURLINFO_LOCAL_PORT, &port)
    return port > 0 ? port : nil
  }

  /// libcurl has reported a GOAWAY to another call on the same connection.
  func note(lastProcessed last: Int) { evidence.note(lastProcessed: last) }

  /// Whether the server cannot have acted on this try and another one is likely to do better: this
  /// one was refused, or found that a kept connection had ended.
  func isWorthRepeating(_ outcome: Outcome) -> Bool {
    guard !isRepeat, case .neverLeft = outcome else { return false }
    var newConnections = 0
    larkspur_get_long(handle, CURLINFO_NUM_CONNECTS, &newConnections)
    return bodySent > 0 || (newConnections == 0 && localPort != nil)
  }

  private static func from(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
    guard let pointer else { preconditionFailure("libcurl called back without its transfer") }
    return Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Hands libcurl the next part of the body. Returns its length, or the code that aborts the call.
  func read(
    into bytes: UnsafeMutablePointer<CChar>?, atMost count: Int, at now: BootMoment
  ) -> Int {
    let count = min(count, body.count - bodySent)
    guard let bytes, count > 0 else { return 0 }
    if bodySent == 0 && now > latest {
      isTooLate = true
      return Int(CURL_READFUNC_ABORT)
    }
    body.withUnsafeBytes { source in
      UnsafeMutableRawPointer(bytes).copyMemory(
        from: source.baseAddress.map { $0 + bodySent } ?? UnsafeRawPointer(bytes), byteCount: count)
    }
    bodySent += count
    // From an earlier piece on, a round trip would seem longer than it was, and budgets would subtract too much.
    if bodySent == body.count { sentAt = now }
    return count
  }

  private func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard let bytes else { return 0 }
    guard answer.body.count + count <= Self.answerBytesMax else {
      isTooLarge = true
      return 0
    }
    answer.body += UnsafeRawBufferPointer(start: bytes, count: count)
    return count
  }

  private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    answer.take(headerLine: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
  }

  /// What came of the call, once libcurl has reported that it is over.
  func outcome(_ result: CURLcode) -> Outcome {
    var status = 0
    larkspur_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    if result == CURLE_OK {
      answer.status = status
      return .answered(answer)
    }
    if isTooLate { return .tooLate }
    if isTooLarge { return .noAnswer("the answer was larger than 1 MiB") }
    if status == 0, let refusal = evidence.refusal { return .neverLeft(refusal) }
    if result == CURLE_SEND_FAIL_REWIND {
      // libcurl tried to repeat the request, which `connectCallbacks` prevents.
      return .noAnswer("the connection closed before the answer arrived")
    }
    let detail = String(cString: errorText)
    let why = detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail
    // Whatever went wrong, a server that was never given the body cannot have acted on it.
    return bodySent == 0 ? .neverLeft(why) : .noAnswer(why)
  }
}
