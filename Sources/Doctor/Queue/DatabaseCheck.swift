import Basics
import Larkspur
import Terminal

/// Whether the file is a queue that this program can use, and is whole.
enum DatabaseCheck {
  /// Reads the queue without changing it.
  static func read(_ path: String) -> Result<QueueReading, StoreError> {
    do throws(StoreError) {
      return .success(
        try QueueReader.look(at: path) { (reader) throws(StoreError) in
          try QueueReading(of: reader, path: path)
        })
    } catch {
      return .failure(error)
    }
  }

  static func findings(
    _ reading: Result<QueueReading, StoreError>, of path: String
  ) -> [Finding] {
    switch reading {
    case .failure(let error): [problem(error, path)]
    case .success(let reading):
      if let unmarked = reading.unmarked {
        [foreign(unmarked)]
      } else {
        [schema(reading, path)] + integrity(reading, path)
      }
    }
  }

  private static func problem(_ error: StoreError, _ path: String) -> Finding {
    if error.kind == .filesRemoved {
      return .wrong(
        .sideFiles,
        "the -wal or -shm file was removed while the worker had the queue open",
        fix:
          "end the other programs that have it open (fuser \(path)); the worker then writes back "
          + "what it holds")
    }
    if error.isOfOtherFile { return foreign(QueueError(error, path: path).description) }
    if error.isOfDamagedFile {
      return .wrong(
        .integrity, "the database is damaged: \(error.message)", fix: rescue(path))
    }
    if error.kind == .busy || error.isInterruption {
      return .unknown(
        .database, "the queue cannot be read, because another program has locked it",
        fix: "see which one: fuser \(path)")
    }
    return .unknown(
      .database, "the queue cannot be read without changing it: \(error.message)",
      fix: "run this as the user who owns the queue: ls -l \(path)*")
  }

  private static func foreign(_ sentence: String) -> Finding {
    let message = Message(sentence)
    return .wrong(.database, message.summary, fix: message.fix ?? "give another file with --db")
  }

  private static func schema(_ reading: QueueReading, _ path: String) -> Finding {
    let newest = Migrator.newest
    if reading.schema > newest {
      return .wrong(
        .schema,
        "the queue was created by a newer Larkspur: it has schema \(reading.schema), and Larkspur "
          + "\(larkspurVersion) knows schemas up to \(newest)",
        fix: "use the newer version")
    }
    if reading.schema == 0 {
      return .warn(
        .schema, "the file is empty", fix: "'larkspur enqueue' or 'larkspur work' sets it up")
    }
    if reading.schema < newest {
      return .warn(
        .schema,
        "the queue has schema \(reading.schema), and Larkspur \(larkspurVersion) uses "
          + "\(newest)",
        fix: "'larkspur status' migrates it; then restart a worker that is running")
    }
    return .fine(.schema, "schema \(reading.schema)")
  }

  private static func integrity(_ reading: QueueReading, _ path: String) -> [Finding] {
    if reading.application != QueueFile.applicationID { return [] }
    guard let flaws = reading.flaws else {
      return [
        .unknown(
          .integrity,
          "checking the database takes more than \(QueueReading.checkTime_ms / 1_000) s",
          fix: "check it by hand: sqlite3 \(path) 'pragma quick_check'")
      ]
    }
    guard let first = flaws.first else { return [.fine(.integrity, "the database is whole")] }
    return [
      .wrong(.integrity, "the database is damaged: \(oneLine(first))", fix: rescue(path))
    ]
  }

  private static func rescue(_ path: String) -> String {
    "save what can be read: \(QueueError.rescue(of: path))"
  }

  private static func oneLine(_ text: String) -> String {
    String(text.split(separator: "\n").joined(separator: ", ").prefix(300))
  }
}
