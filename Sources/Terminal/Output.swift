import Basics
import Glibc

/// The standard streams. Results go to standard output, sentences to standard error. Nothing is
/// buffered between calls, so that a reader of a pipe sees each line as it is written.
package enum Output {
  /// Prints one line of results. If the reader of the pipe is gone, the program exits here with
  /// `abandoned`. The default is 0, because that is not an error; pass another code if 0 promises
  /// more than written results.
  package static func result(_ text: String, abandoned: ExitCode = .done) {
    write(text + "\n", to: STDOUT_FILENO, isResult: true, abandoned: abandoned)
  }

  /// Prints results that end with a line break of their own, or are a part of a longer text.
  package static func results(_ text: String) {
    write(text, to: STDOUT_FILENO, isResult: true)
  }

  /// Prints one sentence for the user: `larkspur: …`. Control characters in quoted text are
  /// escaped, so it stays on one line and cannot control the terminal.
  package static func sentence(_ text: String) {
    write("larkspur: \(printable(text))\n", to: STDERR_FILENO)
  }

  /// Prints the error that ends the program: sentences, or one object if the command line says
  /// `--json`.
  package static func failure(_ failure: Failure) {
    if ProcessArguments.contain("--json") { return raw(failure.json + "\n") }
    for detail in failure.details { sentence(detail) }
    sentence(failure.sentence)
  }

  /// Prints text on standard error unchanged: log lines, and progress that overwrites itself.
  package static func raw(_ text: String) {
    write(text, to: STDERR_FILENO)
  }

  /// Draws on the terminal that is standard output. This shows progress, not a result, so a closed
  /// terminal is not an error.
  package static func picture(_ text: String) {
    write(text, to: STDOUT_FILENO, isResult: false)
  }

  /// Columns and rows of the terminal that is standard output.
  package static var pictureSize: (columns: Int, rows: Int) {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
    // A serial line does not know its size and reports 0.
    return (
      isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80,
      isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24
    )
  }

  /// The columns of the terminal that is standard error; nil if they are not known.
  package static var errorColumns: Int? {
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return isKnown && size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  /// Whether this process may draw on the terminal that is standard error. A shell's background job
  /// would draw over what the user types. A terminal that is not the session's own cannot tell.
  package static var mayDrawOnError: Bool {
    let group = tcgetpgrp(STDERR_FILENO)
    return group < 0 || group == getpgrp()
  }

  package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
  package static var resultIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  private static func write(
    _ text: String, to descriptor: Int32, isResult: Bool = false, abandoned: ExitCode = .done
  ) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let written = Glibc.write(descriptor, start, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          if isResult && errno != EPIPE {
            // A result that did not reach its file must not look like success.
            let failure = Failure(
              .databaseNotUsable, "cannot write to standard output: \(systemMessage())")
            Output.failure(failure)
            exit(failure.code.rawValue)
          }
          if isResult { exit(abandoned.rawValue) }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
    }
  }
}

/// Text from outside, safe to show on a terminal: control characters, including escapes, become
/// visible.
package func printable(_ text: String) -> String {
  replacingControls(in: text) { "\\u{\(String($0.value, radix: 16))}" }
}

/// One line of JSON, safe to show on a terminal. Escaping the control characters does not change
/// what it means.
package func printableJSON(_ line: String) -> String {
  replacingControls(in: line) { scalar in
    scalar.utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}

private func replacingControls(
  in text: String, _ replacement: (Unicode.Scalar) -> String
) -> String {
  // Nearly all text is plain ASCII, and looking up the properties of each character is slow.
  if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
  if !text.unicodeScalars.contains(where: isControl) { return text }
  return text.unicodeScalars.reduce(into: "") { safe, scalar in
    if isControl(scalar) {
      safe += replacement(scalar)
    } else {
      safe.unicodeScalars.append(scalar)
    }
  }
}
