import Basics
import Glibc
import Planning

/// Writes the worker's heartbeats into the lock file. It has a descriptor of its own, so having the
/// pen is not having the lock, and closing it does not unlock the file.
package final class HeartbeatPen {
  private let descriptor: Int32
  private let boot: String?
  private let started: WallMoment
  /// The last look of the previous worker. Its calls are reported until this worker has made its
  /// own.
  private let last: Heartbeat.Look?

  /// Nil if the file at this path is not the one that the worker has locked.
  init?(path: String, locked: Int32, after last: Heartbeat?, boot: String?, at started: WallMoment)
  {
    descriptor = open(path, O_WRONLY | WorkerLock.waryOpening)
    self.boot = boot
    self.started = started
    self.last = last?.look
    if descriptor < 0 || FileIdentity(descriptor: descriptor) != FileIdentity(descriptor: locked) {
      return nil
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Writes in one piece, without waiting for the disk. A heartbeat that cannot be written is
  /// skipped.
  package func write(_ look: Heartbeat.Look) {
    var look = look
    look.lastCall = look.lastCall ?? last?.lastCall
    look.lastSuccess = look.lastSuccess ?? last?.lastSuccess
    var bytes = Array(
      HeartbeatText.write(
        Heartbeat(
          pid: Int(getpid()), version: larkspurVersion, boot: boot, started: started, look: look)
      ).utf8)
    if bytes.count > HeartbeatText.bytesMost { return }
    // Padding overwrites what is left of a longer heartbeat.
    let rest = HeartbeatText.bytesMost - bytes.count
    if rest > 0 { bytes += [UInt8](repeating: UInt8(ascii: " "), count: rest - 1) + [0x0A] }
    _ = pwrite(descriptor, bytes, bytes.count, off_t(WorkerLock.headBytes))
  }
}
