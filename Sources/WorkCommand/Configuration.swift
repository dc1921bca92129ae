import Configuring
import Delivery
import Glibc
import Larkspur
import Terminal
import Transport

/// The configuration of a running worker, which notices when its file changes.
package final class Configuration {
  package private(set) var accounts: [AccountSettings]
  private let flag: String?
  private let path: String?
  private let watch: FileWatch
  /// The version that was read last, and when; nil if there was no file.
  private var file: FileVersion?
  private var read_ms: Int
  /// The file was a pipe at the start, so it cannot be read again.
  private let isStream: Bool
  /// A new version that may be half written, and when it was first seen.
  private var newcomer: (file: FileVersion?, since_ms: Int)?
  /// Once there has been a file, a missing one is an error.
  private var hasFile: Bool
  /// Why the file cannot be used, if that has been reported.
  private var problem: String?

  private let clock_ms: () -> Int

  package init(
    _ flag: String?, clock_ms: @escaping () -> Int = { SystemClocks.sinceBoot().ms }
  ) throws(Failure) {
    self.flag = flag
    self.clock_ms = clock_ms
    path = try Settings.place(flag)
    // Before the file is read, so that no change is missed.
    watch = FileWatch(path)
    file = path.flatMap { FileVersion($0) }
    read_ms = clock_ms()
    isStream = file.map { !$0.isRegular } ?? false
    hasFile = file != nil
    accounts = try Settings.accounts(config: flag)
  }

  /// Becomes readable when the file may have changed.
  package var descriptor: Int32? { watch.descriptor }

  /// The accounts, if they have changed. When a person has asked, the outcome is always reported.
  func look(isAsked: Bool, tell: (WorkEvent) -> Void) -> [AccountSettings]? {
    let news = watch.take()
    let version = path.flatMap { FileVersion($0) }
    guard isAsked || isChanged(version, news) else { return nil }
    if version != file { watch.followPath() }
    file = version
    read_ms = clock_ms()
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

  /// A change without a notice may be a file that is half written, so it counts only once the file has stayed
  /// the same for a second. A file that could not be used is read again now and then: what was wrong may lie
  /// outside it, as when a certificate file is missing.
  private func isChanged(_ version: FileVersion?, _ news: FileWatch.News) -> Bool {
    if isStream { return false }
    if news == .ofFile { return true }
    let now = clock_ms()
    if version == file {
      newcomer = nil
      return problem != nil && now - read_ms >= Self.retry_ms
    }
    if news == .ofFolder || version?.isOld == true { return true }
    guard let newcomer, newcomer.file == version else {
      newcomer = (version, now)
      return false
    }
    return now - newcomer.since_ms >= 1_000
  }

  private static let retry_ms = 10_000

  private func read() throws(Failure) -> [AccountSettings] {
    guard let path, hasFile else { return try Settings.accounts(config: flag) }
    if isStream {
      throw Failure(
        .configuration, "cannot reload configuration \(path): it is not a regular file")
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

/// What shows that a file has changed without reading it.
private struct FileVersion: Equatable {
  private let device: dev_t
  private let number: ino_t
  private let size: off_t
  private let seconds: time_t
  private let nanoseconds: Int
  /// Changes with the owner and the permissions, too.
  private let changedSeconds: time_t
  private let changedNanoseconds: Int
  let isRegular: Bool

  /// Nil if there is no such file.
  init?(_ path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    device = info.st_dev
    number = info.st_ino
    size = info.st_size
    seconds = info.st_mtim.tv_sec
    nanoseconds = info.st_mtim.tv_nsec
    changedSeconds = info.st_ctim.tv_sec
    changedNanoseconds = info.st_ctim.tv_nsec
    isRegular = info.st_mode & S_IFMT == S_IFREG
  }

  /// Whether it has not been written to for a second, if the clock is right.
  var isOld: Bool { time(nil) > seconds + 1 }
}
