import Planning
import PostgreSQL

/// What a run needs of its session with the server. In the worker that is libpq; in the simulation of several machines
/// it is a session that loses statements and replies.
package protocol LogSession: AnyObject {
  /// Runs one statement, which is one transaction of its own.
  func run(_ sql: String, _ values: [String?]) throws(SessionError) -> PostgreSQL.Reply
  func isPooled() throws(SessionError) -> Bool
  func listen(on channel: String) throws(SessionError)
  func takeHeard() -> Set<String>
  func rest(milliseconds: Span)
  var descriptor: Int32? { get }
}

extension ServerSession: LogSession {}
