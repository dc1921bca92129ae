import Basics
import Glibc
import Larkspur
import QueueAccess
import Terminal

/// The first part of the demo: a ticket is pasted in nine chats, and changes. The backend says which
/// ticket it was, and the members of all nine see the change.
struct NineChats: ~Copyable {
  struct Chat: Equatable {
    let name: String
    let members: [String]

    init(_ name: String, _ members: ClosedRange<Int>) {
      self.name = name
      self.members = members.map { "ou_\(1_000 + $0)" }
    }
  }

  /// What the members of a chat see.
  struct Row: Equatable {
    let chat: String
    let members: Int
    /// Nil for the bare link. More than one while the members are pulling.
    let titles: [String?]
  }

  /// Some users are in several chats.
  static let chats = [
    Chat("checkout", 1...5), Chat("storefront", 4...10), Chat("platform", 11...19),
    Chat("mobile", 20...23), Chat("support", 24...31), Chat("incident", 9...12),
    Chat("release", 1...3), Chat("design", 32...33), Chat("sales", 34...36),
  ]
  static let members = chats.reduce(0) { $0 + $1.members.count }
  static let asks = 1
  static let before = "1041: payments fail"
  static let after = "1041: fixed"

  /// It usually takes 5 s.
  static let longest_ms = 20_000
  private static let change_ms = 2_500
  private static let end_ms = 5_000
  private static let betweenLooks_ms = 50

  private let clients: SandboxClients
  private let inspector: Inspector
  private var backend: TicketBackend
  private var screen: DemoScreen
  private let began = steadyMilliseconds()

  init(
    _ clients: consuming SandboxClients, _ inspector: consuming Inspector,
    _ backend: consuming TicketBackend, _ screen: DemoScreen
  ) {
    self.clients = clients
    self.inspector = inspector
    self.backend = backend
    self.screen = screen
  }

  /// Also returns the screen as it is now, for the rest of the demo.
  mutating func perform(
    _ sandbox: inout ChildProcess, _ worker: inout ChildProcess, until stop: borrowing StopRequest
  ) throws(Failure) -> (outcome: NineChatsOutcome, screen: DemoScreen) {
    tell("ticket 1041 is pasted in nine chats, with \(Self.members) members in all")
    // The check allows 1 s. On a busy machine it may take more than one.
    while try !clients.isVerified(), now < Self.longest_ms {
      try clients.type(TicketBackend.url)
      try serve(until: now + Self.betweenLooks_ms, stop)
    }
    for chat in Self.chats { try clients.post(TicketBackend.url, in: chat) }
    let before = try sights(of: backend.title, &sandbox, &worker, until: stop)
    tell("each member's client pulls its preview, and the backend records it")
    try serve(until: Self.change_ms, stop)

    let changed_ms = nanoseconds(of: CLOCK_REALTIME) / 1_000_000
    try backend.rename(Self.after)
    tell("the ticket is fixed: one ask, for the key \(TicketBackend.key)")
    let after = try sights(of: Self.after, &sandbox, &worker, until: stop)
    let calls = try withSentences { () throws(QueueError) in
      try inspector.rows("select count(*) from recent_calls where api = 'preview'").rows
    }
    let outcome = NineChatsOutcome(
      before: before, after: after, changed_ms: changed_ms, calls: calls[0][0].number)
    tell(
      "all \(Self.members) see that it is fixed, \(outcome.took_ms) ms later: "
        + counted(outcome.calls, "call"))
    screen.show(Self.rows(after), of: Self.after)
    try serve(until: Self.end_ms, stop)
    return (outcome, screen)
  }

  /// What all members see, once it is this.
  private mutating func sights(
    of title: String, _ sandbox: inout ChildProcess, _ worker: inout ChildProcess,
    until stop: borrowing StopRequest
  ) throws(Failure) -> [SandboxClients.Sight] {
    while true {
      let sights = try clients.sights()
      if sights.allSatisfy({ $0.title == title }) { return sights }
      screen.show(Self.rows(sights), of: Self.after)
      try sandbox.expectRunning(otherwise: .unreachable)
      try worker.expectRunning(otherwise: .timeIsUp)
      if now > Self.longest_ms {
        throw Failure(
          .timeIsUp,
          "after \(Self.longest_ms / 1_000) s, not all members of the nine chats see "
            + "'\(title)': this machine is too busy for the demo; run 'larkspur demo' again later")
      }
      try serve(until: now + Self.betweenLooks_ms, stop)
    }
  }

  /// Answers callbacks until this moment of the story.
  private func serve(until moment: Int, _ stop: borrowing StopRequest) throws(Failure) {
    repeat {
      stop.wait(for: backend.descriptor, milliseconds: max(0, moment - now))
      try stop.expectNothing()
      try backend.answerCallbacks()
    } while now < moment
  }

  private var now: Int { steadyMilliseconds() - began }

  private mutating func tell(_ sentence: String) {
    screen.tell(sentence, at: Story.clock(at_ms: now, from: Self.clock_min))
  }

  /// Before the morning of the other tickets, which begins at 09:00.
  private static let clock_min = 8 * 60 + 50

  private static func rows(_ sights: [SandboxClients.Sight]) -> [Row] {
    chats.map { chat in
      let seen = sights.filter { $0.chat == chat.name }.map(\.title)
      let titles = seen.indices.filter { !seen[..<$0].contains(seen[$0]) }.map { seen[$0] }
      return Row(chat: chat.name, members: chat.members.count, titles: titles)
    }
  }
}

/// What each member saw before and after.
struct NineChatsOutcome: Equatable {
  struct Redrawn: Equatable {
    let chat: String
    let members: Int
    let before: String
    let after: String
    /// From the change to the last member's new preview.
    let took_ms: Int
  }

  let redrawn: [Redrawn]
  let calls: Int

  init(redrawn: [Redrawn], calls: Int) {
    self.redrawn = redrawn
    self.calls = calls
  }

  init(
    before: [SandboxClients.Sight], after: [SandboxClients.Sight], changed_ms: Int, calls: Int
  ) {
    redrawn = NineChats.chats.map { chat in
      let title = { (sights: [SandboxClients.Sight]) in
        sights.first { $0.chat == chat.name }?.title ?? ""
      }
      let drawn = after.filter { $0.chat == chat.name }.map(\.drawn_ms).max() ?? changed_ms
      return Redrawn(
        chat: chat.name, members: chat.members.count, before: title(before), after: title(after),
        took_ms: drawn - changed_ms)
    }
    self.calls = calls
  }

  /// From the change to the last member's new preview in all chats.
  var took_ms: Int { redrawn.map(\.took_ms).max() ?? 0 }

  var object: JSONObject {
    JSONObject([
      ("asks", .int(NineChats.asks)), ("calls", .int(calls)),
      ("members", .int(redrawn.reduce(0) { $0 + $1.members })), ("redrawn_ms", .int(took_ms)),
    ])
  }

  var table: Table {
    Table(
      [["CHAT", "MEMBERS", "SAW", "SEE", "REDRAWN AFTER"]]
        + redrawn.map {
          [$0.chat, String($0.members), $0.before, $0.after, "\($0.took_ms) ms"]
        })
  }
}
