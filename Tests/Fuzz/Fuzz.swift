/// `Fuzz --TARGET [libFuzzer's arguments]`: hostile input for one of the places where input is
/// read. libFuzzer starts and ends the program, generates the bytes, and keeps those that reach new
/// code. It ignores arguments that begin with two dashes.
@MainActor enum Fuzz {
  private static let names = CommandLine.arguments.filter { $0.hasPrefix("--") }

  static let target: @MainActor (Input) -> Void =
    switch names.first {
    case "--arguments": ArgumentTarget.check
    case "--lines": LineTarget().check
    case "--bodies": BodyTarget().check
    case "--answers": AnswerTarget().check
    default: fatalError("say which: --arguments, --lines, --bodies or --answers")
    }
}

/// What libFuzzer calls with each input, always on the main thread.
@_cdecl("LLVMFuzzerTestOneInput")
func check(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Input(UnsafeBufferPointer(start: bytes, count: count))
  MainActor.assumeIsolated { Fuzz.target(input) }
  return 0
}
