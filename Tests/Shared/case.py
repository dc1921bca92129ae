"""What the tests of the shared queue have in common: a server, sessions, and a worker's part of the protocol."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import psycopg2

import rows
from server import OWNER, PATIENCE, Server

EVERYONE = rows.EVERYONE


class Shared:
    """The server of all tests of this run."""

    server = None

    @classmethod
    def start(cls):
        cls.server = Server()
        try:
            cls.server.create_queue()
            for name in ("ask", "work", "look"):
                cls.server.connect().cursor().execute(f"create role a_{name} login in role larkspur_{name}")
        except BaseException:
            cls.server.stop()
            raise


def insertion(view, row, mark):
    names = ", ".join(row)
    return f"insert into {view} ({names}) values ({', '.join([mark] * len(row))})"


class Case(unittest.TestCase):
    """Each test has an empty queue and sessions that end with it."""

    maxDiff = None
    forgets_looks = True

    def setUp(self):
        self.db = self.session()
        self.run_sql(
            "truncate run, account, asked, ended, call, answer, remainder, note, budget, word, span, known_key,"
            " known_token, tag, viewer"
        )
        if self.forgets_looks:
            self.run_sql("truncate look")

    def session(self, user=OWNER):
        connection = Shared.server.connect(user)
        self.addCleanup(connection.close)
        return connection

    def run_sql(self, query, *values, on=None):
        """The rows of a query, or none."""
        with (on or self.db).cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, query, *values, on=None):
        return self.run_sql(query, *values, on=on)[0][0]

    def ask(self, lane="t", body=EVERYONE, on=None, **more):
        row = {"lane": lane, "body": body, **more}
        return self.value(insertion("ask", row, "%s") + " returning id", *row.values(), on=on)

    def configure(self, account, configured=1, limits=None):
        """As a worker notes it."""
        self.run_sql(
            "insert into account (name, configured, limits) values (%s, %s, %s)"
            " on conflict (name) do update set configured = excluded.configured, limits = excluded.limits",
            *(account, configured, limits and json.dumps(limits)),
        )

    def see(self, on=None, **row):
        self.run_sql(insertion("sighting", row, "%s"), *row.values(), on=on)

    def run_of(self, *accounts, name="host 1", on=None):
        run = Run(self, self.value("select join_queue(%s, 'boot', 5)", name, on=on), on)
        if accounts:
            run.take(*accounts)
        return run

    @contextlib.contextmanager
    def refused(self, code=None, sentence=""):
        with self.assertRaises(psycopg2.Error) as caught:
            yield
        if code:
            self.assertEqual(caught.exception.pgcode, code, caught.exception)
        self.assertIn(sentence, caught.exception.diag.message_primary)

    def in_background(self, action, connection):
        """Starts it in a thread and returns once it waits for a lock; the result is a function that joins it."""
        outcome = {}

        def work():
            try:
                outcome["value"] = action()
            except psycopg2.Error as error:
                outcome["error"] = error

        pid = connection.info.backend_pid
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.wait(
            lambda: not thread.is_alive()
            or self.value(
                "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s", pid
            )
        )
        self.assertTrue(thread.is_alive(), f"did not wait: {outcome}")

        def result():
            thread.join(PATIENCE)
            if "error" in outcome:
                raise outcome["error"]
            return outcome["value"]

        return result

    def pooler(self, user):
        """A PgBouncer in transaction mode; returns the folder of its socket, which has the port 6432."""
        program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
        if not program:
            self.assertNotIn("CI", os.environ, "pgbouncer is not installed")
            self.skipTest("pgbouncer is not installed; run: scripts/setup --tests")
        home = tempfile.mkdtemp(prefix="larkspur-pool-", dir="/tmp")
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        os.chmod(home, 0o777)
        pathlib.Path(home, "users").write_text(f'"{user}" ""\n')
        pathlib.Path(home, "ini").write_text(
            f"[databases]\nlarkspur = host={Shared.server.home}\n[pgbouncer]\npool_mode = transaction\nauth_type = trust\n"
            f"auth_file = {home}/users\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = {home}\n"
            f"ignore_startup_parameters = options,statement_timeout\ndefault_pool_size = 2\n"
        )
        with open(os.path.join(home, "log"), "wb") as log:
            process = subprocess.Popen(
                [program, os.path.join(home, "ini")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **Shared.server._user,
            )
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)
        self.wait(lambda: os.path.exists(os.path.join(home, ".s.PGSQL.6432")))
        return home

    def wait(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, "waited for nothing")
            time.sleep(0.005)


class Run:
    """A worker as far as the protocol goes."""

    def __init__(self, case, number, on):
        self.case, self.number, self.on = case, number, on
        self.beat = self.calls = 0
        self.since = None

    def _next(self):
        self.beat += 1
        return self.beat

    def turn(self, **doing):
        self.case.run_sql(
            "select turn(%s, %s, %s)", self.number, self._next(), json.dumps(doing), on=self.on
        )

    def claim(self, account="default", lanes="t", api="preview", **doing):
        self.calls += 1
        self.turn(
            claims=[{"id": self.calls, "account": account, "api": api, "lanes": lanes}], **doing
        )
        return self.calls

    def take(self, *accounts):
        rows = self.case.run_sql(
            "select name from take(%s, %s, %s)",
            self.number,
            self._next(),
            list(accounts),
            on=self.on,
        )
        return {name for name, in rows}

    def take_over(self, dead, *accounts, beat=None):
        rows = self.case.run_sql(
            "select name from take_over(%s, %s, %s, %s, %s)",
            self.number,
            self._next(),
            dead.number,
            beat,
            list(accounts),
            on=self.on,
        )
        return {name for name, in rows}

    def look(self, asleep=False, since=None, boot=None, boot_ms=None, direct=False):
        return self.case.run_sql(
            "select * from look(%s, %s, %s, %s, %s, %s, %s)",
            self.number,
            self._next(),
            asleep,
            since,
            boot,
            boot_ms,
            direct,
            on=self.on,
        )[0]

    def pull(self, *taken):
        rows = self.case.run_sql(
            "select snapshot, id from pull(%s, %s, %s)",
            self.number,
            self.since,
            list(taken),
            on=self.on,
        )
        self.since = rows[0][0]
        return [number for _, number in rows if number is not None]
