import Delivery
import Glibc
import Larkspur
import Terminal
import Transport

/// The configuration of a worker that runs: what it says, and whether that has changed.
final class Configuration {
  private(set) var accounts: [AccountSettings]
  private let flag: String?
  private let path: String?
  private let watch: FileWatch
  /// The file that was read last; nil when there was none.
  private var file: FileVersion?
  /// Another one, which may still be in the middle of being written, and since when it is there.
  private var newcomer: (file: FileVersion?, since_ms: Int)?
  /// There was a file once: without it there is no configuration.
  private var hasFile: Bool
  /// Why it cannot be used, when that has been told.
  private var problem: String?

  private let clock_ms: () -> Int

  init(
    _ flag: String?, clock_ms: @escaping () -> Int = { SystemClocks.sinceBoot().ms }
  ) throws(Failure) {
    self.flag = flag
    self.clock_ms = clock_ms
    path = Settings.place(flag)
    // First of all, so that no change is missed.
    watch = FileWatch(path)
    file = path.flatMap { FileVersion($0) }
    hasFile = file != nil
    accounts = try Settings.accounts(config: flag)
  }

  /// Becomes readable when there may be something to look at.
  var descriptor: Int32? { watch.descriptor }

  /// The accounts, if the file names others by now. Whoever `isAsked` gets an answer in any case.
  func look(isAsked: Bool, tell: (WorkEvent) -> Void) -> [AccountSettings]? {
    let news = watch.take()
    let version = path.flatMap { FileVersion($0) }
    guard isAsked || isChanged(version, news) else { return nil }
    file = version
    newcomer = nil
    hasFile = hasFile || version != nil
    do throws(Failure) {
      return take(try read(), isAsked: isAsked, tell)
    } catch {
      if isAsked || error.sentence != problem { tell(.configurationUnusable(error.sentence)) }
      problem = error.sentence
      return nil
    }
  }

  /// What nobody has told of counts once it has rested for a second: a file that is just being written is
  /// of no use yet.
  private func isChanged(_ version: FileVersion?, _ news: FileWatch.News) -> Bool {
    if let file, !file.isRegular { return false }
    if news == .ofFile { return true }
    if version == file {
      newcomer = nil
      return false
    }
    if news == .ofFolder { return true }
    let now = clock_ms()
    guard let newcomer, newcomer.file == version else {
      newcomer = (version, now)
      return false
    }
    return now - newcomer.since_ms >= 1_000
  }

  private func read() throws(Failure) -> [AccountSettings] {
    guard let path, hasFile else { return try Settings.accounts(config: flag) }
    if let file, !file.isRegular {
      throw Failure(
        .configuration, "the configuration \(path) cannot be read again: it is not a regular file.")
    }
    return try Settings.accounts(config: path)
  }

  private func take(
    _ read: [AccountSettings], isAsked: Bool, _ tell: (WorkEvent) -> Void
  ) -> [AccountSettings]? {
    let wasUnusable = problem != nil
    problem = nil
    if read == accounts {
      if isAsked || wasUnusable { tell(.configurationUnchanged) }
      return nil
    }
    accounts = read
    return read
  }
}

/// By what a file is known to have been changed, without reading it.
private struct FileVersion: Equatable {
  private let device: dev_t
  private let number: ino_t
  private let size: off_t
  private let seconds: time_t
  private let nanoseconds: Int
  let isRegular: Bool

  /// Nil when there is no such file.
  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    device = info.st_dev
    number = info.st_ino
    size = info.st_size
    seconds = info.st_mtim.tv_sec
    nanoseconds = info.st_mtim.tv_nsec
    isRegular = info.st_mode & S_IFMT == S_IFREG
  }
}
