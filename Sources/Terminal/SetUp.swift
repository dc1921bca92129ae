import Glibc

/// Settings a program makes before it touches a file, whatever it inherited from its parent.
package func setUpProcess() {
  // Without this, writing to a pipe that nobody reads, or to a file at its size limit (ulimit -f),
  // would kill the program with a signal. With it, the write fails with an error that can be
  // reported.
  signal(SIGPIPE, SIG_IGN)
  signal(SIGXFSZ, SIG_IGN)
  // Files keep the modes they are created with. A umask of 777 would make a queue that nobody can
  // open.
  umask(0o077)
}
