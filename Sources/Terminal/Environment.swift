import Glibc

/// The environment, with a variable that is set to nothing counting as not set.
package func environmentVariable(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}

/// Where programs keep what they remember, and what they are told: `XDG_…_HOME` or its default.
package func homeFolder(_ variable: String, orInHome folder: String) throws(Failure) -> String {
  if let named = environmentVariable(variable), named.hasPrefix("/") { return named }
  guard let home = environmentVariable("HOME") else {
    throw Failure(.usage, "HOME is not set, so there is no default place. Give --db PATH.")
  }
  return "\(home)/\(folder)"
}
