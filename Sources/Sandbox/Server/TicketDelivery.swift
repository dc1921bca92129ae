import Basics
import Glibc
import Terminal

/// Where the tickets of store apps go.
struct TicketSettings: Equatable {
  /// A file, as a handler would write it.
  var file: String?
  /// An address, to which they are pushed as Feishu does.
  var address: CallbackAddress?
  var verificationToken = "v-sandbox"
  var encryptKey: String?

  static let options = ["--ticket-file", "--ticket-url"].map { Option($0, .one) }

  init() {}

  init(_ options: Options) throws(Failure) {
    file = options.one("--ticket-file")
    if file == "" { throw Failure(.usage, "--ticket-file needs a path, not an empty one") }
    if let url = options.one("--ticket-url") {
      address = try CallbackAddress(parsing: url, for: "--ticket-url")
    }
    if let token = options.one("--verification-token") { verificationToken = token }
    encryptKey = options.one("--encrypt-key")
    if file != nil, options.many("--store-app").count > 1 {
      throw Failure(
        .usage, "--ticket-file is for one store app; with several give --ticket-url")
    }
    if file != nil || address != nil, !options.has("--store-app") {
      throw Failure(.usage, "tickets are for store apps; give one with --store-app ID:SECRET")
    }
  }
}

/// Delivers tickets on the server's own thread. What an address answers changes nothing.
struct TicketDelivery {
  private let settings: TicketSettings
  private let sealing: Sealing
  private let instance: String
  private let epoch: Microseconds
  private var pushes = 0
  private var open: [CallbackConnection] = []

  init(_ settings: TicketSettings, instance: String, epoch: Microseconds) {
    self.settings = settings
    self.instance = instance
    self.epoch = epoch
    sealing = Sealing(encryptKey: settings.encryptKey)
  }

  var watched: [pollfd] { open.map(\.watched) }

  /// When `turn` must be called even if nothing arrives.
  var nearest: Microseconds? { open.map(\.callback.deadline).min() }

  mutating func turn(_ pushed: StoreApps.Pushed?, at now: Microseconds) throws(Failure) {
    var unfinished: [CallbackConnection] = []
    for connection in open where connection.proceed(at: now) == nil {
      unfinished.append(connection)
    }
    open = unfinished
    guard let pushed else { return }
    if let file = settings.file { try write(pushed, to: file) }
    if let address = settings.address { push(pushed, to: address, at: now) }
  }

  private func write(_ pushed: StoreApps.Pushed, to file: String) throws(Failure) {
    if let code = ReplacedFile.write(Array(pushed.ticket.utf8), to: file, mode: 0o600) {
      throw Failure(
        .configuration, "cannot write the ticket file \(printable(file)): \(systemMessage(code))")
    }
  }

  private mutating func push(
    _ pushed: StoreApps.Pushed, to address: CallbackAddress, at now: Microseconds
  ) {
    pushes += 1
    let seconds = (now - epoch) / 1_000_000
    let callback = Callback(
      number: pushes, subject: .ticket, body: text(pushed, seconds), began: now,
      timestamp_s: seconds)
    let request = address.request(sealing.seal(callback))
    // An address that nobody listens at misses it, and gets the next one.
    guard let connection = try? CallbackConnection(callback, to: address, sending: request) else {
      return
    }
    if connection.proceed(at: now) == nil { open.append(connection) }
  }

  /// An event of the first version, as Feishu sends it.
  private func text(_ pushed: StoreApps.Pushed, _ seconds: Int) -> String {
    JSONText.object([
      "ts": JSONText.string("\(seconds).000000"),
      "uuid": JSONText.string("\(instance)ticket-\(pushes)"),
      "token": JSONText.string(settings.verificationToken),
      "type": JSONText.string("event_callback"),
      "event": JSONText.object([
        "app_id": JSONText.string(pushed.app), "app_ticket": JSONText.string(pushed.ticket),
        "type": JSONText.string("app_ticket"),
      ]),
    ])
  }
}
