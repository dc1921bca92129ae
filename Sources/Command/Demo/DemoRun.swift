import Larkspur
import QueueAccess
import Terminal

/// Enqueues the asks at the times the story sets, and watches until all of them have ended.
struct DemoRun: ~Copyable {
  /// The demo usually takes about 20 s, and longer on a busy machine. The worker gets a little more
  /// time, so that the demo is the one to report that the time is up.
  static let longest_ms = 60_000
  private static let betweenLooks_ms = 200

  private let story: Story
  private let intake: Intake
  private let inspector: Inspector
  private let nineChats: NineChatsOutcome
  private var screen: DemoScreen
  private var events: ArraySlice<Story.Event>
  private var asks: Int
  private var asked: Set<String> = []
  private var fullest: DemoReport.Snapshot?

  init(
    _ story: Story, _ intake: consuming Intake, _ inspector: consuming Inspector,
    after nineChats: NineChatsOutcome, _ screen: DemoScreen
  ) {
    self.story = story
    self.intake = intake
    self.inspector = inspector
    self.nineChats = nineChats
    self.screen = screen
    asks = NineChats.asks
    events = story.events[...]
  }

  mutating func perform(
    _ sandbox: inout ChildProcess, _ worker: inout ChildProcess, until stop: borrowing StopRequest
  ) throws(Failure) -> DemoReport {
    let began = steadyMilliseconds()
    while true {
      let now = steadyMilliseconds() - began
      try ask(until: now)
      let figures = try look(at: now)
      let isOver = events.isEmpty && figures.asksOpen <= 0
      screen.show(figures, isLast: isOver)
      if isOver { return try report(figures) }
      try stop.expectNothing()
      try sandbox.expectRunning(otherwise: .unreachable)
      try worker.expectRunning(otherwise: .timeIsUp)
      if now > Self.longest_ms { throw tooSlow(figures, worker.words()) }
      let nextEvent = events.first.map { $0.at_ms - now } ?? .max
      stop.wait(for: nil, milliseconds: max(1, min(nextEvent, Self.betweenLooks_ms)))
    }
  }

  private mutating func ask(until now: Int) throws(Failure) {
    while let event = events.first, event.at_ms <= now {
      let new = event.requests.map(\.ask)
      _ = try withSentences { () throws(QueueError) in try intake.add(new) }
      asks += new.count
      asked.formUnion(event.requests.compactMap(\.ticket))
      if let sentence = event.sentence {
        screen.tell(sentence, at: Story.clock(at_ms: event.at_ms))
      }
      events.removeFirst()
    }
  }

  private mutating func look(at now: Int) throws(Failure) -> DemoFigures {
    var figures = try withSentences { () throws(QueueError) in try DemoFigures(inspector) }
    figures.at_ms = now
    figures.asks = asks
    figures.ticketsAsked = asked.count
    if figures.asksOpen > fullest?.asksOpen ?? 0 {
      fullest = DemoReport.Snapshot(
        at_ms: now, asksOpen: figures.asksOpen, answer: try answer(DemoReport.queueByState))
    }
    return figures
  }

  private func report(_ figures: DemoFigures) throws(Failure) -> DemoReport {
    var answers: [DemoReport.Answer] = []
    for question in DemoReport.questions { answers.append(try answer(question)) }
    return DemoReport(
      nineChats: nineChats, figures: figures, tickets: story.tickets + 1,
      callsAlone: story.callsAlone + NineChats.chats.count,
      previewCallsAlone: story.previewCallsAlone + NineChats.chats.count, fullest: fullest,
      answers: answers)
  }

  private func answer(_ question: String) throws(Failure) -> DemoReport.Answer {
    let rows = try withSentences { () throws(QueueError) in try inspector.rows(question) }
    return DemoReport.Answer(question: question, rows: rows)
  }

  private func tooSlow(_ figures: DemoFigures, _ words: String) -> Failure {
    let why =
      ChildProcess.complaint(words).map { "larkspur-work: \($0)" }
      ?? "this machine is too busy for the demo; run 'larkspur demo' again later"
    return Failure(
      .timeIsUp,
      "after \(Self.longest_ms / 1_000) s, \(grouped(figures.asksOpen)) of "
        + "\(counted(figures.asks, "ask")) are still not delivered: \(why)")
  }
}
