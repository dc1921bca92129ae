import Picture
import Terminal

/// Shows the demo's progress: a picture redrawn in place on a terminal, or otherwise a line now and
/// then. It changes no terminal settings, so there is nothing to restore however the program ends.
struct DemoScreen {
  enum Form: Equatable {
    case picture(inColour: Bool)
    case sentences
    case nothing
  }

  private let form: Form
  private let tickets: Int
  private var told: [String] = []
  private var said_ms = 0
  /// The width of each line on the screen.
  private var widths: [Int] = []

  init(_ form: Form, tickets: Int) {
    self.form = form
    self.tickets = tickets
  }

  static func form(_ global: GlobalOptions) -> Form {
    if global.isQuiet { return .nothing }
    let terminal = (try? environmentVariable("TERM")) ?? "dumb"
    if global.wantsJSON || !Output.resultIsTerminal || terminal == "dumb" { return .sentences }
    return .picture(inColour: (try? environmentVariable("NO_COLOR")) == nil)
  }

  /// Tells what happens in the story.
  mutating func tell(_ sentence: String, at clock: String) {
    let text = "\(clock) \(sentence)"
    told = told.suffix(2) + [text]
    if form == .sentences { Output.sentence(text) }
  }

  mutating func show(_ figures: DemoFigures, isLast: Bool) {
    defer { if isLast { end() } }
    switch form {
    case .nothing: break
    case .sentences:
      guard isLast || figures.at_ms - said_ms >= 2_000 else { return }
      said_ms = figures.at_ms
      Output.sentence(Self.sentence(figures, of: tickets))
    case .picture(let inColour):
      let picture = DemoPicture(told: told, figures: figures, tickets: tickets)
      draw(picture.lines, inColour)
    }
  }

  /// Shows what the members of the chats see.
  mutating func show(_ chats: [NineChats.Row], of newest: String) {
    guard case .picture(let inColour) = form else { return }
    draw(ChatPicture(told: told, rows: chats, newest: newest).lines, inColour)
  }

  /// Leaves an empty line between the last picture and what follows.
  private func end() {
    if case .picture = form { Output.picture("\n") }
  }

  static func sentence(_ figures: DemoFigures, of tickets: Int) -> String {
    "\(Story.clock(at_ms: figures.at_ms)) \(figures.ticketsUpToDate) of \(tickets) tickets up to "
      + "date; \(grouped(figures.asksDelivered)) of \(counted(figures.asks, "ask")) delivered; "
      + "\(counted(figures.calls, "call")), \(counted(figures.refusals, "refusal"))"
  }

  private mutating func draw(
    _ picture: (_ columns: Int, _ rows: Int) -> [ScreenLine], _ inColour: Bool
  ) {
    let size = Output.pictureSize
    // Leave out the last column and row. Terminals start a new line by themselves when those are
    // filled.
    let lines = picture(size.columns - 1, size.rows - 1)
    let frame = Self.frame(lines, over: widths, columns: size.columns, inColour: inColour)
    Output.picture(frame)
    widths = lines.map { $0.reduce(0) { $0 + $1.text.count } }
  }

  /// Text that replaces the lines on the screen, which were `widths` wide. If the terminal has
  /// become narrower since, it has wrapped them onto several rows.
  static func frame(
    _ lines: [ScreenLine], over widths: [Int], columns: Int, inColour: Bool
  ) -> String {
    let rows = widths.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
    let up = rows > 0 ? "\u{1b}[\(rows)A\r" : "\r"
    return up + ScreenText.rows(lines, inColour: inColour) + "\u{1b}[J"
  }
}
