import Delivery
import Larkspur
import Planning
import PostgreSQL

/// What a shared queue knows of some accounts, or of all, and of one lane, for commands that look ahead.
package struct SharedOutlook {
  private let text: String
  private let lane: String?

  package init(
    of accounts: [String]?, lane: String?, in session: ServerSession
  ) throws(SessionError) {
    self.lane = lane
    text =
      try session.run(
        "select larkspur.outlook($1, $2)", [accounts.map { SharedStatements.list($0) }, lane]
      ).rows.first?[0] ?? "{}"
  }

  /// Into a new file, as a queue.
  package func write(to path: String, _ reading: ClockReading) throws {
    let store = try WorkerStore.mirror()
    try store.show(text, lane: lane, longestCall: Worker.longestCall, reading)
    try store.save(to: path)
  }
}
