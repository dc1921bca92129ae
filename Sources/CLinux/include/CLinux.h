#pragma once
// What Linux has and Swift cannot reach by itself.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

// What this process has in its memory is not for others: a crash leaves no core, whoever would take
// it, and only root may look into the process or at its environment. Nor does Swift report a crash,
// for it would print what the registers point to. (prctl is variadic, which Swift cannot call.)
static inline void larkspur_keep_memory_private(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
  for (unsigned index = 0; index < sizeof crashes / sizeof *crashes; index++) {
    signal(crashes[index], SIG_DFL);
  }
}

// The command line, the program's name included. Swift reads it from /proc/self/cmdline and aborts,
// or sees no words at all, where /proc is not mounted.
int larkspur_argument_count(void);
const char *larkspur_argument(int index);

// The path this program was started with, or NULL where the kernel does not tell.
const char *larkspur_started_path(void);

// Whether a path leads to something that is mounted there itself. False where the kernel cannot tell.
int larkspur_is_mount_point(const char *path);

// Whether a file holds nothing, and never has as far as its times tell.
int larkspur_is_untouched(const char *path);
