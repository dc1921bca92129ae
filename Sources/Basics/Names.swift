import Glibc

/// The names of users and groups, from their files: the C library's functions need other libraries, which a
/// static program does not have.
package enum Names {
  package static func ofUser(_ number: uid_t, file: String = "/etc/passwd") -> String {
    name(of: number, in: file) ?? "uid \(number)"
  }

  package static func ofGroup(_ number: gid_t, file: String = "/etc/group") -> String {
    name(of: number, in: file) ?? "gid \(number)"
  }

  /// As `chown` takes it: a user without a name is given by its number.
  package static func word(ofUser number: uid_t) -> String {
    name(of: number, in: "/etc/passwd") ?? "\(number)"
  }

  package static func word(ofGroup number: gid_t) -> String {
    name(of: number, in: "/etc/group") ?? "\(number)"
  }

  /// The number of a group that is given by its name, or by its number, as `chgrp` takes it.
  package static func group(_ word: String, file: String = "/etc/group") -> gid_t? {
    let row = rows(of: file).first { $0.count > 2 && $0[0] == word }
    return row.flatMap { gid_t($0[2]) } ?? gid_t(word)
  }

  private static func name(of number: UInt32, in file: String) -> String? {
    rows(of: file).first { $0.count > 2 && $0[2] == "\(number)" }.map { String($0[0]) }
  }

  private static func rows(of file: String) -> [[Substring]] {
    guard case .success(let bytes) = TextFile.read(file, atMost: 10_000_000) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: ":", omittingEmptySubsequences: false) }
  }
}
