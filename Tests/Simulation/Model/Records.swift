/// What the judge knows about an ask: what was wanted, since when, and what became of it.
struct AskRecord {
  let id: Int
  var wish: Wish
  /// When it was accepted: its number in the judge's order, and the time.
  var accepted: Int
  let acceptedAt: Int
  var retried: Int?
  /// The exact moment of its acceptance is unknown.
  var isDoubtful = false
  /// Since when calls carry it. An ask that is held, or came just after a claim, is not carried
  /// yet.
  var folded: Int?
  /// When it was last seen unfolded. If hundreds of asks come at once, some have to wait.
  var unfolded = 0
  var end: End?
  var reason = ""
  /// When its end was first seen.
  var endedAt: Int?

  enum End: String { case delivered, dead, expired, cancelled }
}

/// An ask as the queue shows it.
struct AskRow {
  let id: Int
  let end: AskRecord.End?
  let reason: String
  /// It has been merged into its lane.
  let isFolded: Bool
}

/// What the judge knows about a call: what was sent, and what the server and the worker made of it.
struct CallRecord {
  let number: Int
  let called: Called
  /// The run of the worker that made it.
  let run: Int
  /// The commit that claimed it, in the judge's order.
  let claimed: Int
  let left: Int
  let leftAt: Int
  /// The month in which it counts, if that is certain.
  var month: Int?
  var arrivedAt: Int?
  /// It will never arrive.
  var isLost = false
  var wasApplied = false
  /// The result that the worker received; nil until then.
  var result: Result?
  var answered = 0
  var answeredAt: Int?
  /// The commit with which the worker recorded the result; 0 until then.
  var settled = 0

  var isSettled: Bool { settled > 0 }

  enum Result: Equatable {
    case success
    /// The server says that it was not done, and how long to wait.
    case refused(code: Int, wait_ms: Int)
    /// The outcome is unknown.
    case unknown
  }
}

/// A broken promise.
struct Broken: Error {
  let promise: String
  let what: String
  let at: Int
}
