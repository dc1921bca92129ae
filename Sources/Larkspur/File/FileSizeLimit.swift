import Glibc

/// The limit for the size of the files that this process writes (`ulimit -f`).
package enum FileSizeLimit {
  /// In bytes; nil when there is none.
  package static var bytes: Int? {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    return limit.rlim_cur < rlim_t(Int.max) ? Int(limit.rlim_cur) : nil
  }
}
