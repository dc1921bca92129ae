import Basics
import Larkspur
import Planning
import QueueAccess
import Terminal

/// `metrics`: the queue in Prometheus's text format.
struct Metrics: Equatable {
  /// Nil for standard output.
  var file: MetricsFile?

  init(_ options: Options, _ global: GlobalOptions) throws(Failure) {
    try Invocation.expectNoOperands(options, of: .metrics)
    if global.account != nil {
      throw Failure(.usage, "metrics shows all accounts; leave --account out")
    }
    if global.wantsJSON {
      throw Failure(.usage, "metrics prints Prometheus's text format; leave --json out")
    }
    guard let path = options.one("--file") else { return }
    if path.isEmpty { throw Failure(.usage, "--file is empty; give a path, or leave --file out") }
    file = MetricsFile(path)
  }

  func run(_ global: GlobalOptions) throws(Failure) {
    let figures = try Self.figures(of: try global.queue())
    guard let file else {
      let text = MetricsText.write(figures, version: larkspurVersion)
      return Output.result(String(text.dropLast()))
    }
    if let why = file.write(figures) {
      throw Failure(
        .databaseNotCreated,
        "cannot write metrics file \(printable(file.path)): \(why); give another file with --file")
    }
    if let warning = file.warning { global.say(printable(warning)) }
  }

  /// The queue is opened for reading only, so that a monitor's user needs no more than that.
  private static func figures(of place: QueuePlace) throws(Failure) -> QueueFigures {
    try withSentences { () throws(QueueError) in
      try QueueFile.check(place.path, creating: false)
      let reading = SystemClocks.read(boot: nil)
      do throws(StoreError) {
        var figures = try QueueReader.look(at: place.path) { (reader) throws(StoreError) in
          try reader.expectNewestSchema()
          return try reader.figures(at: reading.wall)
        }
        // A worker looks more often than it writes.
        let look = WorkerLock.sight(queue: place.path).heartbeat?.look
        figures.workerSeen = look?.wall ?? figures.workerSeen
        return figures
      } catch {
        throw QueueError(error, path: place.path)
      }
    }
  }
}
