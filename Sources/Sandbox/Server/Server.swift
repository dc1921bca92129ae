import Basics
import CMicroHTTPD
import Glibc
import Terminal

/// A request in progress: what libmicrohttpd has delivered so far, and the answer to give.
final class Exchange {
  var request: Request
  var isBegun = false
  var bodyMax = 0
  var number = 0
  var arrived: Microseconds = 0
  var judgement: Judgement?
  var isRecorded = false

  init(_ request: Request) {
    self.request = request
  }
}

/// The HTTP server on loopback that applies the rules. Everything runs on the one thread that calls
/// `turn`. A delayed answer is a suspended connection and a deadline, so it does not delay any
/// other.
///
/// Malformed HTTP and requests with more than 160 kB of headers are answered by libmicrohttpd
/// itself (400, 431). They never get here or into the record.
final class Server {
  static let connectionsMax = 10_000
  /// The memory libmicrohttpd may use for one connection. It is far more than the headers may take,
  /// so that larger ones still reach the rules and are refused there.
  static let connectionBytesMax = 160 * 1_024
  /// Files reserved for the record, the signals and the like. A connection for which no file is
  /// left would never be answered.
  static let otherFiles = 32
  /// How many turns are run to send the released answers before the connections are closed.
  private static let lastTurns = 20
  static let idleSecondsMax: UInt32 = 75
  /// A client that gets no answer is disconnected after this time: it has surely given up.
  static let silence: Microseconds = 60 * 1_000_000

  private var daemon: OpaquePointer?
  private(set) var rules: Rules
  private let record: RecordFile?
  let instance: String
  /// How long it takes to send a body with the fault `slow`.
  let slowness: Microseconds
  private(set) var history: History
  /// Nil without a callback address.
  var clients: Clients?
  private var callbacks: CallbackLine?
  private var tickets: TicketDelivery?
  private(set) var isStopping = false
  private var waiting = Deadlines<OpaquePointer>()
  private(set) var failure: Failure?

  init(
    port: UInt16, rules: Rules, record: consuming RecordFile?, instance: String,
    slowness: Microseconds = FaultSettings().slowness, clients: Clients? = nil,
    tickets: TicketDelivery? = nil, openFiles: Int = 1_024
  ) throws(Failure) {
    self.rules = rules
    self.slowness = slowness
    self.record = record
    self.instance = instance
    self.clients = clients
    self.tickets = tickets
    callbacks = clients.map { CallbackLine($0.settings) }
    history = History(started: monotonicNow())
    let context = Unmanaged.passUnretained(self).toOpaque()
    daemon = larkspur_http_start(
      port,
      UInt32(
        min(
          Self.connectionsMax,
          openFiles - Self.otherFiles - (clients?.settings.callbacksMax ?? 0))),
      Self.connectionBytesMax, Self.idleSecondsMax,
      { _, target, _ in
        let request = Request(target: target.map { String(cString: $0) } ?? "", logID: "")
        return Unmanaged.passRetained(Exchange(request)).toOpaque()
      },
      { context, connection, _, method, _, data, size, slot in
        guard let context, let connection, let method, let size, let known = slot?.pointee else {
          return .NO
        }
        let server = Unmanaged<Server>.fromOpaque(context).takeUnretainedValue()
        let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
        if exchange.isBegun { return server.proceed(exchange, connection, data, size) }
        server.begin(exchange, connection, String(cString: method))
        return .YES
      },
      { context, _, slot, _ in
        guard let context, let slot, let known = slot.pointee else { return }
        slot.pointee = nil
        let exchange = Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
        Unmanaged<Server>.fromOpaque(context).takeUnretainedValue().end(exchange)
      },
      context)
    if daemon == nil {
      throw Failure(
        .configuration,
        "cannot listen on 127.0.0.1:\(port): \(systemMessage()); choose another port with --port, "
          + "or leave it out for a free one")
    }
  }

  deinit { close() }

  /// How many requests have arrived, not counting those for the page.
  var requests: Int { history.requests }
  var port: UInt16 { larkspur_http_port(daemon) }
  private var descriptor: Int32 { larkspur_http_descriptor(daemon) }

  /// What `turn` has to wait for.
  var watched: [pollfd] {
    [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)] + (callbacks?.watched ?? [])
      + (tickets?.watched ?? [])
  }

  /// When `turn` must be called even if nothing arrives.
  var nextTurn: Microseconds? {
    var milliseconds: UInt64 = 0
    let hasTimeout = MHD_get_timeout(daemon, &milliseconds) == .YES
    let idle = hasTimeout ? monotonicNow() + Microseconds(clamping: milliseconds) * 1_000 : nil
    let moments = [
      idle, waiting.nearest, callbacks?.nearest, tickets?.nearest, rules.nextPush,
    ]
    return moments.compactMap { $0 }.min()
  }

  /// Does everything there is to do now, and returns without waiting.
  func turn() throws(Failure) {
    release(dueAt: monotonicNow())
    // Before the requests, so that a ticket is there before it can be asked for.
    let now = monotonicNow()
    try tickets?.turn(rules.pushTicket(at: now), at: now)
    MHD_run(daemon)
    // After the requests, because a refresh among them makes clients pull.
    callbacks?.turn(&clients)
    if let failure { throw failure }
  }

  /// Sends all answers that are still held back, so that the record is complete.
  func stop() throws(Failure) {
    close()
    if let failure { throw failure }
  }

  private func close() {
    guard let daemon else { return }
    // libmicrohttpd aborts the process if it is stopped while connections are suspended. So resume
    // them all, and hold back no further request.
    isStopping = true
    // A connection with a slow body is suspended again after each piece that is not due yet.
    var turns = 0
    repeat {
      release(dueAt: .max)
      MHD_run(daemon)
      turns += 1
    } while waiting.nearest != nil || turns < Self.lastTurns
    MHD_stop_daemon(daemon)
    self.daemon = nil
  }

  private func release(dueAt now: Microseconds) {
    while let connection = waiting.popDue(at: now) { MHD_resume_connection(connection) }
  }

  /// Applies the rules to the request. Called when its last byte has arrived, because that is the
  /// moment Feishu's limits count.
  func judge(_ exchange: Exchange) -> Judgement {
    exchange.number = requests + 1
    exchange.arrived = monotonicNow()
    exchange.request.logID = "\(instance)\(exchange.number)"
    let judgement = rules.judge(exchange.request, at: exchange.arrived)
    history.note(exchange.request, judgement, at: exchange.arrived)
    clients?.note(judgement)
    exchange.judgement = judgement
    return judgement
  }

  func set(_ tenant: String, isInstalled: Bool) { rules.set(tenant, isInstalled: isInstalled) }

  func suspend(_ connection: OpaquePointer, until moment: Microseconds) {
    MHD_suspend_connection(connection)
    waiting.add(connection, at: moment)
  }

  /// Records the request, once.
  func note(_ exchange: Exchange, _ judgement: Judgement, answered: Microseconds?) {
    if exchange.isRecorded { return }
    exchange.isRecorded = true
    history.end(exchange.number, answered: answered)
    let line = RecordLine(
      number: exchange.number, arrived: exchange.arrived, answered: answered,
      request: exchange.request, judgement: judgement)
    exchange.request.body = []
    do throws(Failure) { try record?.append(line) } catch { failure = error }
  }
}
