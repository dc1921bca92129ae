"""A PostgreSQL server for one test run: a new folder, a Unix socket, no network, no trace afterwards."""

import ctypes
import glob
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg2

PATIENCE = 60
"""Seconds; only a broken server needs this long."""
MIGRATIONS = pathlib.Path(__file__).resolve().parent.parent.parent / "migrations"
OWNER = "larkspur_owner"


def programs():
    """The folder with `initdb` and `postgres`; None if there is none. Debian keeps them out of PATH."""
    in_path = shutil.which("postgres")
    folders = [os.path.dirname(os.path.realpath(in_path))] if in_path else []
    installed = glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin")
    folders += sorted(
        installed, key=lambda path: [int(n) for n in re.findall(r"\d+", path)], reverse=True
    )
    for folder in folders:
        if all(os.access(os.path.join(folder, name), os.X_OK) for name in ("initdb", "postgres")):
            return pathlib.Path(folder)
    return None


def _end_with_parent():
    # A killed test run must not leave a server behind. It is asked for after the change of user, which would undo it.
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


class Server:
    """`keep_safe` makes it write to the disk as a real server does; only measurements need that."""

    def __init__(self, keep_safe=False):
        # Short, because the path of a socket has at most 107 bytes.
        self.home = tempfile.mkdtemp(prefix="larkspur-pg-", dir="/tmp")
        self.process = None
        self._user = {}
        try:
            if os.geteuid() == 0:
                # PostgreSQL refuses to run as root.
                nobody = pwd.getpwnam("nobody")
                os.chown(self.home, nobody.pw_uid, nobody.pw_gid)
                self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            data = os.path.join(self.home, "data")
            self._run(
                programs() / "initdb",
                "--pgdata",
                data,
                "--username",
                OWNER,
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
                "--locale",
                "C.UTF-8",
                "--no-sync",
            )
            settings = {
                "listen_addresses": "",
                "unix_socket_directories": self.home,
                "unix_socket_permissions": "0700" if not self._user else "0777",
                "fsync": "on" if keep_safe else "off",
                # Tests count dead rows and bytes of the log, so nothing else may touch them.
                "autovacuum": "off",
                "wal_level": "minimal",
                "max_wal_senders": "0",
                "deadlock_timeout": "200ms",
            }
            self._settings = [word for item in settings.items() for word in ("-c", "=".join(item))]
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        self._log = open(os.path.join(self.home, "log"), "ab")
        self.process = subprocess.Popen(
            [programs() / "postgres", "-D", os.path.join(self.home, "data"), *self._settings],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            cwd=self.home,
            env=self._environment(),
            preexec_fn=_end_with_parent,
            **self._user,
        )
        self._wait()

    def restart(self):
        """As an administrator does: sessions end at once."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self._log.close()
        self._start()

    def _environment(self):
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _run(self, *words):
        run = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            cwd=self.home,
            env=self._environment(),
            **self._user,
        )
        if run.returncode:
            raise RuntimeError(f"{words[0]}: exit {run.returncode}: {run.stdout}")

    def _wait(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.connect(database="postgres").close()
                return
            except psycopg2.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL does not start: {error}{self.log()}") from error
            time.sleep(0.02)

    def log(self):
        with open(os.path.join(self.home, "log"), errors="replace") as log:
            return log.read()

    def connect(self, user=OWNER, database="larkspur", **options):
        """A session in autocommit; `with` does not end it."""
        connection = psycopg2.connect(
            host=self.home,
            dbname=database,
            user=user,
            connect_timeout=PATIENCE,
            options=f"-c search_path=larkspur -c statement_timeout={PATIENCE}s",
            **options,
        )
        connection.autocommit = True
        return connection

    def create_queue(self, database="larkspur"):
        """What `larkspur init` does: every file in a transaction of its own, then the roles."""
        admin = self.connect(database="postgres")
        admin.cursor().execute(f"create database {database}")
        admin.close()
        connection = self.connect(database=database)
        folder = MIGRATIONS / "postgresql"
        for path in [*sorted(folder.glob("0*.sql")), folder / "roles.sql"]:
            connection.cursor().execute("begin;" + path.read_text() + "commit;")
        connection.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            # SIGINT ends the sessions, SIGQUIT does not wait for anything.
            for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                self.process.send_signal(sign)
                try:
                    self.process.wait(10)
                    break
                except subprocess.TimeoutExpired:
                    continue
        shutil.rmtree(self.home, ignore_errors=True)
