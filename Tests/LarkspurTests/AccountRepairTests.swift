import Planning
import Testing

@testable import Larkspur

/// Lanes whose account is missing, because its row was changed or deleted by hand.
struct AccountRepairTests {
  private let queue: QueueAtWork

  init() throws { queue = try QueueAtWork() }

  @Test func `calls of the last minute go to the account that gets its lanes`() throws {
    try queue.ask(.preview("a", for: .everyone), .preview("b", for: .people(["ou_1"])))
    _ = try #require(try queue.claim())
    // The next lane and call of the account have another number, which names no account.
    try queue.store.db.run(
      script: """
        update lane set account_id = 99 where name = 'a';
        update call set account_id = 99;
        """)
    try queue.store.transaction { () throws(StoreError) in
      while try !queue.store.repairAccounts(at: queue.now) {}
    }
    let account = queue.previews.account
    #expect(try queue.rows("select account_id from lane") == [[.int(account)], [.int(account)]])
    #expect(try queue.rows("select account_id from call") == [[.int(account)]])
  }
}
