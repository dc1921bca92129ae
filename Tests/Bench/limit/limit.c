// What Larkspur is compared with: the same work with as little around it as C allows.
//
//   limit play QUEUE TAPE full|normal       runs the statements of a tape: how fast SQLite itself is
//   limit crowd QUEUE TAPE SECONDS          the same tape over and over, waiting as SQLite waits
//   limit least QUEUE STRETCHES CALLS full|normal
//                                           the least that a call of ten lanes needs of SQLite, call after call
//   limit watch FILE                        blocked on inotify; a line with the moment of each wake
//   limit race COUNT GAP_MS OUT -- WORDS [-- WORDS …]
//                                           starts programs in turn: when each began, and how long it took
//
// Answers are JSON. Moments are microseconds of CLOCK_MONOTONIC. In WORDS, @ is the number of the run.
//
// A tape is what StoreBench has heard Larkspur ask of SQLite: the texts that it prepares and the values
// that it binds, in its order. So no statement here can differ from Larkspur's.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <signal.h>

extern char **environ;

static _Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  fputs("limit: ", stderr);
  vfprintf(stderr, format, values);
  fputc('\n', stderr);
  va_end(values);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static double now_us(void) { return (double)now_ns() / 1e3; }

static void *room(size_t bytes) {
  void *memory = malloc(bytes ? bytes : 1);
  if (!memory) fail("out of memory");
  return memory;
}

static void nap(int64_t ns) {
  struct timespec span = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
  nanosleep(&span, NULL);
}

// The tape.

enum { CONNECTIONS_MAX = 8 };

struct value {
  char type;  // i, t or n
  int64_t number;
  const char *text;
};

struct step {
  // X: a statement, T: the connection runs no triggers from here on, + and -: the clock is started and
  // stopped, Z: a pause
  char type;
  int64_t connection, statement, count;
  const struct value *values;
};

struct tape {
  struct step *steps;
  size_t count;
  bool is_open[CONNECTIONS_MAX], is_in_memory[CONNECTIONS_MAX];
  const char **texts;
  int64_t texts_count;
};

struct reader {
  const char *at, *end;
};

static int64_t read_number(struct reader *reader) {
  int64_t number;
  if (reader->end - reader->at < 8) fail("the tape is cut off");
  memcpy(&number, reader->at, 8);
  reader->at += 8;
  return number;
}

static char *read_text(struct reader *reader, int64_t *length) {
  *length = read_number(reader);
  if (*length < 0 || reader->end - reader->at < *length) fail("the tape is cut off");
  char *text = room((size_t)*length + 1);
  memcpy(text, reader->at, (size_t)*length);
  text[*length] = 0;
  reader->at += *length;
  return text;
}

static const struct value *read_values(struct reader *reader, int64_t count) {
  struct value *values = room((size_t)count * sizeof *values);
  for (int64_t i = 0; i < count; i++) {
    if (reader->at == reader->end) fail("the tape is cut off");
    values[i] = (struct value){.type = *reader->at++};
    if (values[i].type == 'i') values[i].number = read_number(reader);
    if (values[i].type == 't') values[i].text = read_text(reader, &values[i].number);
  }
  return values;
}

static struct reader read_file(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0) fail("%s: %s", path, strerror(errno));
  char *bytes = room((size_t)info.st_size);
  for (off_t done = 0; done < info.st_size;) {
    ssize_t count = read(file, bytes + done, (size_t)(info.st_size - done));
    if (count <= 0) fail("%s cannot be read", path);
    done += count;
  }
  close(file);
  return (struct reader){.at = bytes, .end = bytes + info.st_size};
}

static void *grown(void *memory, size_t count, size_t size) {
  // At powers of two.
  if (count & (count - 1)) return memory;
  void *larger = realloc(memory, (count ? count * 2 : 1) * size);
  if (!larger) fail("out of memory");
  return larger;
}

static int64_t read_connection(struct reader *reader) {
  int64_t connection = read_number(reader);
  if (connection < 0 || connection >= CONNECTIONS_MAX) fail("the tape has too many connections");
  return connection;
}

