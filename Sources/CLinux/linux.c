#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static int argument_count;
static char **arguments;

// glibc passes constructors the same arguments as main.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
  argument_count = count;
  arguments = values;
}

int larkspur_argument_count(void) { return argument_count; }

const char *larkspur_argument(int index) {
  return index >= 0 && index < argument_count ? arguments[index] : NULL;
}

// It is here rather than in Swift so that another commit compiles only this file.
#ifndef LARKSPUR_COMMIT
#define LARKSPUR_COMMIT ""
#endif

const char *larkspur_commit(void) { return LARKSPUR_COMMIT; }

const char *larkspur_started_path(void) { return (const char *)getauxval(AT_EXECFN); }

// Available since Linux 5.8; older headers do not define it.
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

int larkspur_is_mount_point(const char *path) {
  struct statx info;
  if (statx(AT_FDCWD, path, 0, STATX_TYPE, &info) != 0) return 0;
  return (info.stx_attributes_mask & info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

long larkspur_file_system(const char *path) {
  struct statfs info;
  return statfs(path, &info) == 0 ? (long)(unsigned int)info.f_type : -1;
}

int larkspur_is_untouched(const char *path) {
  struct statx info;
  if (statx(AT_FDCWD, path, 0, STATX_SIZE | STATX_MTIME | STATX_BTIME, &info) != 0) return 0;
  if (info.stx_size != 0) return 0;
  // Some file systems do not record when a file was created.
  if ((info.stx_mask & STATX_BTIME) == 0) return 1;
  return info.stx_btime.tv_sec == info.stx_mtime.tv_sec &&
         info.stx_btime.tv_nsec == info.stx_mtime.tv_nsec;
}

int larkspur_gathering(void) { return epoll_create1(EPOLL_CLOEXEC); }

void larkspur_gather(int gathering, int descriptor) {
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(gathering, EPOLL_CTL_ADD, descriptor, &event);
}

void larkspur_leave_out(int gathering, int descriptor) {
  epoll_ctl(gathering, EPOLL_CTL_DEL, descriptor, NULL);
}
