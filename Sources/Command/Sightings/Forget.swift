import Larkspur
import QueueAccess
import Terminal

/// `forget`: removes what was seen.
struct Forget: Equatable {
  var what: Inspector.Forgotten

  func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    let inspector = try global.queue().inspector()
    var watch = Watch(global, what: "rows")
    let gone = try withSentences { () throws(QueueError) in
      try inspector.forget(what, account: global.account) { watch.goesOn($0) }
    }
    let code = watch.end()
    if code == nil, gone.total == 0 { throw nothing(global) }
    global.say("forgot \(Self.text(gone))\(code == nil ? "" : " before it was stopped")")
    if global.wantsJSON {
      Output.result(
        JSONObject([
          ("previews", .int(gone.previews)), ("keys", .int(gone.keys)),
          ("viewers", .int(gone.viewers)),
        ]).text)
    }
    return code ?? .done
  }

  private static func text(_ gone: Inspector.ForgottenRows) -> String {
    let parts = [
      (gone.keys, "key"), (gone.previews, "preview"), (gone.viewers, "viewer"),
    ].filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
    if parts.count < 2 { return parts.first ?? "nothing" }
    return parts.dropLast().joined(separator: ", ") + " and " + (parts.last ?? "")
  }

  private func nothing(_ global: GlobalOptions) -> Failure {
    let place = global.account.map { " in account '\(printable($0))'" } ?? ""
    let (sentence, advice) =
      switch what {
      case .token(let name): ("preview token '\(printable(name))' was not seen", "previews")
      case .key(let name): ("key '\(printable(name))' was not seen", "keys")
      case .viewer(let name): ("user '\(printable(name))' was not seen", "previews")
      }
    return Failure(.badInput, "\(sentence)\(place); the view '\(advice)' has what was")
  }
}
