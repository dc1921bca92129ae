#pragma once
#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Swift cannot call variadic functions: these are the calls of libmicrohttpd that are variadic, with
// the arguments this project gives them.

// Called first of all for each request, with its target as it was sent; what it returns is the
// request's context.
typedef void *(*larkspur_target_callback)(
    void *context, const char *target, struct MHD_Connection *connection);

// A server on 127.0.0.1 that runs only inside MHD_run, on the thread that calls it. Port 0 is a free
// port. NULL when the port cannot be had, with the reason in errno. A request whose head does not fit
// into `connection_bytes_max` is refused by the library itself.
static inline struct MHD_Daemon *larkspur_http_start(
    uint16_t port, unsigned int connections_max, size_t connection_bytes_max,
    unsigned int idle_seconds_max, larkspur_target_callback target, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, void *context) {
  struct sockaddr_in loopback;
  memset(&loopback, 0, sizeof loopback);
  loopback.sin_family = AF_INET;
  loopback.sin_port = htons(port);
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL, handler, context,
      MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&loopback,
      MHD_OPTION_CONNECTION_LIMIT, connections_max,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_bytes_max,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds_max,
      MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u,
      MHD_OPTION_URI_LOG_CALLBACK, target, context,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_END);
}

// Bytes of the request line and the headers; to be asked when they are in.
static inline size_t larkspur_http_head_size(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info ? info->header_size : 0;
}

static inline uint16_t larkspur_http_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

// Readable whenever MHD_run has something to do.
static inline int larkspur_http_descriptor(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info ? info->epoll_fd : -1;
}

// Three calls of the operating system that Swift's Glibc does not offer.

// Readable once SIGINT or SIGTERM has come; neither ends the process any more.
static inline int larkspur_stop_signal_descriptor(void) {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  sigprocmask(SIG_BLOCK, &stops, NULL);
  return signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Readable once that process has ended.
static inline int larkspur_process_descriptor(pid_t process) {
  return (int)syscall(SYS_pidfd_open, process, 0);
}

// Waits until one of the descriptors is ready or the time is up; a time below 0 is for ever. Not
// poll(2), whose milliseconds are too coarse here; and ppoll(2) is only declared with _GNU_SOURCE,
// which is not ours to set for a module that others share.
static inline void larkspur_wait(struct pollfd *watched, nfds_t count, long microseconds) {
  struct timespec timeout = {microseconds / 1000000, microseconds % 1000000 * 1000};
  syscall(SYS_ppoll, watched, count, microseconds < 0 ? NULL : &timeout, NULL, 0);
}
