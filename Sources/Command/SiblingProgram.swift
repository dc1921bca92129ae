import Basics
import CLinux
import Glibc
import Terminal

/// Another of Larkspur's programs. The one installed beside this program belongs to it; PATH is
/// searched only if there is none.
struct SiblingProgram: Equatable {
  /// `larkspur-work`.
  let name: String

  enum Place: Equatable {
    case beside(String)
    case inPath(String)
  }

  /// Starts the program. `start` is given one place after another and returns 0, or the number of
  /// the error that kept it from starting. Returns nil if one place worked, or else the reason why
  /// none did.
  func start(
    _ words: [String],
    by start: (Place, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> Failure? {
    withCStrings([name] + words) { arguments in
      let beside = Self.ownFolder().map { "\($0)/\(name)" }
      if let beside {
        let code = start(.beside(beside), arguments)
        if code == 0 { return nil }
        if code != ENOENT { return Self.refused(beside, code) }
      }
      let code = start(.inPath(name), arguments)
      if code == 0 { return nil }
      if code != ENOENT { return Self.refused(name, code) }
      let place = beside.map { "at \(printable($0)) or in PATH" } ?? "in PATH"
      return Failure(
        .configuration,
        "cannot find \(name) \(place); install it beside larkspur with scripts/install")
    }
  }

  private static func refused(_ path: String, _ code: Int32) -> Failure {
    Failure(.configuration, "cannot start \(printable(path)): \(systemMessage(code))")
  }

  /// The folder of this program. Without /proc it is found from the path the program was started
  /// with, with links resolved.
  private static func ownFolder() -> String? {
    let started = larkspur_started_path().map { String(cString: $0) }
    let program = linkTarget("/proc/self/exe") ?? started.flatMap(resolvedPath)
    return program.map { parentFolder(of: $0) }
  }
}

/// The texts as a null-terminated list of C strings, as `exec` and `posix_spawn` take it.
func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
  for (index, text) in texts.enumerated() { (list + index).initialize(to: strdup(text)) }
  (list + texts.count).initialize(to: nil)
  defer {
    for index in texts.indices { free(list[index]) }
    list.deallocate()
  }
  return body(list)
}
