import Planning
import PostgreSQL
import Sharing

/// The way from a process to PostgreSQL: statements and replies take time, are lost, and arrive late.
final class Road: LogSession {
  private unowned let process: Process
  private let session: ServerSession
  private var scene: Scene { process.scene }
  private var machine: Machine { process.machine }

  /// What the worker's own session waits for a network that is silent.
  private static let silence = 1_500

  init(_ process: Process, _ session: ServerSession) {
    self.process = process
    self.session = session
  }

  /// Its process was killed.
  func close() { session.close() }

  func run(_ sql: String, _ values: [String?]) throws(SessionError) -> PostgreSQL.Reply {
    process.pass(process.dice.number(0...2))
    if scene.now < machine.deafUntil || process.dice.chance(scene.history.lossy) {
      // It may arrive long after this process has given it up.
      if process.dice.chance(300) {
        scene.deliverLate(sql, values, at: scene.now + process.dice.number(1...6_000))
      }
      process.pass(Self.silence)
      throw .unknown("the server does not answer")
    }
    let reply = try session.run(sql, values)
    process.pass(process.dice.number(0...2))
    if scene.now < machine.muteUntil || process.dice.chance(scene.history.lossy) {
      process.pass(Self.silence)
      throw .unknown("the server does not answer")
    }
    return reply
  }

  func isPooled() throws(SessionError) -> Bool { try session.isPooled() }

  func listen(on channel: String) throws(SessionError) { try session.listen(on: channel) }

  func takeHeard() -> Set<String> {
    scene.now < max(machine.deafUntil, machine.muteUntil) ? [] : session.takeHeard()
  }

  func rest(milliseconds: Span) { process.pass(milliseconds) }

  var descriptor: Int32? { nil }
}
