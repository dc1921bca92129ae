import Foundation
import Programs

/// The units in `contrib`, and what systemd's tools say about them.
enum Unit {
  static let contrib = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "contrib")

  static let services = ["larkspur.service", "larkspur-once.service", "larkspur-shared@.service"]
  static let all = services + ["larkspur-once.timer"]

  static func path(_ name: String) -> String { contrib.appending(path: name).path }

  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// The assignments of a section, without comments.
  static func lines(_ name: String, in section: String = "Service") throws -> [String] {
    let parts = try text(name).components(separatedBy: "[\(section)]\n")
    guard parts.count == 2 else { throw Place.Trouble("\(name) has no [\(section)]") }
    return parts[1].components(separatedBy: "\n[")[0].split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") }
  }

  /// If CI is set, no test is skipped silently.
  static let isTried: Bool = {
    let isThere = ["systemd-analyze", "systemd-sysusers", "systemd-tmpfiles"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
    }
    return isThere || Unshared.isRequired
  }()

  static func tool(_ name: String, _ arguments: String...) throws -> Programs.Finished {
    try Programs.run(
      "/usr/bin/\(name)", arguments, ["LC_ALL": "C", "SYSTEMD_COLORS": "0"], within: 60)
  }

  /// Makes the user, the group and the folders in `root`, which is like the root of an empty machine.
  static func install(in root: URL) throws -> [Programs.Finished] {
    for folder in ["etc", "usr/lib"] {
      try FileManager.default.createDirectory(
        at: root.appending(path: folder), withIntermediateDirectories: true)
    }
    for folder in ["sysusers.d", "tmpfiles.d"] {
      try FileManager.default.copyItem(
        at: contrib.appending(path: folder), to: root.appending(path: "usr/lib/\(folder)"))
    }
    return [
      try tool("systemd-sysusers", "--root=\(root.path)"),
      try tool("systemd-tmpfiles", "--root=\(root.path)", "--create"),
    ]
  }
}
