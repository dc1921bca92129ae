import CLinux
import Glibc
import Terminal

/// Another program of Larkspur's. The one installed beside this one is the one that belongs to it;
/// only without one is PATH searched.
struct SiblingProgram: Equatable {
  /// `larkspur-work`.
  let name: String

  enum Place: Equatable {
    case beside(String)
    case inPath(String)
  }

  /// Starts it where it is: `start` is given one place after another and answers 0, or the number of
  /// the error that kept it from starting. Answers why none would do, nil when one did.
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
      let place = beside.map { "neither at \(printable($0)) nor in PATH" } ?? "not in PATH"
      return Failure(
        .configuration,
        "the program \(name) is \(place). Install it beside larkspur: scripts/install.")
    }
  }

  private static func refused(_ path: String, _ code: Int32) -> Failure {
    Failure(.configuration, "\(printable(path)) cannot be started: \(systemMessage(code)).")
  }

  /// Where this program lies. Without /proc it is the place it was started from, which may be a link.
  private static func ownFolder() -> String? {
    linkedFolder()
      ?? larkspur_started_path().flatMap { path -> String? in
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let file = String(cString: resolved)
        return file.lastIndex(of: "/").map { String(file[..<$0]) }
      }
  }

  private static func linkedFolder() -> String? {
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

/// Texts as the system takes a list of them: ended by a null.
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
