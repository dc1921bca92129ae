import Dispatch
import Foundation
import Synchronization

/// Many lives, in one process per core, because SQLite has one default disk per process.
struct Shares {
  let arguments: Arguments
  /// The first of the fresh seeds.
  let freshSeed: UInt64

  /// The seeds to run, in order; endless if the run is bounded by time.
  private func seed(_ index: UInt64) -> UInt64? {
    if arguments.minutes != nil { return freshSeed + index }
    if index < arguments.count { return arguments.first + index }
    return index < arguments.count + arguments.fresh
      ? freshSeed + index - arguments.count : nil
  }

  /// Runs this process's share of the seeds, and prints each result on a line of its own.
  func live(share: (number: UInt64, of: UInt64)) {
    let folder = Folder(in: arguments.folder ?? NSTemporaryDirectory(), share: share.number)
    let end = arguments.minutes.map { Date.now.addingTimeInterval($0 * 60) }
    var index = share.number
    while let seed = seed(index), end.map({ Date.now < $0 }) ?? true {
      let (life, broken) = folder.live(.make(seed: seed, theme: arguments.theme))
      guard let line = try? JSONEncoder().encode(Told(seed: seed, life, broken)) else { return }
      FileHandle.standardOutput.write(line + Data("\n".utf8))
      index += share.of
    }
  }

  /// Starts the shares and collects their results. Stops early if one fails, or at the first broken
  /// promise if that was asked for.
  func run(words: [String], in folder: String) -> Summary {
    let words = words + ["--folder", folder, "--fresh", "\(freshSeed)"]
    let jobs = Int(arguments.jobs ?? UInt64(ProcessInfo.processInfo.activeProcessorCount))
    let children = (0..<jobs).map { Child(words: words, number: $0, of: jobs) }
    let stopping = stopsChildren(children)
    defer { stopping.forEach { $0.cancel() } }
    let gathering = Gathering(until: arguments.isUntilBroken)
    DispatchQueue.concurrentPerform(iterations: jobs) { index in
      for line in children[index].lines {
        guard let told = try? JSONDecoder().decode(Told.self, from: Data(line.utf8)) else {
          continue
        }
        if gathering.add(told) { children.forEach { $0.end() } }
      }
      if !children[index].endedWell, !gathering.isEnough {
        gathering.note("process \(index + 1) of \(jobs) ended before it had lived all its seeds")
      }
    }
    return gathering.summary.withLock { $0 }
  }
}

/// On SIGINT or SIGTERM the shares end first, and their results so far are reported.
private func stopsChildren(_ children: [Child]) -> [any DispatchSourceSignal] {
  [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { children.forEach { $0.end() } }
    source.resume()
    return source
  }
}

/// The results so far.
private final class Gathering: Sendable {
  let summary = Mutex(Summary())
  private let stopsAtBroken: Bool
  private let showsProgress = isatty(STDERR_FILENO) == 1

  init(until stopsAtBroken: Bool) { self.stopsAtBroken = stopsAtBroken }

  var isEnough: Bool { summary.withLock { stopsAtBroken && !$0.broken.isEmpty } }

  /// True if no more results are needed.
  func add(_ told: Told) -> Bool {
    summary.withLock { $0.add(told) }
    let (lives, broken) = summary.withLock { ($0.lives, $0.broken.count) }
    if showsProgress {
      FileHandle.standardError.write(Data("\r\(lives) seeds, \(broken) broken ".utf8))
    }
    return isEnough
  }

  func note(_ failure: String) { summary.withLock { $0.failures.append(failure) } }
}

/// Another process of this program. Only one thread reads its output.
private struct Child: Sendable {
  private let output: FileHandle
  private let process: Process

  init(words: [String], number: Int, of jobs: Int) {
    process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = words + ["--share", "\(number)", "\(jobs)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    output = pipe.fileHandleForReading
    do { try process.run() } catch { preconditionFailure("\(error)") }
  }

  var lines: AnyIterator<String> {
    var rest = Data()
    return AnyIterator {
      while true {
        if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          defer { rest = Data(rest[(end + 1)...]) }
          return String(decoding: rest[..<end], as: UTF8.self)
        }
        let more = output.availableData
        if more.isEmpty { return nil }
        rest += more
      }
    }
  }

  func end() { process.terminate() }

  var endedWell: Bool {
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
