import Terminal

@testable import Command
@testable import Sandbox
@testable import WorkCommand

/// The words of a command line, separated by zero bytes, after one byte that chooses the program.
///
/// They are accepted, or refused with exit code 64 and one line. An accepted command asks for
/// nothing that was not said.
@MainActor enum ArgumentTarget {
  static func check(_ input: Input) {
    var input = input
    let program = input.byte()
    var words: [String] = []
    while !input.isEmpty {
      words.append(String(decoding: input.field(endingWith: 0), as: UTF8.self))
    }
    do throws(Failure) {
      switch program % 3 {
      case 0: check(try Invocation(parsing: words), of: words)
      case 1: try checkWork(words)
      default: try checkSandbox(words)
      }
    } catch {
      expect(error.code == .usage, "\(error.code) for words that make no sense")
      expectSentence(error.sentence)
    }
  }

  private static func check(_ invocation: Invocation, of words: [String]) {
    expect(invocation.global.database != "" && invocation.global.account != "", "an empty name")
    switch invocation.action {
    case .enqueue(let order):
      check(order, of: words)
      check(order.timing)
    case .enqueueFile(let order): check(order.timing)
    case .retry(let lane): expect(lane != "", "a lane without a name")
    case .cancel(let lane): expect(lane != "", "a lane without a name")
    case .prune(let age): checkSpan(age)
    case .handOver(let next):
      expect(next.words.allSatisfy(words.contains), "words that nobody has given")
    case .explain(let order): expect(order.word != "", "a lane without a name")
    case .plan(let order): expect(order.count > 0, "a plan of nothing")
    case .saw(let order):
      expect(words.contains(order.token) && !order.keys.isEmpty, "a sighting that nobody has given")
    case .listKey(let order): expect(order.key != "", "a key without a name")
    case .report(let order):
      checkSpan(order.since_ms)
      expect(!order.file.isEmpty, "a report without a file")
    case .list, .forecast, .doctor, .metrics, .top, .resume, .help, .version, .status, .demo,
      .sawFile,
      .forget, .create, .man, .completions, .completionValues:
      break
    }
  }

  private static func check(_ order: EnqueueAsks, of words: [String]) {
    switch order.content {
    case .previews(let tokens, let audience):
      expect(!tokens.isEmpty && tokens.allSatisfy(words.contains), "tokens that nobody has given")
      switch audience {
      case .everyone: expect(words.contains("--everyone"), "everyone, and nobody has said so")
      case .people(let people): expect(!people.isEmpty, "an audience of nobody")
      case .file: break
      }
    case .previewsBy(_, let names, let reach):
      expect(!names.isEmpty && names.allSatisfy(words.contains), "keys that nobody has given")
      expect(words.contains(reach == .everyone ? "--everyone" : "--viewers"), "another reach")
    case .card(let card, _): expect(words.contains(card), "a card that nobody has given")
    case .session(let session, let context, let metadata):
      expect(words.contains(session), "a session that nobody has given")
      expect(context != nil || metadata != nil, "nothing to write")
    }
    if case .milliseconds(let span)? = order.wait { checkSpan(span) }
  }

  private static func check(_ timing: Timing) {
    checkSpan(timing.after_ms)
    if let span = timing.expiresIn_ms { checkSpan(span) }
  }

  private static func checkSpan(_ span: Int) {
    expect((0...3_650 * 86_400_000).contains(span), "a span of \(span) ms")
  }

  private static func checkWork(_ words: [String]) throws(Failure) {
    guard case .work(let order) = try WorkArguments.parse(words) else { return }
    if let limit = order.mode.limit { checkSpan(limit) }
  }

  private static func checkSandbox(_ words: [String]) throws(Failure) {
    let options = try Options(words, knowing: Settings.options)
    let settings = try Settings(options)
    expect(settings.record != "", "a record without a name")
  }
}
