import Larkspur
import Planning
import QueueAccess
import Terminal

extension Viewpoint {
  private static let namedMost = 3

  /// What an account may do is known only once a worker has seen it.
  func sayWhoIsUnseen(_ inspector: borrowing Inspector, _ global: GlobalOptions) throws(Failure) {
    if isRunning { return }
    let names = try withSentences { () throws(QueueError) in
      try inspector.rows(
        """
        select distinct account from ask indexed by asks_not_folded
        where lane_id is null and due_ms is null and outcome is null and (?1 is null or account = ?1)
          and account not in (select name from account)
        limit ?2
        """, [.of(global.account), .int(Self.namedMost + 1)]
      ).rows.map(\.[0].text)
    }
    if names.isEmpty { return }
    let more = names.count > Self.namedMost ? " and more" : ""
    global.say(
      "asks for accounts that no worker has seen yet are left out: "
        + names.prefix(Self.namedMost).map(printable).joined(separator: ", ") + more)
  }
}
