import Testing

@testable import Sharing

/// When a run that sleeps has to ask for new asks.
struct AsksSeenTests {
  private func snapshot(_ text: String) throws -> Snapshot { try #require(Snapshot(text)) }

  @Test func `before anything was pulled, there may be some`() {
    var seen = AsksSeen()
    seen.note(newest: 7, before: TransactionID(100))
    #expect(!seen.areAllIn(nil))
  }

  @Test func `while a transaction is under way that may have taken a number, there may be some`()
    throws
  {
    var seen = AsksSeen()
    seen.note(newest: 7, before: TransactionID(100))
    #expect(!seen.areAllIn(try snapshot("98:105:98")))
  }

  @Test func `once all of these were over at a pull, there are none until another number is given`()
    throws
  {
    var seen = AsksSeen()
    seen.note(newest: 7, before: TransactionID(100))
    seen.note(newest: 7, before: TransactionID(120))
    #expect(seen.areAllIn(try snapshot("101:101:")))
    seen.note(newest: 8, before: TransactionID(130))
    #expect(!seen.areAllIn(try snapshot("101:101:")))
  }
}
