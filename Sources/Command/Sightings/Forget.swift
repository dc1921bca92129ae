import Larkspur
import QueueAccess
import Terminal

/// `forget`: removes what was seen, or all that is stored about an account.
struct Forget: Equatable {
  /// Nil for the whole account.
  var what: Inspector.Forgotten?

  func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    guard let what else {
      guard let account = global.account else { preconditionFailure("there is nothing to forget") }
      return try forget(account: account, global)
    }
    let inspector = try global.queue().inspector()
    var watch = Watch(global, what: "rows")
    let gone = try withSentences { () throws(QueueError) in
      try inspector.forget(what, account: global.account) { watch.goesOn($0) }
    }
    let code = watch.end()
    try tell(gone, of: what, isStopped: code != nil, global)
    return code ?? .done
  }

  func tell(
    _ gone: Inspector.ForgottenRows, of what: Inspector.Forgotten, isStopped: Bool = false,
    _ global: GlobalOptions
  ) throws(Failure) {
    if !isStopped, gone.total == 0 { throw nothing(what, global) }
    global.say("forgot \(Self.list(gone.counts))\(isStopped ? " before it was stopped" : "")")
    if global.wantsJSON { Output.result(JSONObject(gone.fields).text) }
  }

  private func forget(
    account name: String, _ global: GlobalOptions
  ) throws(Failure) -> ExitCode {
    let inspector = try global.queue().inspector()
    var watch = Watch(global, what: "rows")
    let gone = try withSentences { () throws(QueueError) in
      try inspector.forget(account: name) { watch.goesOn($0) }
    }
    let code = watch.end()
    global.say(Self.sentence(name, gone, isStopped: code != nil))
    if global.wantsJSON {
      Output.result(
        JSONObject(
          [
            ("account", .text(name)), ("asks", .int(gone.asks)),
            ("cancelled", .int(gone.cancelled)),
            ("calls", .int(gone.calls)),
          ] + gone.sightings.fields
        ).text)
    }
    return code ?? .done
  }

  private static func sentence(
    _ name: String, _ gone: Inspector.ForgottenAccount, isStopped: Bool
  ) -> String {
    let account = "account '\(printable(name))'"
    let counts = [(gone.asks, "ask"), (gone.calls, "call")] + gone.sightings.counts
    let cancelled = gone.cancelled > 0 ? " (\(grouped(gone.cancelled)) pending or dead)" : ""
    if isStopped {
      return "stopped: \(account) is not forgotten yet (deleted: \(list(counts)); cancelled: "
        + "\(counted(gone.cancelled, "ask"))); run this again"
    }
    if counts.allSatisfy({ $0.0 == 0 }) { return "forgot \(account)" }
    return "forgot \(account): \(list(counts))\(cancelled)"
  }

  private static func list(_ counts: [(count: Int, what: String)]) -> String {
    let parts = counts.filter { $0.count > 0 }.map { counted($0.count, $0.what) }
    if parts.count < 2 { return parts.first ?? "nothing" }
    return parts.dropLast().joined(separator: ", ") + " and " + (parts.last ?? "")
  }

  private func nothing(_ what: Inspector.Forgotten, _ global: GlobalOptions) -> Failure {
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

extension Inspector.ForgottenRows {
  fileprivate var counts: [(count: Int, what: String)] {
    [(keys, "key"), (previews, "preview"), (viewers, "viewer")]
  }

  fileprivate var fields: [(String, JSONObject.Value)] {
    [("previews", .int(previews)), ("keys", .int(keys)), ("viewers", .int(viewers))]
  }
}
