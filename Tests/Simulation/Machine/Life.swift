import Chance
import Larkspur

/// Plays one history: the machine, every program on it, and the server at the other end. There is
/// one thread and one clock, which jumps to whatever happens next.
final class Life {
  let history: History
  let path: String
  let disk: SimulatedDisk
  let feishu: Feishu
  let judge: Judge
  var story: Story
  private(set) var now = beginning
  var agenda = Agenda()
  var weather: [(until: Int, fault: Fault, permille: Int)] = []
  /// Outages that have begun, with their beginning and end.
  var outages: [(from: Int, until: Int, what: Outage)] = []
  var foreign: (until: Int, what: Foreign)?
  /// The accounts that the configuration names now.
  var configuration: [Setup.Account]
  /// What the app's backend has stored of the tickets of the store app.
  var storedTicket: String? = "ticket-1"
  lazy var sharedBudget = SharedBudget(seed: history.seed)
  var armed: [Armed] = []
  var run: WorkerRun?
  var runs = 0
  /// The machine is off until this moment.
  var offUntil = 0
  var isEnding = false
  /// How far the wall clock is off.
  var wallError = 0
  var boots = 1
  var bootedAt = 0
  /// What the next worker's time namespace adds to the time since boot.
  var bootOffset = 0
  var pendingStall = 0
  var diskErrorAfter: Int?
  /// The disk or another program has interfered since the worker was started.
  var hasTrouble = false
  private(set) lazy var people = People(self, path: path)
  /// The statements that workers have run so far, and those now running for the first time.
  var knownStatements: Set<String> = []
  var newStatements: Set<String> = []

  static let beginning = 1_000_000_000

  init(_ history: History, path: String, isTelling: Bool) {
    self.history = history
    self.path = path
    configuration = history.setup.accounts
    disk = SimulatedDisk(seed: history.seed)
    feishu = Feishu(history.setup.server)
    judge = Judge(history.setup)
    judge.stalls_ms = history.stalls_ms
    story = Story(isTelling: isTelling)
    disk.wallClock_ms = { [unowned self] in wall_ms }
    judge.wallClock_ms = { [unowned self] in wall_ms }
  }

  /// Plays the history to its end, or to the first broken promise.
  func live() -> Broken? {
    disk.mount()
    for step in history.steps {
      agenda.plan(Self.beginning + step.at) { [unowned self] in perform(step.deed) }
    }
    let length = (history.steps.last?.at ?? 0) + 1
    agenda.plan(Self.beginning + length) { [unowned self] in
      isEnding = true
      run?.stopRequests = 1
    }
    while !isEnding, judge.broken == nil, step() {}
    if judge.broken == nil { finish() }
    people.leave()
    story.simulated_ms = now - Self.beginning
    story.sumUp(judge)
    return judge.broken
  }

  var wall_ms: Int { history.setup.wallClock_ms + now - Self.beginning + wallError }

  /// Lets time pass. Actions planned for that time happen late, except those of the network and the
  /// server, which keep their own times.
  func pass(_ milliseconds: Int) { now += milliseconds }

  /// Performs the next action; false if there is none.
  func step() -> Bool {
    guard let entry = agenda.take() else { return false }
    now = max(now, entry.at)
    entry.action()
    return true
  }

  func tell(_ what: @autoclosure () -> String) {
    if story.isTelling { print("\(now - Self.beginning) ms  \(what())") }
  }

  private var withoutQuotas: [Setup.Account] {
    history.setup.accounts.map { account in
      var account = account
      account.monthlyQuota = nil
      return account
    }
  }

  /// Everything is fixed, and what waits is given time: in the end every ask must have ended.
  private func finish() {
    tell("-- everything is fixed --")
    disk.room = nil
    diskErrorAfter = nil
    armed = []
    weather = []
    outages = []
    foreign = nil
    feishu.absent = []
    storedTicket = feishu.ticket
    configure(history.setup.accounts)
    pendingStall = 0
    now = max(now, offUntil)
    people.letGo()
    people.resume()
    let month = 2_764_800_000
    let pauses =
      [0, 1_000, 61_000, 960_000, 3_600_000, 86_400_000]
      + [Int](repeating: month, count: 80)
    for (number, pause) in pauses.enumerated() where judge.broken == nil {
      now += pause
      // A quota of one call a month could take longer than all these months.
      if number == pauses.count - 5 { configure(withoutQuotas) }
      let began = now
      startWorker(.untilEmpty)
      guard judge.broken == nil else { return }
      if pause == 0, history.isPlain { judge.checkSoon(people.look() ?? [], since: began, at: now) }
      while let next = agenda.next, next <= now, step() {}
      guard let rows = people.look() else { break }
      judge.look(rows, at: now)
      let isLeft = rows.contains { row in
        row.end == nil && judge.asks[row.id].map { !judge.isHopeless($0) } ?? true
      }
      if !isLeft { break }
    }
    judge.finish(cards: feishu.cards, sessions: feishu.sessions, at: now)
    if let what = people.integrity() { judge.blame("P2", "the file is damaged: \(what)", at: now) }
  }
}

/// What a life contributes to the report.
struct Story {
  let isTelling: Bool
  var simulated_ms = 0
  var asks = 0
  var calls = 0
  var runs = 0
  var kills = 0
  var faults: [String: Int] = [:]
  var slowest_ms = 0
  var slowestCalm_ms = 0
  /// Answers to when a lane goes that were judged, and for how many the assumptions held.
  var foretold = 0
  var foretoldHeld = 0
  /// Statements before or after which a worker was killed.
  var killedBefore: Set<String> = []
  var killedAfter: Set<String> = []

  init(isTelling: Bool) { self.isTelling = isTelling }

  mutating func count(_ fault: String) { faults[fault, default: 0] += 1 }

  mutating func sumUp(_ judge: Judge) {
    asks = judge.asks.count
    calls = judge.calls.count
    runs = judge.run
    (foretold, foretoldHeld) = (judge.foretold.judged, judge.foretold.held)
    for ask in judge.asks.values where ask.end == .delivered {
      guard let moment = judge.deliveredAt(ask) else { continue }
      let span = moment - ask.acceptedAt - ask.wish.after
      slowest_ms = max(slowest_ms, span)
      if judge.setup.isCalm { slowestCalm_ms = max(slowestCalm_ms, span) }
    }
  }
}
