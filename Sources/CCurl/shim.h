#pragma once
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one shim for each
// type of argument.
static inline CURLcode larkspur_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode larkspur_set_text(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode larkspur_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode larkspur_set_function(CURL *easy, CURLoption option, curl_write_callback function) {
  return curl_easy_setopt(easy, option, function);
}
// libcurl tells what it does in lines of text, which have a callback of another type.
static inline CURLcode larkspur_set_listener(CURL *easy, curl_debug_callback function, void *data) {
  curl_easy_setopt(easy, CURLOPT_DEBUGDATA, data);
  curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, function);
  return curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}
static inline CURLcode larkspur_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode larkspur_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode larkspur_get_text(CURL *easy, CURLINFO info, const char **value) {
  return curl_easy_getinfo(easy, info, value);
}
// The message of a finished transfer holds its result in a union.
static inline CURLcode larkspur_result(const CURLMsg *message) { return message->data.result; }

static int larkspur_prepare_socket(void *longest_ms, curl_socket_t socket, curlsocktype purpose) {
  (void)purpose;
  unsigned int bound = (unsigned int)(uintptr_t)longest_ms;
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &bound, sizeof bound);
  return CURL_SOCKOPT_OK;
}
// The kernel goes on sending what a killed program has left in its socket, for many minutes if it
// must. With this it gives up as the program itself would have.
static inline CURLcode larkspur_bound_sending(CURL *easy, long longest_ms) {
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, (void *)(uintptr_t)longest_ms);
  return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, larkspur_prepare_socket);
}
