import Larkspur
import Testing

@testable import Command

struct DemoStoryTests {
  private let story = Story.morning

  @Test func `a morning has three hundred tickets`() {
    #expect(story.tickets == 300)
  }

  @Test func `chats differ in size, and one audience is of 250`() {
    let sizes = Set(
      story.requests.compactMap { request in
        if case .people(let people)? = request.audience { people.count } else { nil as Int? }
      })
    #expect(sizes.isSuperset(of: [12, 30, 45, 96, 250]))
    #expect(story.requests.contains { $0.audience == .everyone })
  }

  @Test func `nobody is named twice in one audience`() {
    for case .people(let people)? in story.requests.map(\.audience) {
      #expect(Set(people).count == people.count)
    }
  }

  @Test func `most tickets are asked for again, in waves that end early enough`() {
    #expect(story.requests.count > 3 * story.tickets)
    #expect(story.events.map(\.at_ms) == story.events.map(\.at_ms).sorted())
    #expect((10_000...15_000).contains(story.events.last?.at_ms ?? 0))
  }

  @Test func `its sentences fit on a line and are plain letters`() {
    for sentence in story.events.compactMap(\.sentence) {
      #expect(sentence.count <= 70 && sentence.utf8.allSatisfy { (32..<127).contains($0) })
    }
  }

  @Test func `a client without a queue makes a call for each ask and each hundred people`() {
    let people = { (count: Int) in Ask.Audience.people((0..<count).map { "ou_\($0)" }) }
    let requests = [.everyone, people(1), people(100), people(101), people(250)].map {
      Story.Request.ticket("t", for: $0)
    }
    #expect(requests.map(\.callsAlone) == [1, 1, 1, 2, 3])
    #expect(Story([.init(at_ms: 0, sentence: nil, requests: requests)]).callsAlone == 8)
    // Each of the few tickets for 250 users takes three calls, all others one.
    let large = story.requests.count { $0.callsAlone == 3 }
    #expect(large > 0 && story.callsAlone == story.requests.count + 2 * large)
  }

  @Test func `a card and a session are kept up to date as well, one call for each ask alone`() {
    let others = story.requests.filter { $0.ticket == nil }
    #expect(Set(others.map(\.name)).count == 2 && others.allSatisfy { $0.callsAlone == 1 })
    #expect(story.callsAlone == story.previewCallsAlone + others.count)
  }

  @Test(arguments: [(0, "09:00"), (999, "09:00"), (61_000, "10:01"), (-1, "09:00")])
  func `a second is a minute of the morning`(at_ms: Int, clock: String) {
    #expect(Story.clock(at_ms: at_ms) == clock)
  }
}
