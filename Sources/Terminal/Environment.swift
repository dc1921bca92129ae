import Glibc

/// The value of an environment variable. An empty variable counts as unset. One that is not UTF-8
/// is refused: with its bytes replaced, it would name another file or hold another secret.
package func environmentVariable(_ name: String) throws(Failure) -> String? {
  guard let bytes = getenv(name), bytes.pointee != 0 else { return nil }
  guard let value = String(validatingCString: bytes) else {
    throw Failure(.usage, "environment variable \(name) is not UTF-8")
  }
  return value
}

/// The folder that an XDG variable names, or else `folder` in the user's home; nil without a home.
package func userFolder(
  _ name: String, else folder: String,
  variable: (String) throws(Failure) -> String? = environmentVariable
) throws(Failure) -> String? {
  // The XDG specification says to ignore a relative folder.
  if let named = try variable(name), named.hasPrefix("/") { return named }
  return try variable("HOME").map { "\($0)/\(folder)" }
}

/// The whole environment. Bytes that are not UTF-8 are replaced: this is for finding secrets that
/// other libraries may repeat, and one odd variable must not prevent that.
package func environmentVariables() -> [String: String] {
  var variables: [String: String] = [:]
  var entry = environ
  while let line = entry.pointee {
    let parts = String(cString: line).split(separator: "=", maxSplits: 1)
    if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
    entry += 1
  }
  return variables
}
