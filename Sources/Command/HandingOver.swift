import Glibc
import Terminal

/// A command that another program runs, as git runs git-foo: it needs libraries that enqueuing must
/// not wait for.
struct HandingOver: Equatable {
  /// `larkspur-work`.
  let program: String
  let words: [String]

  /// Becomes the program; comes back only with the reason why that is impossible. The one installed
  /// beside this file is the one that belongs to it; only without one is PATH searched.
  func becomeProgram() -> Failure {
    var arguments = ([program] + words).map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    let beside = Self.ownFolder().map { "\($0)/\(program)" }
    if let beside {
      execv(beside, arguments)
      if errno != ENOENT { return Self.refused(beside) }
    }
    execvp(program, arguments)
    if errno != ENOENT { return Self.refused(program) }
    let place = beside.map { "neither at \($0) nor in PATH" } ?? "not in PATH"
    return Failure(
      .configuration,
      "the program \(program) is \(place). Install it beside larkspur: scripts/install.")
  }

  private static func refused(_ path: String) -> Failure {
    Failure(.configuration, "\(path) cannot be started: \(systemMessage()).")
  }

  private static func ownFolder() -> String? {
    var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = path.withUnsafeMutableBytes {
      $0.withMemoryRebound(to: CChar.self) {
        $0.baseAddress.map { readlink("/proc/self/exe", $0, Int(PATH_MAX)) } ?? -1
      }
    }
    guard count > 0, let slash = path[..<count].lastIndex(of: UInt8(ascii: "/")) else { return nil }
    return String(decoding: path[..<slash], as: UTF8.self)
  }
}
