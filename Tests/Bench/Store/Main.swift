import Glibc
import Larkspur

/// Measures Larkspur's own store, for scripts/bench.
///
///     StoreBench prepare QUEUE LANES [scattered]
///     StoreBench cycles QUEUE STRETCHES full|normal [TAPE]
///     StoreBench enqueue QUEUE FILE full|normal [TAPE]
///     StoreBench crowd QUEUE SECONDS
///     StoreBench ask QUEUE TAPE
///
/// With a TAPE, the statements that SQLite gets are recorded there, for `limit`, and the times are
/// meaningless.
@main
enum Main {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    // As Larkspur's programs do.
    countNoMemory()
    Connections.listen()
    do {
      try run(words)
    } catch {
      fail("\(error)")
    }
  }

  private static func run(_ words: [String]) throws {
    switch (words.first, words.count) {
    case ("prepare", 3...4):
      guard let lanes = Int(words[2]), lanes > 0 else { fail("how many lanes?") }
      try Preparing.run(queue: words[1], lanes: lanes, isScattered: words.count > 3)
    case ("cycles", 4...5):
      try record(words.dropFirst(4).first) {
        let cycles = try Cycles(
          queue: words[1], stretches: Int(words[2]) ?? 1, durability: words[3])
        try cycles.run()
        let each = cycles.seconds.map { "\($0)" }.joined(separator: ",")
        return #""cycles_in_stretch":\#(Cycles.stretch),"stretches":[\#(each)]"#
      }
    case ("enqueue", 4...5):
      try record(words.dropFirst(4).first) {
        let seconds = try Enqueueing.run(queue: words[1], file: words[2], durability: words[3])
        return #""stretches":[\#(seconds)]"#
      }
    case ("ask", 3):
      try record(words[2]) {
        try FlatOut.one(queue: words[1])
        return #""asks":1"#
      }
    case ("crowd", 3):
      let result = try FlatOut.run(queue: words[1], seconds: Double(words[2]) ?? 1)
      print(
        #"{"asks":\#(result.milliseconds.count),"median_ms":\#(result.percentile(50)),"#
          + #""p99_ms":\#(result.percentile(99)),"slowest_ms":\#(result.percentile(100))}"#)
    default: fail("this is not understood: \(words.joined(separator: " "))")
    }
  }

  /// Prints what `body` has measured as JSON, and writes the tape if there is one.
  private static func record(_ path: String?, _ body: () throws -> String) throws {
    if path != nil { Connections.tape = Tape() }
    print("{\(try body()),\"changes\":\(Connections.changes)}")
    if let path { Connections.tape?.write(to: path) }
  }
}

func fail(_ what: String) -> Never {
  let line = "StoreBench: \(what)\n"
  _ = line.withCString { write(STDERR_FILENO, $0, line.utf8.count) }
  exit(1)
}

/// Nanoseconds on the monotonic clock.
func now_ns() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
