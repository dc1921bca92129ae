import Planning
import Testing

@testable import Larkspur

/// Which asks of a lane a call ends.
struct AskEndingTests {
  private let queue: QueueAtWork

  init() throws { queue = try QueueAtWork() }

  private func ask(_ people: String...) throws {
    try queue.ask(.preview("a", for: .people(people)))
  }

  private func asks() throws -> [[Cell]] {
    try queue.rows("select outcome, refused from ask order by id")
  }

  @Test func `of two asks in one lane only the one that names the refused user dies`() throws {
    try ask("ou_1")
    try ask("ou_2")
    let call = try #require(try queue.claim())
    try queue.settle(call, [.peopleRefused(.people(["ou_2"]), strikes: 0, isCertain: true)])
    #expect(try asks() == [[.null, .null], [.text("dead"), .text(#"["ou_2"]"#)]])
  }

  @Test func `an ask that was made during the call is not refused by it`() throws {
    try ask("ou_1", "ou_2")
    let call = try #require(try queue.claim())
    try ask("ou_2")
    try queue.settle(call, [.peopleRefused(.people(["ou_2"]), strikes: 1, isCertain: false)])
    #expect(try asks() == [[.null, .text(#"["ou_2"]"#)], [.null, .null]])
  }

  @Test func `an ask that was made during the last attempt outlives it`() throws {
    try ask("ou_1")
    let call = try #require(try queue.claim())
    try ask("ou_2")
    try queue.settle(call, [.dead()])
    #expect(try asks() == [[.text("dead"), .null], [.null, .null]])
  }

  @Test func `its lane goes on for that ask alone`() throws {
    try ask("ou_1")
    let call = try #require(try queue.claim())
    try ask("ou_2")
    try queue.settle(call, [.dead()])
    #expect(
      try queue.rows(
        "select state, members from lane join audience on audience.id = lane.audience_id")
        == [[.text("waiting"), .text(#"["ou_2"]"#)]])
  }
}
