/// What the judge knows of an ask: what was wanted, since when, and what became of it.
struct AskRecord {
  let id: Int
  let wish: Wish
  /// Its place among everything that has happened, and its moment.
  let accepted: Int
  let acceptedAt: Int
  var retried: Int?
  /// Nobody knows exactly when it came in.
  var isDoubtful = false
  /// Since when calls carry it; what is held back, or has come a moment too late, is not carried.
  var folded: Int?
  /// When it was last seen not to be: of hundreds that come at once, some have to wait.
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
  /// It has been merged into what its lane wants.
  let isFolded: Bool
}

/// What the judge knows of a call: what was sent, and what the server and the worker made of it.
struct CallRecord {
  let number: Int
  let called: Called
  /// The worker that made it.
  let run: Int
  /// The claim that it rests on, among everything that has happened.
  let claimed: Int
  let left: Int
  let leftAt: Int
  /// The month by which it is counted, where there is no doubt.
  var month: Int?
  var arrivedAt: Int?
  /// It will not arrive any more.
  var isLost = false
  var wasApplied = false
  /// What the worker was told; nil until then.
  var result: Result?
  var answered = 0
  var answeredAt: Int?
  /// The commit with which the worker has written the result down; 0 until then.
  var settled = 0

  var isSettled: Bool { settled > 0 }

  enum Result: Equatable {
    case success
    /// The server's word that it was not done, and how long it asks to wait.
    case refused(code: Int, wait_ms: Int)
    /// Nobody can tell.
    case unknown
  }
}

/// A promise that was not kept.
struct Broken: Error {
  let promise: String
  let what: String
  let at: Int
}
