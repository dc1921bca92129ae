import Glibc
import Terminal

/// A command that another program runs, as git runs git-foo. That program needs libraries, and
/// enqueueing must not wait for them to load.
struct HandingOver: Equatable {
  /// `larkspur-work`.
  let program: String
  let words: [String]

  /// Replaces this process with the program. Returns only if that fails, with the reason.
  func becomeProgram() -> Failure {
    let failure = SiblingProgram(name: program).start(words) { place, arguments in
      switch place {
      case .beside(let path): execv(path, arguments)
      case .inPath(let name): execvp(name, arguments)
      }
      return errno
    }
    return failure ?? Failure(.configuration, "cannot start \(program)")
  }
}
