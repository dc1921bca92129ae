import Glibc
import Terminal

/// A command that another program runs, as git runs git-foo: it needs libraries that enqueuing must
/// not wait for.
struct HandingOver: Equatable {
  /// `larkspur-work`.
  let program: String
  let words: [String]

  /// Becomes the program; comes back only with the reason why that is impossible.
  func becomeProgram() -> Failure {
    let failure = SiblingProgram(name: program).start(words) { place, arguments in
      switch place {
      case .beside(let path): execv(path, arguments)
      case .inPath(let name): execvp(name, arguments)
      }
      return errno
    }
    return failure ?? Failure(.configuration, "\(program) cannot be started.")
  }
}
