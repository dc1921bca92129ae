import Glibc

/// What a program sets for itself before it touches a file, whatever its parent has left it.
package func setUpProcess() {
  // Writes fail with an error that can be reported, where they would end the program by a signal: to a
  // pipe that nobody reads any more, and to a file at its size limit (ulimit -f).
  signal(SIGPIPE, SIG_IGN)
  signal(SIGXFSZ, SIG_IGN)
  // Files get the modes they are made with. A umask of 777 would make a queue that nobody can open.
  umask(0o077)
}