static struct tape read_tape(const char *path) {
  struct reader reader = read_file(path);
  struct tape tape = {0};
  while (reader.at < reader.end) {
    char type = *reader.at++;
    if (type == 'C') {
      int64_t connection = read_connection(&reader);
      tape.is_open[connection] = true;
      tape.is_in_memory[connection] = read_number(&reader) != 0;
      continue;
    }
    if (type == 'S') {
      int64_t length;
      tape.texts = grown(tape.texts, (size_t)tape.texts_count, sizeof *tape.texts);
      tape.texts[tape.texts_count++] = read_text(&reader, &length);
      continue;
    }
    struct step step = {.type = type};
    if (type == 'X') {
      step.connection = read_connection(&reader);
      step.statement = read_number(&reader);
      step.count = read_number(&reader);
      step.values = read_values(&reader, step.count);
    } else if (type == 'T') {
      step.connection = read_connection(&reader);
    } else if (type == 'Z') {
      step.count = read_number(&reader);
    } else if (type != '+' && type != '-') {
      fail("the tape has an unknown mark");
    }
    tape.steps = grown(tape.steps, tape.count, sizeof *tape.steps);
    tape.steps[tape.count++] = step;
  }
  return tape;
}

// Playing it.

struct player {
  const struct tape *tape;
  const char *queue, *synchronous;
  sqlite3 *connections[CONNECTIONS_MAX];
  sqlite3_stmt **statements[CONNECTIONS_MAX];
};

static void expect(sqlite3 *connection, int code, int wanted, const char *what) {
  if (code != wanted) fail("%s: %s", what, sqlite3_errmsg(connection));
}

