import Foundation

/// A file system of a few hundred kilobytes, in memory. Only root can make one.
package final class SmallDisk {
  package let path: String

  package static let canBeMade: Bool = {
    let folder = FileManager.default.temporaryDirectory.appending(path: "larkspur-\(UUID())").path
    guard geteuid() == 0, let disk = try? SmallDisk(kilobytes: 100, at: folder) else {
      return false
    }
    return FileManager.default.fileExists(atPath: disk.path)
  }()

  package init(kilobytes: Int, at path: String) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path)
  }

  deinit {
    try? Self.run("umount", "-l", path)
    try? FileManager.default.removeItem(atPath: path)
  }

  package func grow(toKilobytes kilobytes: Int) throws {
    try Self.run("mount", "-o", "remount,size=\(kilobytes)k", path)
  }

  package func makeReadOnly() throws { try Self.run("mount", "-o", "remount,ro", path) }

  static func run(_ words: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Place.Trouble("it failed: \(words.joined(separator: " "))")
    }
  }
}
