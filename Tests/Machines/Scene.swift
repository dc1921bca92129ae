import Chance
import Delivery
import Glibc
import Larkspur
import Planning
import PostgreSQL

/// Plays one history: machines, the server between them, and Feishu. One thing happens at a time.
final class Scene {
  let history: History
  let address: ServerAddress
  let feishu = Feishu()
  let accounts: [AccountSettings]
  private(set) var now = 0
  private var agenda = Agenda()
  private var machines: [Machine] = []
  private var dice: Dice
  private let crowd: ServerSession
  /// Statements that arrive long after they were sent.
  private let late: ServerSession
  private var asks: [(id: Int, account: Int, token: String, at: Int)] = []
  private var failures: [String] = []
  private var processes = 0
  private let isTelling: Bool
  private(set) var counts: [String: Int] = [:]

  init(_ history: History, _ address: ServerAddress, isTelling: Bool) {
    (self.history, self.address, self.isTelling) = (history, address, isTelling)
    dice = Dice(history.seed, 2)
    crowd = ServerSession(address) {}
    late = ServerSession(address) {}
    accounts = (0..<history.accounts).map { number in
      AccountSettings(
        name: "a\(number)", host: "https://a\(number).test", appID: "cli_a\(number)",
        secret: .environment("S"))
    }
    for number in 0..<history.machines {
      machines.append(
        Machine(
          number, gain: dice.number(-450...450), offset: dice.number(10_000...2_000_000_000),
          wallError: dice.number(-3_600_000...3_600_000)))
    }
    (feishu.slow, feishu.answersLost) = (history.slow, history.answersLost)
  }

  func plan(_ at: Int, _ action: @escaping () -> Void) { agenda.plan(max(at, now), action) }

  func fail(_ what: String) { failures.append("\(now): \(what)") }

  /// Every broken promise, in words.
  func play() throws -> [String] {
    try empty()
    for (at, deed) in history.steps { plan(at) { [unowned self] in perform(deed) } }
    run(until: history.length)
    setRight()
    let end = now + 240_000
    while now < end, feishu.broken.isEmpty, failures.isEmpty {
      run(until: now + 1_000)
      if try openAsks() == 0 { break }
    }
    defer { for machine in machines { machine.process?.kill() } }
    return try failures + feishu.broken + lost()
  }

  private func run(until end: Int) {
    while failures.isEmpty, let next = agenda.next, next <= end, let entry = agenda.take() {
      now = max(now, entry.at)
      entry.action()
    }
    now = max(now, end)
  }

  private func tell(_ what: @autoclosure () -> String) {
    if isTelling { print("\(now) ms  \(what())") }
  }

  private func perform(_ deed: History.Deed) {
    counts["\(deed)".prefix { $0 != "(" }.description, default: 0] += 1
    switch deed {
    case .start(let number): start(machines[number])
    case .kill(let number): kill(machines[number], "is killed")
    case .reboot(let number):
      kill(machines[number], "is started again")
      machines[number].reboot(at: now)
    case .end(let number):
      tell("worker \(number) is asked to end")
      machines[number].process?.stopRequests = 1
      machines[number].process?.notice()
    case .stop(let number, let span):
      tell("worker \(number) stands still for \(span) ms")
      machines[number].stoppedUntil = now + span
    case .cut(let number, let deaf, let mute):
      tell("machine \(number) is not heard for \(deaf) ms, and hears nothing for \(mute) ms")
      machines[number].deafUntil = now + deaf
      machines[number].muteUntil = now + mute
    case .ask(let account, let token): ask(account, token)
    case .askLate(let account, let token, let span): askLate(account, token, span)
    }
  }

  private func start(_ machine: Machine) {
    guard machine.process.map({ $0.hasEnded || $0.isKilled }) ?? true else { return }
    processes += 1
    tell("worker \(machine.number) starts")
    let process = Process(self, machine, dice: Dice(history.seed, 100 + processes))
    machine.process = process
    machine.stoppedUntil = 0
    process.start()
  }

  private func kill(_ machine: Machine, _ what: String) {
    tell("worker \(machine.number) \(what)")
    machine.process?.kill()
  }

  /// No trouble any more, and somebody works on each machine.
  private func setRight() {
    tell("-- everything is put right --")
    (feishu.slow, feishu.answersLost) = (0, 0)
    for machine in machines {
      (machine.stoppedUntil, machine.deafUntil, machine.muteUntil) = (now, now, now)
      start(machine)
    }
  }

  func deliverLate(_ sql: String, _ values: [String?], at moment: Int) {
    plan(moment) { [unowned self] in
      tell("a statement arrives late")
      counts["late statements", default: 0] += 1
      // Refused or not: nobody hears of it.
      _ = try? late.run(sql, values)
    }
  }

  private static let insert =
    "insert into larkspur.ask (account, lane, body) values ($1, $2, '{\"everyone\":true}') returning id"

  private func ask(_ account: Int, _ token: String) {
    do throws(SessionError) {
      let id = try crowd.run(Self.insert, ["a\(account)", token]).rows[0][0]
      note(id, account, token)
    } catch { fail("an ask is refused: \(error)") }
  }

  /// Others ask meanwhile, and are committed before it.
  private func askLate(_ account: Int, _ token: String, _ span: Int) {
    let session = ServerSession(address) {}
    do throws(SessionError) {
      _ = try session.run("begin")
      let id = try session.run(Self.insert, ["a\(account)", token]).rows[0][0]
      plan(now + span) { [unowned self] in
        if (try? session.run("commit")) == nil { return fail("an ask is not committed") }
        note(id, account, token)
        session.close()
      }
    } catch { fail("an ask is refused: \(error)") }
  }

  private func note(_ id: String?, _ account: Int, _ token: String) {
    guard let id = id.flatMap({ Int($0) }) else { return fail("an ask has no number") }
    asks.append((id, account, token, now))
    // The server's notice is under way, in a time that is not the scene's.
    usleep(300)
    for machine in machines {
      plan(now + 1) { machine.process?.notice() }
    }
  }

  private func openAsks() throws(SessionError) -> Int {
    try crowd.run("select count(*) from larkspur.ask where outcome is null").rows[0][0]
      .flatMap { Int($0) } ?? -1
  }

  /// Asks that no call has followed, or that do not end as delivered.
  private func lost() throws(SessionError) -> [String] {
    let rows = try crowd.run("select id, outcome from larkspur.ask").rows
    let ends = Dictionary(
      rows.map { (Int($0[0] ?? "") ?? 0, $0[1] ?? "open") }, uniquingKeysWith: { first, _ in first }
    )
    return asks.compactMap { ask in
      let end = ends[ask.id] ?? "gone"
      if end != "delivered" { return "P2: ask \(ask.id) of \(ask.at) is \(end)" }
      let told = feishu.told("a\(ask.account)", ask.token)
      if let last = told.last, last >= ask.at { return nil }
      return
        "P2: ask \(ask.id) of \(ask.at) for \(ask.token) is delivered, and no call has followed it"
    }
  }

  private func empty() throws(SessionError) {
    _ = try crowd.run(
      """
      truncate larkspur.run, larkspur.account, larkspur.asked, larkspur.ended, larkspur.call, larkspur.answer,
        larkspur.remainder, larkspur.note, larkspur.budget, larkspur.word, larkspur.span, larkspur.look
      """)
  }
}