static void open_connections(struct player *player) {
  for (int64_t i = 0; i < CONNECTIONS_MAX; i++) {
    if (!player->tape->is_open[i]) continue;
    bool in_memory = player->tape->is_in_memory[i];
    const char *path = in_memory ? ":memory:" : player->queue;
    int flags = SQLITE_OPEN_READWRITE | (in_memory ? SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY : 0);
    sqlite3 **connection = &player->connections[i];
    if (sqlite3_open_v2(path, connection, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
      fail("%s: %s", path, sqlite3_errmsg(*connection));
    sqlite3_busy_timeout(*connection, 10000);
    player->statements[i] = calloc((size_t)player->tape->texts_count, sizeof(sqlite3_stmt *));
    if (!player->statements[i]) fail("out of memory");
  }
}

static bool says_how_durable(const char *text) {
  return strncmp(text, "pragma synchronous", 18) == 0;
}

static sqlite3_stmt *prepared(struct player *player, const struct step *step) {
  sqlite3_stmt **statement = &player->statements[step->connection][step->statement];
  if (*statement) return *statement;
  sqlite3 *connection = player->connections[step->connection];
  const char *text = player->tape->texts[step->statement];
  char durability[40];
  if (says_how_durable(text)) {
    snprintf(durability, sizeof durability, "pragma synchronous = %s", player->synchronous);
    text = durability;
  }
  int code = sqlite3_prepare_v3(connection, text, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
  expect(connection, code, SQLITE_OK, text);
  return *statement;
}

// Read as a program that wants to know would.
static int64_t read_row(sqlite3_stmt *statement) {
  int64_t sum = 0;
  for (int i = 0, count = sqlite3_column_count(statement); i < count; i++) {
    if (sqlite3_column_type(statement, i) == SQLITE_TEXT) {
      const unsigned char *text = sqlite3_column_text(statement, i);
      sum += text ? sqlite3_column_bytes(statement, i) : 0;
    } else {
      sum += sqlite3_column_int64(statement, i);
    }
  }
  return sum;
}

static volatile int64_t seen;  // so that nothing read is left out

static void run_step(struct player *player, const struct step *step) {
  sqlite3_stmt *statement = prepared(player, step);
  for (int i = 0; i < step->count; i++) {
    const struct value *value = &step->values[i];
    if (value->type == 'i') sqlite3_bind_int64(statement, i + 1, value->number);
    if (value->type == 't')
      sqlite3_bind_text(statement, i + 1, value->text, (int)value->number, SQLITE_STATIC);
  }
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) seen += read_row(statement);
  expect(player->connections[step->connection], code, SQLITE_DONE, sqlite3_sql(statement));
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
}

static void run_no_triggers(struct player *player, const struct step *step) {
  sqlite3 *connection = player->connections[step->connection];
  int code = sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  expect(connection, code, SQLITE_OK, "triggers cannot be turned off");
}

static void close_connections(struct player *player) {
  for (int64_t i = 0; i < CONNECTIONS_MAX; i++) {
    if (!player->connections[i]) continue;
    for (int64_t k = 0; k < player->tape->texts_count; k++)
      sqlite3_finalize(player->statements[i][k]);
    sqlite3_close(player->connections[i]);
  }
}

static int64_t changes(const struct player *player) {
  int64_t sum = 0;
  for (int64_t i = 0; i < CONNECTIONS_MAX; i++)
    if (player->connections[i]) sum += sqlite3_total_changes64(player->connections[i]);
  return sum;
}

static int play(const char *queue, const char *path, const char *synchronous) {
  struct tape tape = read_tape(path);
  struct player player = {.tape = &tape, .queue = queue, .synchronous = synchronous};
  open_connections(&player);
  int64_t began = 0;
  size_t statements = 0, stretches = 0;
  printf("{\"stretches\":[");
  for (size_t i = 0; i < tape.count; i++) {
    const struct step *step = &tape.steps[i];
    switch (step->type) {
      case 'X': run_step(&player, step), statements += began != 0; break;
      case 'T': run_no_triggers(&player, step); break;
      case 'Z': nap(step->count); break;
      case '+': began = now_ns(); break;
      case '-':
        printf("%s%.9f", stretches++ ? "," : "", (double)(now_ns() - began) / 1e9);
        began = 0;
        break;
    }
  }
  printf("],\"changes\":%lld,\"statements\":%zu}\n", (long long)changes(&player), statements);
  close_connections(&player);
  return 0;
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double percentile(const double *sorted, size_t count, size_t share) {
  return count ? sorted[(count - 1) * share / 100] : 0;
}

// One ask, from `begin immediate` to `commit`, for as long as the seconds last. What stands before the
// clock is started on the tape is done once.
static int crowd(const char *queue, const char *path, double seconds) {
  struct tape tape = read_tape(path);
  struct player player = {.tape = &tape, .queue = queue, .synchronous = "full"};
  open_connections(&player);
  size_t first = 0, last = tape.count;
  for (size_t i = 0; i < tape.count; i++) {
    if (tape.steps[i].type == '+') first = i + 1;
    if (tape.steps[i].type == '-') last = i;
  }
  for (size_t i = 0; i < first; i++)
    if (tape.steps[i].type == 'X') run_step(&player, &tape.steps[i]);
    else if (tape.steps[i].type == 'T') run_no_triggers(&player, &tape.steps[i]);
  double *taken = NULL;
  size_t count = 0;
  int64_t end = now_ns() + (int64_t)(seconds * 1e9);
  for (int64_t began = now_ns(); began < end; began = now_ns()) {
    for (size_t i = first; i < last; i++) run_step(&player, &tape.steps[i]);
    taken = grown(taken, count, sizeof *taken);
    taken[count++] = (double)(now_ns() - began) / 1e6;
  }
  if (count) qsort(taken, count, sizeof *taken, compare);
  printf("{\"asks\":%zu,\"median_ms\":%.4f,\"p99_ms\":%.4f,\"slowest_ms\":%.4f}\n", count,
         percentile(taken, count, 50), percentile(taken, count, 99),
         percentile(taken, count, 100));
  close_connections(&player);
  return 0;
}

// The least that a call of ten needs: what is due is read, one row for the call, ten claims, ten lanes and ten
// asks ended, one result, in two transactions. On the schema and the indexes that Larkspur has. It packs
// nothing, looks for nothing that was asked or has expired, and counts no budget.

static sqlite3 *open_queue(const char *queue, const char *synchronous) {
  sqlite3 *connection;
  if (sqlite3_open_v2(queue, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    fail("%s: %s", queue, sqlite3_errmsg(connection));
  sqlite3_busy_timeout(connection, 10000);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  char setting[60];
  snprintf(setting, sizeof setting, "pragma synchronous = %s; pragma wal_autocheckpoint = 0", synchronous);
  if (sqlite3_exec(connection, setting, NULL, NULL, NULL) != SQLITE_OK)
    fail("%s: %s", queue, sqlite3_errmsg(connection));
  return connection;
}

struct least {
  sqlite3 *db;
  sqlite3_stmt *begin, *commit, *due, *call, *claim, *result, *ask, *lane, *wake, *ask_again;
};

static sqlite3_stmt *statement(sqlite3 *db, const char *text) {
  sqlite3_stmt *prepared;
  expect(db, sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &prepared, NULL), SQLITE_OK, text);
  return prepared;
}

static void run_with(struct least *least, sqlite3_stmt *statement, const int64_t *values, int count) {
  for (int i = 0; i < count; i++) sqlite3_bind_int64(statement, i + 1, values[i]);
  expect(least->db, sqlite3_step(statement), SQLITE_DONE, sqlite3_sql(statement));
  sqlite3_reset(statement);
}

enum { LANES = 10 };

static void one_call(struct least *least, int64_t now, int64_t lanes[LANES]) {
  run_with(least, least->begin, NULL, 0);
  sqlite3_bind_int64(least->due, 1, now);
  int found = 0;
  while (sqlite3_step(least->due) == SQLITE_ROW && found < LANES) {
    lanes[found++] = sqlite3_column_int64(least->due, 0);
    seen += read_row(least->due);
  }
  sqlite3_reset(least->due);
  if (found < LANES) fail("there are no ten lanes that are due");
  run_with(least, least->call, (int64_t[]){now}, 1);
  int64_t call = sqlite3_last_insert_rowid(least->db);
  for (int i = 0; i < LANES; i++)
    run_with(least, least->claim, (int64_t[]){lanes[i], call, now + 15005}, 3);
  run_with(least, least->commit, NULL, 0);
  run_with(least, least->begin, NULL, 0);
  run_with(least, least->result, (int64_t[]){call, now + 50}, 2);
  for (int i = 0; i < LANES; i++) {
    run_with(least, least->ask, (int64_t[]){lanes[i], now + 50, call}, 3);
    if (sqlite3_changes(least->db) != 1) fail("a lane has no ask to end");
    run_with(least, least->lane, (int64_t[]){lanes[i], now + 5055}, 2);
  }
  run_with(least, least->commit, NULL, 0);
}

// Puts lanes and asks back as they were, but last in the line.
static void put_back(struct least *least, const int64_t *lanes, int count, int64_t now) {
  run_with(least, least->begin, NULL, 0);
  for (int i = 0; i < count; i++) {
    run_with(least, least->ask_again, (int64_t[]){lanes[i]}, 1);
    run_with(least, least->wake, (int64_t[]){lanes[i], now}, 2);
  }
  run_with(least, least->commit, NULL, 0);
}

static int64_t number(sqlite3 *db, const char *text) {
  sqlite3_stmt *query = statement(db, text);
  expect(db, sqlite3_step(query), SQLITE_ROW, text);
  int64_t number = sqlite3_column_int64(query, 0);
  sqlite3_finalize(query);
  return number;
}

static int least(const char *queue, int stretches, int calls, const char *synchronous) {
  sqlite3 *db = open_queue(queue, synchronous);
  struct least least = {
      .db = db,
      .begin = statement(db, "begin immediate"),
      .commit = statement(db, "commit"),
      .due = statement(db,
          "select id, name, audience_id, ready_ms, slot_ms from lane indexed by lanes_due_longest "
          "where account_id = 1 and kind = 'preview' and state = 'waiting' and urgent = 0 "
          "and max(ready_ms, spread_ms) <= ? order by max(ready_ms, spread_ms) limit 10"),
      .call = statement(db,
          "insert into call (account_id, api, lanes, audience_id, started_ms) "
          "values (1, 'preview', '[1,2,3,4,5,6,7,8,9,10]', 1, ?)"),
      .claim = statement(db,
          "update lane set state = 'in_flight', call_id = ?2, slot_ms = ?3 where id = ?1"),
      .result = statement(db,
          "update call set ended_ms = ?2, outcome = 'delivered', sent_ms = ?2, http_status = 200, code = 0, "
          "sent_bytes = 600, answer_bytes = 40 where id = ?1"),
      .ask = statement(db,
          "update ask indexed by asks_of_a_lane set outcome = 'delivered', ended_ms = ?2, call_id = ?3 "
          "where lane_id = ?1 and outcome is null"),
      .lane = statement(db,
          "update lane set state = 'idle', call_id = null, audience_id = null, since_ms = null, "
          "ready_ms = null, slot_ms = ?2 where id = ?1"),
      .wake = statement(db,
          "update lane set state = 'waiting', audience_id = (select audience_id from ask where lane_id = ?1 "
          "limit 1), since_ms = ?2, ready_ms = ?2 where id = ?1"),
      .ask_again = statement(db,
          "update ask set outcome = null, ended_ms = null, call_id = null where id = "
          "(select max(id) from ask where lane_id = ?1)"),
  };
  expect(db, sqlite3_exec(db, "create index if not exists temp_asks on ask (lane_id)", 0, 0, 0), SQLITE_OK,
         "an index to put asks back by");
  sqlite3_stmt *checkpoint = statement(db, "pragma wal_checkpoint");
  int64_t newest = number(db, "select newest_ms from worker"), now = newest + 20000;
  int64_t *lanes = room((size_t)calls * LANES * sizeof *lanes);
  printf("{\"stretches\":[");
  for (int stretch = 0; stretch < stretches; stretch++, now += 6000) {
    while (sqlite3_step(checkpoint) == SQLITE_ROW) continue;
    sqlite3_reset(checkpoint);
    int64_t began = now_ns();
    for (int call = 0; call < calls; call++, now += 200) one_call(&least, now, lanes + call * LANES);
    while (sqlite3_step(checkpoint) == SQLITE_ROW) continue;
    sqlite3_reset(checkpoint);
    printf("%s%.9f", stretch ? "," : "", (double)(now_ns() - began) / 1e9);
    put_back(&least, lanes, calls * LANES, newest + 1);
  }
  puts("]}");
  return 0;
}

// Being told.

static int watch(const char *path) {
  int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (inotify < 0 || inotify_add_watch(inotify, path, IN_MODIFY | IN_CLOSE_WRITE) < 0)
    fail("%s cannot be watched: %s", path, strerror(errno));
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct pollfd wait = {.fd = inotify, .events = POLLIN};
    if (poll(&wait, 1, -1) < 0) fail("poll: %s", strerror(errno));
    double woken = now_us();
    char events[4096];
    while (read(inotify, events, sizeof events) > 0) continue;
    printf("%.1f\n", woken);
    fflush(stdout);
  }
}

// Starting programs.

static char *numbered(const char *word, int number) {
  const char *place = strchr(word, '@');
  char *result = NULL;
  int length = place ? asprintf(&result, "%.*s%d%s", (int)(place - word), word, number, place + 1)
                     : asprintf(&result, "%s", word);
  if (length < 0) fail("out of memory");
  return result;
}

struct run {
  double began_us, took_us;
};

static struct run start(char *const *words, int count, int number) {
  char **arguments = room(((size_t)count + 1) * sizeof *arguments);
  for (int i = 0; i < count; i++) arguments[i] = numbered(words[i], number);
  arguments[count] = NULL;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child;
  int status;
  struct run run = {.began_us = now_us()};
  int code = posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ);
  if (code != 0) fail("%s cannot be started: %s", arguments[0], strerror(code));
  if (waitpid(child, &status, 0) != child) fail("waitpid: %s", strerror(errno));
  run.took_us = now_us() - run.began_us;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail("%s has failed", arguments[0]);
  posix_spawn_file_actions_destroy(&actions);
  for (int i = 0; i < count; i++) free(arguments[i]);
  free(arguments);
  return run;
}

enum { RUNNERS_MAX = 4 };

// In each round every program runs once; who is first changes from round to round.
static int race(int rounds, int gap_ms, const char *path, char **words, int count) {
  char **runners[RUNNERS_MAX];
  int lengths[RUNNERS_MAX], entered = 0;
  for (int i = 0; i < count;) {
    if (entered == RUNNERS_MAX) fail("too many programs");
    int end = i;
    while (end < count && strcmp(words[end], "--") != 0) end++;
    if (end == i) fail("a program has no name");
    runners[entered] = words + i;
    lengths[entered++] = end - i;
    i = end + 1;
  }
  struct run (*runs)[RUNNERS_MAX] = room((size_t)rounds * sizeof *runs);
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < entered; i++) {
      int who = (i + round) % entered;
      nap(gap_ms * INT64_C(1000000));
      runs[round][who] = start(runners[who], lengths[who], round);
    }
  }
  FILE *out = fopen(path, "w");
  if (!out) fail("%s: %s", path, strerror(errno));
  for (int who = 0; who < entered; who++) {
    fputs(who ? ",[" : "[[", out);
    for (int round = 0; round < rounds; round++)
      fprintf(out, "%s[%.1f,%.1f]", round ? "," : "", runs[round][who].began_us,
              runs[round][who].took_us);
    fputs("]", out);
  }
  fputs("]\n", out);
  return fclose(out) == 0 ? 0 : 1;
}

int main(int count, char **words) {
  // Nobody is left to read the answer.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // As Larkspur's programs do: this is part of the least.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const char *what = count > 1 ? words[1] : "";
  if (strcmp(what, "play") == 0 && count == 5) return play(words[2], words[3], words[4]);
  if (strcmp(what, "crowd") == 0 && count == 5) return crowd(words[2], words[3], atof(words[4]));
  if (strcmp(what, "least") == 0 && count == 6)
    return least(words[2], atoi(words[3]), atoi(words[4]), words[5]);
  if (strcmp(what, "watch") == 0 && count == 3) return watch(words[2]);
  if (strcmp(what, "race") == 0 && count > 6 && strcmp(words[5], "--") == 0)
    return race(atoi(words[2]), atoi(words[3]), words[4], words + 6, count - 6);
  fputs("usage: limit play|crowd|least|watch|race … : see the beginning of limit.c\n", stderr);
  return 64;
}
