extension Fault {
  /// What the server answers; nil if this fault does not concern the API.
  func disguise(_ api: Called.API) -> Answered? {
    switch self {
    case .internalError: Answered(status: 500, body: #"{"code":5000,"msg":"internal error"}"#)
    case .gatewayPage, .gatewayPageAfterwards:
      Answered(status: 502, body: "<html><body>Bad Gateway</body></html>")
    case .cutAnswer: Answered(status: 200, body: #"{"code":0,"msg":"suc"#)
    case .unknownStatus: Answered(status: 599, body: "")
    case .notFoundPage: Answered(status: 404, body: "<html>not here</html>")
    case .redirect:
      Answered(status: 302, headers: ["location": "https://elsewhere.test/"], body: "")
    case .tokenRefused where api != .auth:
      Answered(status: 400, body: #"{"code":99991663,"msg":"Invalid access token"}"#)
    case .limitedWithHeaders:
      Answered(
        status: 429, headers: ["x-ogw-ratelimit-limit": "5", "x-ogw-ratelimit-reset": "7"],
        body: #"{"code":99991400,"msg":"request trigger frequency limit"}"#)
    case .limitedWithout:
      Answered(status: 400, body: #"{"code":99991400,"msg":"request trigger frequency limit"}"#)
    case .familyLimited:
      Answered(status: 200, body: #"{"code":230020,"msg":"too frequent"}"#)
    case .quotaSpent where api == .preview || api == .card:
      Answered(status: 403, body: #"{"code":99991403,"msg":"quota exceeded"}"#)
    case .scopeMissing where api != .auth:
      Answered(status: 400, body: #"{"code":99991672,"msg":"Access denied"}"#)
    case .credentialsWrong where api == .auth:
      Answered(status: 200, body: #"{"code":10014,"msg":"app secret invalid"}"#)
    case .refusedWithoutReason where api == .preview:
      Answered(status: 400, body: #"{"code":230001,"msg":"param is invalid"}"#)
    case .cardBusy where api == .card:
      Answered(status: 400, body: #"{"code":200810,"msg":"ongoing interaction"}"#)
    case .cardInternal where api == .card:
      Answered(status: 500, body: #"{"code":300120,"msg":"internal"}"#)
    default: nil
    }
  }

  /// The server does what was asked, although its answer does not say so.
  var isAfterwards: Bool { self == .gatewayPageAfterwards || self == .cutAnswer }
}
