import Glibc

/// The operating system's message for its last error.
package func systemMessage(_ code: Int32 = errno) -> String {
  if code == EFBIG { return "the file has reached the size limit of this process (ulimit -f)" }
  return String(cString: strerror(code))
}
