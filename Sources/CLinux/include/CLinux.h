#pragma once
// Parts of Linux that Swift cannot reach by itself.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

// This process keeps secrets in memory. A crash leaves no core dump, no matter what would collect
// it, and only root can read the process's memory and environment. Swift's own crash report is
// switched off because it would print what the registers point to. (prctl is variadic, which Swift
// cannot call.)
static inline void larkspur_keep_memory_private(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
  for (unsigned index = 0; index < sizeof crashes / sizeof *crashes; index++) {
    signal(crashes[index], SIG_DFL);
  }
}

// The command line, including the program's name. Swift reads it from /proc/self/cmdline; if /proc
// is not mounted, Swift aborts or sees no arguments at all.
int larkspur_argument_count(void);
const char *larkspur_argument(int index);

// The commit this program was built from, or "" if the build did not name one.
const char *larkspur_commit(void);

// The path this program was started with, or NULL if the kernel does not tell.
const char *larkspur_started_path(void);

// Whether something is mounted at exactly this path. False if the kernel cannot tell.
int larkspur_is_mount_point(const char *path);

// The kind of file system that holds this path, as statfs names it (NFS_SUPER_MAGIC and the like), or
// -1 with errno. (Swift's module of the C library leaves out statfs.)
long larkspur_file_system(const char *path);

// Whether a file is empty and, as far as its timestamps show, always was.
int larkspur_is_untouched(const char *path);

/// A descriptor that is readable when one of those that were added to it is, or -1. A descriptor that is closed leaves it by
/// itself.
int larkspur_gathering(void);
void larkspur_gather(int gathering, int descriptor);
void larkspur_leave_out(int gathering, int descriptor);
