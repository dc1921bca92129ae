import Basics
import Glibc
import Terminal

/// A folder of this user alone, which is to be removed.
struct TemporaryFolder {
  let path: String

  /// Its name begins with `larkspur-` and this.
  init(_ name: String) throws(Failure) {
    let place = try InputFile.temporaryFolder()
    var template = Array("\(place)/larkspur-\(name).XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else {
      throw Failure(
        .databaseNotCreated,
        "cannot create a temporary folder in \(printable(place)): \(systemMessage()); set TMPDIR "
          + "to a writable folder")
    }
    path = made
  }

  /// Removes the folder and its files. There are no folders in it.
  func remove() {
    guard let folder = opendir(path) else { return }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    closedir(folder)
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
