import Larkspur
import Planning
import QueueAccess
import Terminal

extension EnqueueAsks {
  func run(_ global: GlobalOptions) throws(Failure) -> ExitCode {
    // Read the files first, so that a bad one does not leave a new, empty queue behind.
    let ask = try asking(global)
    let place = try global.queue()
    let new = NewQueue(place)
    let intake = try place.intake()
    let ids = try add(ask, account: global.accountToAsk, to: intake)
    new.tell(global)
    global.warnIfUnconfigured(in: intake)
    let results = results(ids, global)
    guard let wait else {
      Output.result(results)
      return .done
    }
    var file = AwaitedFile(intake)
    return try waitFor(ids, wait, in: &file, results, global)
  }

  /// The same on a shared queue.
  func run(
    _ global: GlobalOptions, on store: (AskRows?) throws(Failure) -> [Int],
    in server: inout some AwaitedQueue
  ) throws(Failure) -> ExitCode {
    let ask = try asking(global)
    let rows = try withSentences { () throws(QueueError) in try AskRows(lanes.map(ask)) }
    let ids: [Int]
    do throws(Failure) {
      ids = try store(rows)
    } catch {
      throw error.code == .badInput ? refusal(error, account: global.accountToAsk) : error
    }
    let results = results(ids, global)
    guard let wait else {
      Output.result(results)
      return .done
    }
    return try waitFor(ids, wait, in: &server, results, global)
  }

  private func waitFor(
    _ ids: [Int], _ limit: Wait, in queue: inout some AwaitedQueue & ~Copyable, _ results: String,
    _ global: GlobalOptions
  ) throws(Failure) -> ExitCode {
    // Catch signals before the ids are printed, because their reader may send one at once.
    let waiting = WaitingForAsks(
      limit: limit, kind: aim.kind, isUrgent: timing.isUrgent, global: global)
    // If nobody reads the ids, exit code 0 would claim that the asks were delivered.
    Output.result(results, abandoned: .timeIsUp)
    let asks = zip(ids, lanes).map { WaitingForAsks.Ask(id: $0, lane: $1) }
    return try waiting.wait(for: asks, in: &queue)
  }

  private var aim: Aim {
    switch content {
    case .previews: .preview
    case .previewsBy(let selector, _, _): .previews(by: selector)
    case .card: .lane(of: .card)
    case .session: .lane(of: .session)
    }
  }

  private var lanes: [String] {
    switch content {
    case .previews(let tokens, _): tokens
    case .previewsBy(_, let names, _): names
    case .card(let card, _): [card]
    case .session(let session, _, _): [session]
    }
  }

  /// Returns a function that makes the ask for one lane.
  private func asking(_ global: GlobalOptions) throws(Failure) -> (String) -> Ask {
    let make = try wishing(global)
    let (account, timing) = (global.accountToAsk, timing)
    return { lane in
      var ask = make(lane)
      ask.account = account
      ask.after = .milliseconds(timing.after_ms)
      ask.expiresIn = timing.expiresIn_ms.map { .milliseconds($0) }
      ask.isUrgent = timing.isUrgent
      return ask
    }
  }

  /// What is asked for, whenever it may go.
  private func wishing(_ global: GlobalOptions) throws(Failure) -> (String) -> Ask {
    switch content {
    case .previews(_, let audience):
      let people = try audience.read()
      return { .preview($0, for: people) }
    case .previewsBy(.key, _, let reach): return { .key($0, for: reach) }
    case .previewsBy(.url, _, let reach): return { .url($0, for: reach) }
    case .card(_, let batch):
      let actions = try ActionsFile.read(batch.source, global)
      return { .card($0, actions: actions, uuid: batch.uuid, sequence: batch.sequence) }
    case .session(_, let context, let metadata):
      return { .session($0, channelContext: context, metadata: metadata) }
    }
  }

  private func add(
    _ ask: @escaping (String) -> Ask, account: String, to intake: borrowing Intake
  ) throws(Failure) -> [Int] {
    do throws(QueueError) {
      // Lazy, because a large audience becomes text once for each token, and one at a time is
      // enough.
      return try intake.add(lanes.lazy.map(ask))
    } catch {
      throw error.kind == .refused ? refusal(Failure(error), account: account) : Failure(error)
    }
  }

  /// Names the one that was refused of several.
  private func refusal(_ failure: Failure, account: String) -> Failure {
    let refusal = Failure(.badInput, Timing.inOptions(failure.sentence))
    if lanes.count == 1 { return refusal }
    return Failure(
      .badInput,
      "\(culprit(account))\(refusal.sentence); none of the \(lanes.count) asks was enqueued",
      fix: refusal.fix)
  }

  /// The refused token as the start of a sentence. Empty if every ask is refused for the same
  /// reason.
  private func culprit(_ account: String) -> String {
    let isRefused = { (checker: inout BulkIntake.Checker, token: String) in
      let name = aim == .preview ? "token" : aim.rawValue
      let line = "{\"\(name)\":\(JSONText.string(token)),\"everyone\":true}"
      return checker.refusal(of: line) != nil
    }
    let common = BulkIntake.Common(aim, account: account, timing)
    guard var checker = try? BulkIntake.Checker(common), !isRefused(&checker, "token") else {
      return ""
    }
    for token in lanes where isRefused(&checker, token) { return "'\(printable(token))': " }
    return ""
  }

  private func results(_ ids: [Int], _ global: GlobalOptions) -> String {
    if !global.wantsJSON { return ids.map(String.init).joined(separator: "\n") }
    return zip(ids, lanes).map { id, lane in
      JSONObject([
        ("ask", .int(id)), ("account", .text(global.accountToAsk)), ("kind", .text(aim.rawValue)),
        ("lane", .text(lane)),
      ]).text
    }.joined(separator: "\n")
  }
}

extension EnqueueAsks.Audience {
  fileprivate func read() throws(Failure) -> Ask.Audience {
    switch self {
    case .everyone: .everyone
    case .people(let people): .people(people)
    case .file(let path): .people(try OpenIDsFile.read(path))
    }
  }
}

extension BulkIntake.Common {
  init(_ aim: Aim, account: String, _ timing: Timing) {
    self.init(aim)
    self.account = account
    after_ms = timing.after_ms
    expiresIn_ms = timing.expiresIn_ms
    isUrgent = timing.isUrgent
  }
}
