import Basics
import Glibc
import Larkspur

/// The limits of the machine that a worker may run into.
struct MachineCheck {
  /// A folder that a watch can be tried on.
  let folder: String
  /// Where the kernel shows the limits of inotify.
  var limits = "/proc/sys/fs/inotify"
  var watch: (String) -> Int32? = { FileNotices.watch($0, for: UInt32(IN_CLOSE_WRITE)) }
  var fileSizeLimit = FileSizeLimit.bytes

  func findings() -> [Finding] { [inotify, inotifyLimits] + fileSize }

  /// A worker needs one for the queue and one for its configuration; so does each `--wait`.
  private var inotify: Finding {
    guard let descriptor = watch(folder) else {
      let why = systemMessage()
      return .wrong(
        .inotify, "files cannot be watched for changes (inotify): \(why)",
        fix: "raise the limit for a user: sysctl -w fs.inotify.max_user_instances=512")
    }
    close(descriptor)
    return .fine(.inotify, "files can be watched for changes")
  }

  private static let least = [("max_user_instances", 32), ("max_user_watches", 1_024)]

  private var inotifyLimits: Finding {
    var texts: [String] = []
    for (name, least) in Self.least {
      guard case .success(let bytes) = TextFile.read("\(limits)/\(name)", atMost: 100),
        let value = Int(String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self))
      else {
        return .unknown(
          .inotifyLimits, "the limits of inotify cannot be read", fix: "see: sysctl fs.inotify")
      }
      if value < least {
        return .warn(
          .inotifyLimits,
          "fs.inotify.\(name) is \(value), and other programs of the same user count too",
          fix: "sysctl -w fs.inotify.\(name)=\(least * 16)")
      }
      texts.append("\(name) \(value)")
    }
    return .fine(.inotifyLimits, texts.joined(separator: ", "))
  }

  private var fileSize: [Finding] {
    guard let fileSizeLimit else { return [] }
    return [
      .warn(
        .fileSizeLimit,
        "files cannot grow beyond \(sizeText(fileSizeLimit)) here (ulimit -f)",
        fix: "start the worker without this limit: ulimit -f unlimited")
    ]
  }
}
