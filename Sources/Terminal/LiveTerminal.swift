import Glibc

/// The whole terminal, for a program that draws on it until a key ends it. What was there before is
/// shown again when this goes away.
package struct LiveTerminal: ~Copyable {
  private let signals = StopSignals(and: [SIGHUP, SIGWINCH])
  /// Nil if the keys do not come from a terminal.
  private let settings: termios?

  package enum Event: Equatable {
    case key(UInt8)
    case resized
    /// The number of the signal.
    case signal(Int32)
    /// Nobody can type any more.
    case closed
  }

  package init() {
    var now = termios()
    if tcgetattr(STDIN_FILENO, &now) == 0 {
      settings = now
      now.c_lflag &= ~tcflag_t(ICANON | ECHO)
      // A stopped program would leave the shell a terminal without an echo.
      withUnsafeMutableBytes(of: &now.c_cc) { $0[Int(VSUSP)] = 0 }
      tcsetattr(STDIN_FILENO, TCSADRAIN, &now)
    } else {
      settings = nil
    }
    // The other screen, without a cursor. Lines that are too long are not continued.
    Output.picture("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l")
  }

  deinit {
    Output.picture("\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l")
    if var settings { tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) }
  }

  /// Draws rows from the top and erases what is below them.
  package borrowing func draw(_ rows: String) {
    // A line break in the last row would move everything up.
    Output.picture(
      "\u{1b}[H" + (rows.hasSuffix("\n") ? String(rows.dropLast()) : rows) + "\u{1b}[J")
  }

  /// What happens within the time; nil if nothing does.
  package borrowing func event(within milliseconds: Int) -> Event? {
    var watched = [settings == nil ? -1 : STDIN_FILENO, signals.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&watched, nfds_t(watched.count), Int32(clamping: milliseconds)) > 0 else {
      return nil
    }
    if let number = signals.next() { return number == SIGWINCH ? .resized : .signal(number) }
    if watched[0].revents == 0 { return nil }
    var byte: UInt8 = 0
    return read(STDIN_FILENO, &byte, 1) == 1 ? .key(byte) : .closed
  }
}
