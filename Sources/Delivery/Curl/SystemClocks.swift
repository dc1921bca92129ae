import Glibc
import Larkspur

/// The machine's clocks: the one place that reads them.
package enum SystemClocks {
  package static func read(boot: String?) -> WorkerStore.ClockReading {
    // CLOCK_BOOTTIME goes on while the machine sleeps, and nobody can set it.
    WorkerStore.ClockReading(
      wall_ms: milliseconds(CLOCK_REALTIME), sinceBoot_ms: milliseconds(CLOCK_BOOTTIME), boot: boot)
  }

  package static func sinceBoot_ms() -> Int { milliseconds(CLOCK_BOOTTIME) }

  /// A name for this start of the machine, or nil where the kernel gives none.
  package static func bootID() -> String? {
    let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = Glibc.read(file, &bytes, bytes.count)
    let id = bytes.prefix(max(count, 0)).prefix { $0 > UInt8(ascii: " ") }
    return id.isEmpty ? nil : String(decoding: id, as: UTF8.self)
  }

  private static func milliseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
  }
}
