import Larkspur
import Terminal

extension Invocation {
  static func saw(_ options: Options) throws(Failure) -> Action {
    if let source = options.one("--from") { return .sawFile(try sawFile(source, options)) }
    if options.has("--key-from") {
      throw Failure(.usage, "--key-from is for --from; name the keys with --key")
    }
    guard let token = options.operands.first else {
      throw Failure(
        .usage, "no preview token given; usage: larkspur saw TOKEN --key ticket-1041")
    }
    if options.operands.count > 1 {
      throw Failure(
        .usage,
        "saw takes one preview token at a time, but was given \(options.operands.count); for many, "
          + "run 'larkspur saw --from FILE'")
    }
    let keys = options.many("--key")
    if keys.isEmpty {
      throw Failure(
        .usage, "no key given; name what the preview shows, for example --key ticket-1041")
    }
    return .saw(
      Saw(
        token: token, keys: keys, url: options.one("--url"), chat: options.one("--chat"),
        openID: options.one("--open-id")))
  }

  private static func sawFile(_ source: String, _ options: Options) throws(Failure) -> SawFile {
    if let token = options.operands.first {
      throw Failure(
        .usage,
        "with --from, the tokens come from the file; leave '\(printable(token))' out")
    }
    for name in ["--key", "--url", "--chat", "--open-id"] where options.has(name) {
      let instead = name == "--key" ? "; or find keys in URLs with --key-from" : ""
      throw Failure(
        .usage, "with --from, each line has its own fields; leave \(name) out\(instead)")
    }
    let pattern = try options.one("--key-from").map { (text) throws(Failure) in
      try KeyPattern(text)
    }
    return SawFile(source: source, keyFrom: pattern)
  }
}

extension Forget {
  init(_ options: Options) throws(Failure) {
    try Invocation.expectNoOperands(options, of: .forget)
    let given = [
      options.one("--token").map(Inspector.Forgotten.token),
      options.one("--key").map(Inspector.Forgotten.key),
      options.one("--open-id").map(Inspector.Forgotten.viewer(openID:)),
    ].compactMap { $0 }
    if given.isEmpty && !options.has("--account") {
      throw Failure(
        .usage,
        "nothing to forget; usage: larkspur forget --token TOKEN, --key KEY, --open-id ID or --account NAME"
      )
    }
    if given.count > 1 {
      throw Failure(.usage, "forget takes one of --token, --key and --open-id at a time")
    }
    what = given.first
  }
}
