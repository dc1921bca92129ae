import Glibc

/// The standard streams. Results go to standard output, sentences to standard error, and nothing
/// is buffered for longer than one call, so that a reader at the other end of a pipe sees each
/// line when it is written.
package enum Output {
  /// One line of what was asked for. A program whose reader has gone has nothing left to do, and that
  /// is not an error: it ends here, with `abandoned`, which is for programs whose 0 means more than
  /// that they have written their results.
  package static func result(_ text: String, abandoned: ExitCode = .done) {
    write(text + "\n", to: STDOUT_FILENO, isResult: true, abandoned: abandoned)
  }

  /// One sentence for a person: `larkspur: …`. Whatever is quoted in it, it stays one line and moves
  /// nothing on a terminal.
  package static func sentence(_ text: String) {
    write("larkspur: \(printable(text))\n", to: STDERR_FILENO)
  }

  /// A line on standard error as it is: log lines, and progress that overwrites itself.
  package static func raw(_ text: String) {
    write(text, to: STDERR_FILENO)
  }

  /// A picture on the terminal that standard output is. It shows what goes on and is no result, so a
  /// terminal that has gone is none of its worries.
  package static func picture(_ text: String) {
    write(text, to: STDOUT_FILENO, isResult: false)
  }

  /// Columns and rows of the terminal that standard output is.
  package static var pictureSize: (columns: Int, rows: Int) {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
    // A serial line knows no size, and says 0.
    return (
      isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80,
      isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24
    )
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
            Output.raw("larkspur: standard output cannot be written: \(systemMessage())\n")
            exit(ExitCode.databaseNotUsable.rawValue)
          }
          if isResult { exit(abandoned.rawValue) }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
    }
  }
}

/// What the operating system calls its last error.
package func systemMessage(_ code: Int32 = errno) -> String {
  if code == EFBIG { return "the file has reached the size limit of this process (ulimit -f)" }
  return String(cString: strerror(code))
}

/// Text from outside, safe to show on a terminal: control characters, escapes among them, become
/// visible instead of being obeyed.
package func printable(_ text: String) -> String {
  replacingControls(in: text) { "\\u{\(String($0.value, radix: 16))}" }
}

/// JSON on one line, as safe to show on a terminal, and still the same JSON.
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
  // Nearly all text is like this, and asking for the properties of each character is slow.
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

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
  default: false
  }
}
