import Foundation

/// Makes a file or a folder read-only for its own lifetime. Permissions do not bind root, so for
/// root the path is mounted over itself.
package final class ReadOnly {
  private let path: String
  private let permissions: Any?

  package static let canBeMade: Bool = {
    if geteuid() != 0 { return true }
    let file = FileManager.default.temporaryDirectory.appending(path: "larkspur-\(UUID())").path
    let isThere = FileManager.default.createFile(atPath: file, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: file) }
    guard isThere, let held = try? ReadOnly(file) else { return false }
    return !FileManager.default.isWritableFile(atPath: held.path)
  }()

  package init(_ path: String) throws {
    self.path = path
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    permissions = geteuid() == 0 ? nil : attributes[.posixPermissions]
    if let mode = permissions as? Int {
      let readable = mode & 0o555
      try FileManager.default.setAttributes([.posixPermissions: readable], ofItemAtPath: path)
    } else {
      try SmallDisk.run("mount", "--bind", path, path)
      try SmallDisk.run("mount", "-o", "remount,bind,ro", path)
    }
  }

  deinit {
    if let permissions {
      try? FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
    } else {
      try? SmallDisk.run("umount", "-l", path)
    }
  }
}
