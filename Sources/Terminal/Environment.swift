import Glibc

/// The value of an environment variable. An empty variable counts as unset.
package func environmentVariable(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}

/// The whole environment.
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
