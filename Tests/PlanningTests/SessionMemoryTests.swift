import Testing

@testable import Planning

/// What a session's lane remembers of what was written.
struct SessionMemoryTests {
  private let written = Parcel(asks: [1], fields: ["metadata": .text("2")])
  private let before: Fields = ["metadata": .text("1"), "channel_context": .text("c")]

  @Test func `a field that is being written is unknown`() {
    #expect(Session.memory(before, sending: written) == ["channel_context": .text("c")])
  }

  @Test func `after an answer without a session it is what was written`() {
    let memory = Session.memory(before, accepted: written, [:])
    #expect(memory == ["metadata": .text("2"), "channel_context": .text("c")])
  }

  @Test func `after an answer with one it is what the answer says`() {
    let answered: Fields = ["metadata": .text("3"), "channel_context": .text("")]
    #expect(Session.memory(before, accepted: written, answered) == answered)
  }
}
