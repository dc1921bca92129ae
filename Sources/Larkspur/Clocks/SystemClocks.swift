import Basics
import Glibc
import Planning

/// The machine's clocks, as the worker reads them.
package enum SystemClocks {
  package static func read(boot: String?) -> ClockReading {
    ClockReading(
      wall: WallMoment(ms: nanoseconds(of: CLOCK_REALTIME) / 1_000_000), sinceBoot: sinceBoot(),
      boot: boot)
  }

  /// CLOCK_BOOTTIME goes on while the machine sleeps, and cannot be set. Without the offset of the
  /// time namespace it is the same clock for every program on the machine.
  package static func sinceBoot() -> BootMoment {
    let offset_ns = TimeNamespace.own.offset_ns ?? 0
    return BootMoment(ms: (nanoseconds(of: CLOCK_BOOTTIME) - offset_ns) / 1_000_000)
  }

  /// A name for this boot and the clock that counts from it; nil if the kernel gives none or the
  /// clock's offset is not known.
  package static func bootID() -> String? {
    guard TimeNamespace.own.offset_ns != nil,
      let id = TimeNamespace.read("/proc/sys/kernel/random/boot_id")?.prefix(while: { $0 > " " }),
      !id.isEmpty
    else { return nil }
    // Earlier versions stored the bare id, in any time namespace.
    return "\(id) boottime+0"
  }
}
