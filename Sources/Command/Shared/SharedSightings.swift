import Larkspur
import Terminal

extension Forget {
  /// The same on a shared queue, but for whole accounts.
  func run(_ global: GlobalOptions, _ ask: SharedCommands.Ask) throws(Failure) {
    guard let what else {
      throw Failure(
        .usage,
        "a shared queue keeps its accounts; to forget what was seen, give --token, --key or --open-id"
      )
    }
    let (function, name) =
      switch what {
      case .token(let name): ("forget_token", name)
      case .key(let name): ("forget_key", name)
      case .viewer(let openID): ("forget_viewer", openID)
      }
    let counts = try ask(
      "select previews, keys, viewers from larkspur.\(function)($1, $2)", [name, global.account]
    ).rows[0].map(\.number)
    let gone = Inspector.ForgottenRows(previews: counts[0], keys: counts[1], viewers: counts[2])
    try tell(gone, of: what, global)
  }
}
