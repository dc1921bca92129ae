import Glibc

/// The operating system's message for its last error, to follow a colon.
package func systemMessage(_ code: Int32 = errno) -> String {
  if code == EFBIG { return "the file has reached the size limit of this process (ulimit -f)" }
  let text = String(cString: strerror(code))
  return text.prefix(1).lowercased() + text.dropFirst()
}
