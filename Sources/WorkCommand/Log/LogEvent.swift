import Basics
import Delivery
import Planning
import Terminal

/// What one line of the log says.
enum LogEvent {
  case started(RunStart)
  case happened(WorkEvent)
  /// Another worker has the queue, so this run ends before it has started.
  case alreadyRunning(Rival)
  /// An error that ends the run.
  case failed(Failure)
  /// The last line of a run that has started.
  case stopped(RunEnd)
}

/// What a run sets out to do.
package struct RunStart {
  let version: String
  let pid: Int32
  let queue: String
  let mode: WorkMode
  let accounts: [String]

  package init(
    version: String = larkspurVersion, pid: Int32, queue: String, mode: WorkMode,
    accounts: [String]
  ) {
    self.version = version
    self.pid = pid
    self.queue = queue
    self.mode = mode
    self.accounts = accounts
  }
}

/// Another worker on the same queue.
enum Rival {
  case owner(String)
  /// Its lock file was removed, so nobody can tell which process it is.
  case unknown
}

/// How a run ended, and what it has done.
package struct RunEnd {
  package enum Ending: String {
    /// It reached its goal, or its time was up.
    case ended
    /// A person or the system stopped it.
    case stopped
    case failed
  }

  let ending: Ending
  let code: ExitCode
  let progress: WorkProgress
  let asksDied: Int
  let ran_ms: Span
}

extension LogEvent {
  var level: LogLevel {
    switch self {
    case .started, .stopped, .alreadyRunning(.owner): .info
    case .happened(let event): EventText.level(event)
    case .failed, .alreadyRunning(.unknown): .error
    }
  }

  var sentence: String {
    switch self {
    case .started(let run): RunText.sentence(run)
    case .happened(let event): EventText.sentence(event)
    case .alreadyRunning(.owner(let owner)):
      "a worker is already running on this queue (\(owner)); this run exits"
    case .alreadyRunning(.unknown):
      "a worker is already running on this queue, and its lock file was removed; this run exits"
    case .failed(let failure): failure.sentence
    case .stopped(let run): RunText.sentence(run)
    }
  }
}
