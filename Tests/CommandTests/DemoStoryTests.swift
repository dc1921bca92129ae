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

  @Test func `most changes are told by key, of tickets that all members of a chat have seen`() {
    let byKey = story.requests.filter { !$0.sightings.isEmpty }
    #expect(2 * byKey.count > story.requests.count)
    for request in byKey {
      if case .people(let people)? = request.audience {
        #expect(request.sightings.map(\.openID) == people)
        // More known viewers than these count as everyone.
        #expect(people.count <= 100 && request.ask == .key(request.name, for: .viewers))
      } else {
        #expect(request.ask == .key(request.name, for: .everyone))
      }
    }
    let seen = story.sightings
    #expect(Set(seen.map(\.token)) == Set(byKey.map(\.name)))
    #expect(Set(seen.map { "\($0.token) \($0.openID ?? "")" }).count == seen.count)
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
    #expect(Story.clock(at_ms: 2_000, from: 8 * 60 + 50) == "08:52")
  }
}
