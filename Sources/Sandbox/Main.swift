import Basics
import Glibc
import Terminal

@main struct Main {
  static func main() {
    do throws(Failure) {
      try serve(try ProcessArguments.words())
    } catch {
      Output.failure(error)
      exit(error.code.rawValue)
    }
  }

  private static func serve(_ words: [String]) throws(Failure) {
    let options = try Options(words, knowing: Settings.options)
    if options.has("--help") { return Output.result(help) }
    if options.has("--version") { return Output.result("larkspur-sandbox \(larkspurBuild)") }
    let settings = try Settings(options)

    // Among other things, this keeps a client that disconnects early from ending the sandbox.
    setUpProcess()
    let openFiles = try raisedOpenFilesLimit()
    let record: RecordFile? =
      if let path = settings.record { try RecordFile(appendingTo: path) } else { nil }
    // Created late, because from here on Ctrl-C no longer ends the program by itself.
    let loop = try Loop(withParent: settings.exitsWithParent)
    // Without a hyphen, because access tokens begin with "t-": a log id that ends like the beginning
    // of a token would be removed from records as if it were a secret cut short.
    let instance = String(UInt32.random(in: .min ... .max), radix: 36) + "_"
    let epoch = epoch()
    let rules = Rules(
      settings.rules, faults: settings.faults, instance: instance, epoch: epoch)
    let clients = settings.clients.map { given in
      var given = given
      // Callbacks need files too, and must leave most of them to connections.
      given.callbacksMax = min(given.callbacksMax, openFiles / 4)
      return Clients(given, app: settings.rules.firstApp, instance: instance, epoch: epoch)
    }
    let server = try Server(
      port: settings.port, rules: rules, record: record, instance: instance,
      slowness: settings.faults.slowness, clients: clients,
      tickets: TicketDelivery(settings.tickets, instance: instance, epoch: epoch),
      openFiles: openFiles)
    Output.result("http://127.0.0.1:\(server.port)")
    try loop.run(server)
  }

  /// Raises the limit of open files. Every connection is one, and the usual limit of 1,024 is too
  /// low.
  private static func raisedOpenFilesLimit() throws(Failure) -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let files = Int(clamping: limit.rlim_cur)
    if files < 2 * Server.otherFiles {
      throw Failure(
        .configuration,
        "only \(files) files may be open, too few for connections; raise the limit: ulimit -n 1024")
    }
    return files
  }
}
