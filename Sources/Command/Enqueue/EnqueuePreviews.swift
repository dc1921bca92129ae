import Larkspur
import QueueAccess
import Terminal

extension EnqueuePreviews {
  func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    let audience = try readAudience()
    let account = global.account ?? "default"
    let place = try global.queue()
    let intake = try place.intake()
    let ids = try add(for: audience, account: account, to: intake)
    let results = results(ids, account: account, asJSON: global.wantsJSON)
    guard let wait else {
      Output.result(results)
      return .done
    }
    // Before the numbers are printed: whoever has read them may send a signal.
    let waiting = WaitingForAsks(queue: place.path, limit: wait, global: global)
    // 0 would say that they are delivered.
    Output.result(results, abandoned: .timeIsUp)
    let asks = zip(ids, tokens).map { WaitingForAsks.Ask(id: $0, token: $1) }
    return try waiting.wait(for: asks, in: intake)
  }

  private func readAudience() throws(Failure) -> Larkspur.Ask.Audience {
    switch audience {
    case .everyone: .everyone
    case .people(let people): .people(people)
    case .file(let path): .people(try OpenIDsFile.read(path))
    }
  }

  private func add(
    for audience: Larkspur.Ask.Audience, account: String, to intake: borrowing Intake
  ) throws(Failure) -> [Int] {
    // Lazy, because the text of a large audience is made once for each token.
    let asks = tokens.lazy.map { token in
      Ask.preview(
        token, for: audience, account: account, after: .milliseconds(timing.after_ms),
        expiresIn: timing.expiresIn_ms.map { .milliseconds($0) })
    }
    do throws(QueueError) {
      return try intake.add(asks)
    } catch {
      guard error.kind == .refused, tokens.count > 1 else { throw Failure(error) }
      throw Failure(
        .badInput,
        "\(culprit(for: audience, account: account))\(printable(error.description)). "
          + "None of the \(tokens.count) asks was enqueued.")
    }
  }

  /// The token that was refused, when it is one and not what all asks have in common.
  private func culprit(for audience: Larkspur.Ask.Audience, account: String) -> String {
    var common = BulkIntake.Common()
    common.account = account
    common.after_ms = timing.after_ms
    common.expiresIn_ms = timing.expiresIn_ms
    let isRefused = { (checker: inout BulkIntake.Checker, token: String) in
      let line = "{\"token\":\(JSONText.string(token)),\"everyone\":true}"
      return checker.refusal(of: line) != nil
    }
    guard var checker = try? BulkIntake.Checker(common), !isRefused(&checker, "token") else {
      return ""
    }
    for token in tokens where isRefused(&checker, token) { return "'\(printable(token))': " }
    return ""
  }

  private func results(_ ids: [Int], account: String, asJSON: Bool) -> String {
    if !asJSON { return ids.map(String.init).joined(separator: "\n") }
    return zip(ids, tokens).map { id, token in
      JSONObject([
        ("ask", .int(id)), ("account", .text(account)), ("kind", "preview"), ("lane", .text(token)),
      ]).text
    }.joined(separator: "\n")
  }
}
