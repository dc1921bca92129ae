#pragma once
#include <libpq-fe.h>

// Swift does not import macros that are characters.
static inline const char *larkspur_state(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
static inline const char *larkspur_complaint(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
