import Planning

/// What a verdict says beyond the lanes in its call.
extension Verdict {
  /// What it says of the channel; nil where it is the account that it speaks of, or nothing.
  func failing(of lanes: [Int]) -> Failing? {
    switch self {
    case .delivered, .quotaSpent, .tokenRefused, .parked: nil
    case .tryAgain: .host
    case .foreign: .foreign
    case .unreachable: .unreachable
    case .limited: .limit
    case .refused(let isDocumented): .refusal(lanes: lanes, isDocumented: isDocumented)
    case .unfit, .outOfOrder, .alreadyKnown, .busy, .gone:
      .refusal(lanes: lanes, isDocumented: true)
    }
  }

  /// Failed calls are not counted by the quota. One that may have been carried out is, to be safe.
  var failsFreely: Bool {
    switch self {
    case .delivered, .tryAgain, .foreign: false
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone, .unreachable, .limited,
      .quotaSpent,
      .tokenRefused, .parked:
      true
    }
  }

  /// The word in the history.
  var word: String {
    switch self {
    case .delivered: "delivered"
    case .refused, .unfit, .outOfOrder, .alreadyKnown, .busy, .gone: "refused"
    case .tryAgain, .foreign: "try again"
    case .unreachable: "unreachable"
    case .limited: "limited"
    case .quotaSpent: "quota"
    case .tokenRefused: "token refused"
    case .parked: "parked"
    }
  }
}
