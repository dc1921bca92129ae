import Basics
import Glibc
import Terminal

/// The file that a report is written to. It is its owner's alone, because it names keys and users' actions.
struct PictureFile {
  static let usual = "larkspur-report.html"

  private let path: String
  /// By which an older file of the same kind is recognized.
  private let beginning: String

  /// What to do if it cannot be written.
  private let fix: String

  init(
    _ path: String, _ beginning: String,
    fix: String = "give the name of another file with --out or --trace"
  ) {
    self.path = path
    self.fix = fix
    self.beginning = beginning
  }

  var isStandardOutput: Bool { path == "-" }

  /// Refuses to replace a file of another kind, before the work is done: a mistyped path may be that of the queue.
  func check() throws(Failure) {
    if isStandardOutput { return }
    var info = stat()
    guard stat(path, &info) == 0 else { return }
    if info.st_mode & S_IFMT != S_IFREG { throw problem("it is not a regular file") }
    if info.st_size == 0 { return }
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if file < 0 { throw problem(systemMessage()) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: beginning.utf8.count)
    let count = Glibc.read(file, &bytes, bytes.count)
    if count != bytes.count || !bytes.elementsEqual(beginning.utf8) {
      throw problem("it exists and was not written by this command")
    }
  }

  func write(_ text: String) throws(Failure) {
    try write { (append) throws(Failure) in try append(text) }
  }

  /// Writes text that is made in parts. The file is replaced once all of them are there.
  func write(
    _ parts: ((String) throws(Failure) -> Void) throws(Failure) -> Void
  ) throws(Failure) {
    if isStandardOutput { return try parts { (text) throws(Failure) in Output.results(text) } }
    let code = try ReplacedFile.write(to: path, mode: 0o600) { (file) throws(Failure) -> Int32? in
      try parts { (text) throws(Failure) in
        if let code = ReplacedFile.append(Array(text.utf8), to: file) {
          throw problem(systemMessage(code))
        }
      }
      return nil
    }
    if let code { throw problem(systemMessage(code)) }
  }

  private func problem(_ why: String) -> Failure {
    Failure(.databaseNotCreated, "cannot write report \(printable(path)): \(why); \(fix)")
  }
}
