import Larkspur
import Picture
import Planning
import QueueAccess
import Terminal

/// `top`: the queue on the terminal, live. It only reads, and holds no lock between two looks.
struct Top: ~Copyable {
  private static let betweenLooks_ms = 1_000
  /// A large queue takes longer to look at. Looking takes at most this part of the time.
  private static let share = 10

  private let queue: String
  private let account: String?
  private let inColour: Bool
  private let terminal: LiveTerminal
  private var figures = LiveFigures()
  private var zone = LocalZone.utc
  private var look_ms = 0

  static func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    guard Output.resultIsTerminal, case .picture(let inColour) = DemoScreen.form(global) else {
      throw Failure(
        .usage, "top draws on a terminal, and this is none; see 'larkspur status' instead")
    }
    let queue = try global.queue().path
    // Before the terminal changes: a queue that cannot be read is a sentence on the usual screen.
    _ = try read(queue, global.account)
    var top = Top(queue: queue, account: global.account, inColour: inColour)
    return try top.run()
  }

  private init(queue: String, account: String?, inColour: Bool) {
    self.queue = queue
    self.account = account
    self.inColour = inColour
    terminal = LiveTerminal()
  }

  private mutating func run() throws(Failure) -> ExitCode {
    while true {
      let wait = try lookAndDraw()
      let next = steadyMilliseconds() + wait
      while case let left = next - steadyMilliseconds(), left > 0,
        let event = terminal.event(within: left)
      {
        switch event {
        case .key(UInt8(ascii: "q")), .key(UInt8(ascii: "Q")), .closed: return .done
        case .signal(let number): return StopRequest.code(of: number)
        case .resized: draw()
        case .key: break
        }
      }
    }
  }

  /// Returns how long to wait for the next look.
  private mutating func lookAndDraw() throws(Failure) -> Int {
    let began = steadyMilliseconds()
    do throws(Failure) {
      (figures, zone) = try Self.read(queue, account)
      look_ms = nanosecondsNow()
    } catch {
      // A queue that is being moved or repaired is back in a moment.
      if !error.isRetryable { throw error }
    }
    draw()
    return max(Self.betweenLooks_ms, Self.share * (steadyMilliseconds() - began))
  }

  private borrowing func draw() {
    let size = Output.pictureSize
    let lines = LivePicture(figures, zone: zone).lines(
      title: "\(zone.moment(look_ms))  \(printable(queue))  q ends", columns: size.columns,
      rows: size.rows)
    terminal.draw(ScreenText.rows(lines, inColour: inColour))
  }

  private func nanosecondsNow() -> Int { SystemClocks.read(boot: nil).wall.ms }

  private static func read(
    _ queue: String, _ account: String?
  ) throws(Failure) -> (LiveFigures, LocalZone) {
    try withSentences { () throws(QueueError) in
      try QueueFile.check(queue, creating: false)
      do throws(StoreError) {
        return try QueueReader.look(at: queue) { (reader) throws(StoreError) in
          try reader.expectNewestSchema()
          let now = SystemClocks.read(boot: nil).wall.ms
          let zone = LocalZone.local(from_ms: now - 86_400_000, to_ms: now)
          let figures = try LiveReading.figures(
            reader, queue: queue, account: account, zone: zone)
          return (figures, zone)
        }
      } catch {
        throw QueueError(error, path: queue)
      }
    }
  }
}
