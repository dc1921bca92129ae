#pragma once
// What Linux has and Swift's Glibc module leaves out.
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
