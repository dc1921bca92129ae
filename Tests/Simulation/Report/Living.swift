import Foundation

/// A folder for the files that a life needs on the real disk: the worker's lock, and an empty file
/// for the queue, whose content is on the simulated disk.
struct Folder: ~Copyable {
  let path: String
  private let isOurs: Bool

  /// A part of another process's folder. That process removes it.
  init(in path: String, share: UInt64) {
    self.path = "\(path)/\(share)"
    isOurs = false
  }

  init() {
    isOurs = true
    // In memory if possible: these files are created for every life and are empty.
    let memory = "/dev/shm"
    let isThere = FileManager.default.isWritableFile(atPath: memory)
    let folder = isThere ? URL(filePath: memory) : FileManager.default.temporaryDirectory
    path = folder.appending(path: "larkspur-\(UUID())").path
  }

  deinit { if isOurs { try? FileManager.default.removeItem(atPath: path) } }

  /// The path of the next life's queue. It is always the same, so that nothing depends on it.
  borrowing func fresh() -> String {
    try? FileManager.default.removeItem(atPath: path)
    try? FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return path + "/queue.db"
  }
}

extension Folder {
  borrowing func live(_ history: History, isTelling: Bool = false) -> (Life, Broken?) {
    let life = Life(history, path: fresh(), isTelling: isTelling)
    let broken = life.live()
    return (life, broken)
  }

  /// Finds the shortest history that breaks the same promise, and describes it.
  borrowing func explain(seed: UInt64, theme: Theme?) -> String {
    let history = History.make(seed: seed, theme: theme)
    guard let promise = live(history).1?.promise else {
      return "seed \(seed) keeps every promise when it is lived again"
    }
    let deadline = Date.now.addingTimeInterval(60)
    let shortest = history.shrunk(
      breaks: { $0.hasWorkers(of: history) && live($0).1?.promise == promise },
      isOver: { Date.now > deadline })
    let what = live(shortest).1.map { "\($0)" } ?? ""
    let steps = shortest.steps.map { "    \($0.at) ms  \($0.deed)" }.joined(separator: "\n")
    return """
      seed \(seed) breaks \(what)
        again: scripts/simulate --seed \(seed)\(theme.map { " --theme \($0)" } ?? "")
        \(shortest.steps.count) of its \(history.steps.count) steps are enough:
      \(steps)
        with \(shortest.setup)
      """
  }
}

extension History {
  /// Where everything has a deadline, leaving out the start of a worker would cause a failure of
  /// its own.
  fileprivate func hasWorkers(of other: History) -> Bool {
    !setup.theme.needsWorkers || starts == other.starts
  }

  private var starts: Int { steps.count { if case .start = $0.deed { true } else { false } } }
}
