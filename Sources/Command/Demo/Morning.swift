import Larkspur

extension Story {
  /// A company of 250 people with five teams, and a morning on which a deploy goes wrong. It is
  /// designed to need about a hundred calls, which take about 20 s at 5 calls/s.
  static let morning = Story(
    sprint + deploys + incident + companyNews + reviews + pipeline + releaseCard + assistant)

  /// A chat: the people in it and the tickets they talk about. Each of a team's tickets is in its
  /// chat.
  private struct Chat {
    let name: String
    let people: [String]
    let tickets: [String]

    init(_ name: String, _ members: Range<Int>, tickets: Int, from number: Int) {
      self.name = name
      people = members.map { "ou_\(1_000 + $0)" }
      self.tickets = (0..<tickets).map { "\(name)-\(number + $0)" }
    }

    /// Requests for tickets that change, each by its key, for all who have seen it.
    func changing(_ which: Range<Int>) -> [Request] {
      tickets[which].map { Request(name: $0, wish: .key(viewers: people, chat: "oc_\(name)")) }
    }

    var all: [Request] { changing(tickets.indices) }

    /// Requests that name each user, of tickets that have no key.
    var named: [Request] { tickets.map { Request.ticket($0, for: .people(people)) } }
  }

  private static let checkout = Chat("checkout", 0..<12, tickets: 50, from: 410)
  private static let storefront = Chat("storefront", 12..<42, tickets: 70, from: 1_730)
  private static let platform = Chat("platform", 42..<87, tickets: 80, from: 2_604)
  private static let mobile = Chat("mobile", 87..<105, tickets: 40, from: 88)
  private static let support = Chat("support", 105..<201, tickets: 40, from: 9_120)
  /// Its members come and go, so nobody knows who has seen its tickets.
  private static let room = Chat("incident", 0..<0, tickets: 16, from: 31)
  private static let company = Chat("news", 0..<250, tickets: 4, from: 7)

  private static func event(
    _ at_ms: Int, _ requests: [Request], _ sentence: (_ tickets: Int) -> String?
  ) -> Event {
    let tickets = Set(requests.compactMap(\.ticket)).count
    return Event(at_ms: at_ms, sentence: sentence(tickets), requests: requests)
  }

  private static let sprint = [
    event(0, checkout.all + storefront.all + platform.all) {
      "the nightly tests finish: \($0) tickets of three teams change"
    },
    event(1_000, mobile.all + support.all) { "two more teams start work: \($0) tickets" },
    event(8_000, support.all) { "support sorts its \($0) tickets again" },
    event(11_000, checkout.all + storefront.all + platform.all) {
      "planning: \($0) tickets move to a new sprint"
    },
    event(12_400, checkout.all + storefront.all + platform.all) { _ in
      "planning: no, back to the old sprint"
    },
  ]

  private static let deploys = [
    event(2_000, storefront.changing(40..<60) + platform.changing(60..<80)) {
      "a deploy touches \($0) tickets again"
    },
    event(
      7_000, checkout.changing(0..<40) + storefront.changing(0..<40) + platform.changing(0..<40)
    ) {
      "the deploy is rolled back: \($0) tickets change"
    },
    event(14_000, storefront.changing(20..<60) + platform.changing(20..<60)) {
      "the fixed deploy goes out: \($0) tickets change"
    },
  ]

  private static let incident =
    [
      event(3_000, room.all) {
        "an incident: \($0) tickets, for everyone in the chat"
      },
      event(10_000, room.all) { _ in "the incident's timeline is edited three times" },
    ]
    + [10_300, 10_600].map { event($0, room.all) { _ in nil } }
    + [event(13_000, room.all) { _ in "the incident is over" }]

  private static let companyNews = [
    event(1_600, company.named) { "news: \($0) tickets for all \(company.people.count) people" },
    event(9_000, company.named) { "the news is corrected: \($0) tickets" },
  ]

  private static let reviews = [
    event(
      5_000,
      (0..<12).map { index in
        // Three of platform's people, four tickets each.
        .ticket(platform.tickets[index], for: .people([platform.people[index / 4]]))
      }
    ) { "three people are asked to review \($0) tickets" }
  ]

  /// A machine keeps asking: some asks arrive while the call for the previous ones is in flight.
  private static let pipeline = (0..<16).map { step in
    event(6_000 + step * 250, mobile.changing(0..<6)) { tickets in
      step == 0 ? "a pipeline reports each test on \(tickets) tickets, 4 times a second" : nil
    }
  }

  /// A card in the release's chat shows the last line of its log.
  private static let releaseCard = (0..<40).map { step in
    let line = Request(
      name: "7355439197428236291", wish: .card(element: "log", text: "step \(step + 1) of 40"))
    return event(4_000 + step / 10 * 2_000 + step % 10 * 25, [line]) { _ in
      step == 0 ? "a card shows a release's log, ten lines at a time" : nil
    }
  }

  /// What an assistant should know about the release while people talk to it.
  private static let assistant = (0..<20).map { step in
    let stage = step < 19 ? "rolling out, \(step * 5) %" : "released"
    return event(
      4_500 + step / 5 * 2_000 + step % 5 * 25,
      [Request(name: "session_4dfunz7sp1g8m", wish: .session(metadata: stage))]
    ) { _ in step == 0 ? "an assistant's session follows the release" : nil }
  }
}
