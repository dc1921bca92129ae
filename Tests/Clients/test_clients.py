"""Programs in five languages that use the queue's file, with a real worker and a local Feishu.

usage: test_clients.py FOLDER [NAME…]   FOLDER holds the programs; a NAME is Go or Go.test_crowd

A language that is not installed is skipped by name. The program of each language takes a command
and the queue's path:

  settings PATH                    prints PRAGMA synchronous and busy_timeout
  ask PATH KIND LANE BODY          prints the number of the ask
  saw PATH TOKEN KEY               records a sighting as in a callback; prints how long it took
  change PATH TICKET TITLE BODY    changes a ticket and asks by its key, in one transaction
  wait PATH NUMBER SECONDS         prints how the ask ended, or `open`
  crowd PATH NAME COUNT            makes COUNT asks, waits, and prints how many were delivered

If SQLite refuses something, the program prints the reason on standard error and exits with 1.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PAGES = HERE.parent.parent / "Documentation"
sys.path[:0] = [str(HERE.parent / "Conformance"), str(HERE / "python")]

import larkspur_queue
import outbox
from programs import PATIENCE, Sandbox, folder
from run import Sentences

EVERYONE = '{"everyone":true}'
CALLS_PER_SECOND = 50
"""More than Feishu grants, so that a crowd does not wait for the rate limit."""
CROWD, EACH = 8, 50
DRIVER_FOR_JAVA = pathlib.Path("/usr/share/java/sqlite-jdbc.jar")
"""Where Debian has it."""
GO_SOURCES = pathlib.Path("/usr/share/gocode")


def output(words, **options):
    """What a command prints, or its whole output as an error."""
    run = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=4 * PATIENCE,
        **options,
    )
    if run.returncode:
        raise RuntimeError(f"{words[0]}: exit {run.returncode}: {run.stdout}")
    return run.stdout


class Place:
    """A folder with a queue, a sandbox, and a worker that delivers to it."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="larkspur-clients-"))
        self.queue = self.home / "queue 100%.db"
        self.sandbox = self.worker = None
        try:
            limit = ["--calls-per-second", str(CALLS_PER_SECOND)]
            self.sandbox = Sandbox(*limit)
            account = {
                "host": self.sandbox.address,
                "app_id": self.sandbox.app,
                "app_secret_env": "SECRET",
                "calls_per_second": CALLS_PER_SECOND,
            }
            config = self.home / "config.json"
            config.write_text(json.dumps({"accounts": {"default": account}}))
            self.environment = {
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.home),
                "LARKSPUR_DB": str(self.queue),
                "LARKSPUR_CONFIG": str(config),
                "SECRET": self.sandbox.secret,
            }
            output([folder() / "larkspur", "init"], env=self.environment)
            with open(self.home / "log", "wb") as log:
                self.worker = subprocess.Popen(
                    [folder() / "larkspur-work"],
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.worker:
            end(self.worker)
        if self.sandbox:
            self.sandbox.stop()
        shutil.rmtree(self.home)

    def log(self):
        return (self.home / "log").read_text()

    @contextlib.contextmanager
    def sql(self):
        with contextlib.closing(sqlite3.connect(self.queue, timeout=PATIENCE)) as db:
            db.isolation_level = None
            yield db

    def rows(self, query, *values):
        with self.sql() as db:
            return db.execute(query, values).fetchall()

    def refreshed(self):
        """Every token that the sandbox was told to refresh."""
        return [
            token
            for line in self.sandbox.lines()
            if line["path"].endswith("/url_previews/batch_update")
            for token in json.loads(line["body"])["preview_tokens"]
        ]


def end(process):
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Client:
    """What is asked of every language. A subclass has `built(folder)`: the words that start it."""

    @classmethod
    def setUpClass(cls):
        built = tempfile.mkdtemp(prefix="larkspur-clients-")
        cls.addClassCleanup(shutil.rmtree, built)
        cls.words = cls.built(pathlib.Path(built))
        cls.place = Place()
        cls.addClassCleanup(cls.place.stop)
        with cls.place.sql() as db:
            db.execute("CREATE TABLE app_ticket (id TEXT PRIMARY KEY, title TEXT NOT NULL) STRICT")

    def start(self, command, path, *words):
        return subprocess.Popen(
            [*self.words, command, path, *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self, process):
        """The exit code and what was printed on standard output and on standard error."""
        try:
            printed, complaint = process.communicate(timeout=2 * PATIENCE)
        finally:
            process.kill()
        return process.returncode, printed.strip(), complaint.strip()

    def run_client(self, command, *words, path=None):
        return self.ended(self.start(command, path or self.place.queue, *words))

    def does(self, command, *words):
        """What the command prints. It must succeed."""
        code, printed, complaint = self.run_client(command, *words)
        self.assertEqual((code, complaint), (0, ""), self.place.log())
        return printed

    def titles(self):
        return dict(self.place.rows("SELECT id, title FROM app_ticket"))

    def test_missing(self):
        """A queue that is not there is an error, and no file appears."""
        with tempfile.TemporaryDirectory(prefix="larkspur-clients-") as home:
            path = pathlib.Path(home, "missing.db")
            code, printed, complaint = self.run_client("ask", "preview", "t", EVERYONE, path=path)
            self.assertEqual((code, printed), (1, ""))
            self.assertRegex(complaint, r"(?i)unable to open")
            self.assertEqual(os.listdir(home), [])

    def test_settings(self):
        """Commits are on disk when they return, and a lock is waited for."""
        self.assertEqual(self.does("settings"), "2 10000")

    def test_ask(self):
        """An ask is delivered."""
        number = self.does("ask", "preview", "one", '{"open_ids":["ou_1","ou_2"]}')
        self.assertEqual(self.does("wait", number, PATIENCE), "delivered", self.place.log())
        self.assertIn("one", self.place.refreshed())
        self.assertEqual(
            self.place.rows("SELECT kind, lane, outcome FROM ask WHERE id = ?", number),
            [("preview", "one", "delivered")],
        )

    def test_wait(self):
        """An ask that waits is open, one that Feishu refuses is dead, and a deleted one is gone."""
        with self.place.sql() as db:
            query = "INSERT INTO ask (lane, body, after_ms) VALUES ('later', ?, 3600000)"
            number = db.execute(query, (EVERYONE,)).lastrowid
        self.assertEqual(self.does("wait", number, 0.1), "open")
        self.place.rows("DELETE FROM ask WHERE id = ?", number)
        self.assertEqual(self.does("wait", number, PATIENCE), "gone")
        number = self.does("ask", "preview", "bad_token_1", EVERYONE)
        self.assertEqual(self.does("wait", number, PATIENCE), "dead", self.place.log())

    def test_sighting(self):
        """A preview that was seen is refreshed by its key."""
        self.assertRegex(self.does("saw", "seen-1", "build-7"), r"^\d+ ms, recorded$")
        self.assertRegex(self.does("saw", "seen-2", "build-7"), r"^\d+ ms, recorded$")
        number = self.does("ask", "key", "build-7", EVERYONE)
        self.assertEqual(self.does("wait", number, PATIENCE), "delivered", self.place.log())
        self.assertLessEqual({"seen-1", "seen-2"}, set(self.place.refreshed()))

    def test_locked(self):
        """In a callback, a queue that another program has locked is given up after 0.2 s."""
        with self.place.sql() as db:
            db.execute("BEGIN IMMEDIATE")
            answer = self.does("saw", "seen-3", "build-8")
            db.execute("ROLLBACK")
        found = re.match(r"(\d+) ms, not recorded: .*database is locked", answer)
        self.assertTrue(found, answer)
        # Less than 3 s is what counts. A busy machine may take far more than 0.2 s.
        self.assertTrue(190 <= int(found[1]) < 2500, answer)
        self.assertEqual(self.place.rows("SELECT * FROM previews WHERE token = 'seen-3'"), [])

    def test_refused(self):
        """An ask that a rule of the queue refuses gives the rule's sentence."""
        code, printed, complaint = self.run_client("ask", "preview", "two", '{"open_ids":[]}')
        self.assertEqual((code, printed), (1, ""))
        self.assertIn("open_ids is empty; for the whole chat", complaint)

    def test_transaction(self):
        """A table of one's own and an ask: both are changed, or neither is."""
        number = self.does("change", "7", "Printer on fire", EVERYONE)
        self.assertEqual(self.titles()["7"], "Printer on fire")
        self.assertEqual(self.does("wait", number, PATIENCE), "delivered", self.place.log())
        asks = self.place.rows("SELECT count(*) FROM ask WHERE lane = 'ticket-7'")
        code, printed, complaint = self.run_client("change", "7", "Fire is out", "{}")
        self.assertEqual((code, printed), (1, ""))
        self.assertIn("everyone", complaint)
        self.assertEqual(self.titles()["7"], "Printer on fire")
        self.assertEqual(self.place.rows("SELECT count(*) FROM ask WHERE lane = 'ticket-7'"), asks)
        # The ask may be good and the change may not: here the title is missing.
        self.place.rows(
            "CREATE TRIGGER untitled BEFORE UPDATE ON app_ticket WHEN new.title = ''"
            " BEGIN SELECT raise(abort, 'a ticket needs a title'); END"
        )
        code, printed, complaint = self.run_client("change", "7", "", EVERYONE)
        self.assertEqual((code, printed), (1, ""))
        self.assertIn("a ticket needs a title", complaint)
        self.assertEqual(self.place.rows("SELECT count(*) FROM ask WHERE lane = 'ticket-7'"), asks)

    def test_crowd(self):
        """Eight processes ask at once while the worker delivers: nobody hears of a lock."""
        begun = time.monotonic()
        processes = [
            self.start("crowd", self.place.queue, f"crowd-{each}", EACH) for each in range(CROWD)
        ]
        try:
            for process in processes:
                self.assertEqual(self.ended(process), (0, str(EACH), ""), self.place.log())
        finally:
            for process in processes:
                process.kill()
                process.communicate()
        tokens = {f"crowd-{each}-{one}" for each in range(CROWD) for one in range(EACH)}
        self.assertLessEqual(tokens, set(self.place.refreshed()))
        query = "SELECT outcome, count(*) FROM ask WHERE lane GLOB 'crowd-*' GROUP BY outcome"
        self.assertEqual(self.place.rows(query), [("delivered", CROWD * EACH)])
        print(f"{type(self).__name__}: {CROWD * EACH} asks, {time.monotonic() - begun:.1f} s")

    def test_page(self):
        """The code on the language's page is what is tested here."""
        source = type(self).__name__.lower()
        files = [path.read_text() for path in sorted((HERE / source).iterdir()) if path.is_file()]
        page = (PAGES / "clients" / f"{source}.md").read_text()
        blocks = re.findall(rf"^```{self.fence}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        self.assertTrue(blocks)
        for block in blocks:
            with self.subTest(block.splitlines()[0]):
                self.assertTrue(any(is_excerpt(block, file) for file in files), block)


def is_excerpt(block, text):
    """Whether the block is in the text as whole lines, all of them indented by the same amount."""
    lines = textwrap.dedent(text).split("\n")
    wanted = block.rstrip("\n").split("\n")
    for start, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip())]
        if [indent + each if each else each for each in wanted] == lines[start : start + len(wanted)]:
            return True
    return False


class Python(Client, unittest.TestCase):
    fence = "python"

    @classmethod
    def built(cls, folder):
        return [sys.executable, "-B", HERE / "python" / "client.py"]


class Go(Client, unittest.TestCase):
    fence = "go"

    @classmethod
    def built(cls, folder):
        if not shutil.which("go"):
            raise unittest.SkipTest("Go is SKIPPED: go is not in PATH")
        driver = GO_SOURCES / "src/github.com/mattn/go-sqlite3"
        if not driver.is_dir():
            raise unittest.SkipTest(f"Go is SKIPPED: there is no {driver}")
        program = folder / "client"
        # Debian's packages are laid out as before modules, and nothing may be fetched.
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_SOURCES)}
        files = sorted((HERE / "go").glob("*.go"))
        output(["go", "vet", *files], env=environment)
        output(["go", "build", "-o", program, *files], env=environment)
        return [program]


class TypeScript(Client, unittest.TestCase):
    fence = "typescript"

    @classmethod
    def built(cls, folder):
        for program in ("node", "tsc"):
            if not shutil.which(program):
                raise unittest.SkipTest(f"TypeScript is SKIPPED: {program} is not in PATH")
        output(["tsc", "--project", HERE / "typescript", "--outDir", folder])
        version = output(["node", "--version"]).strip()
        if tuple(map(int, re.findall(r"\d+", version)[:2])) < (22, 15):
            raise unittest.SkipTest(
                f"TypeScript is SKIPPED: Node 22.15 or newer is needed, not {version}"
            )
        # In some versions it warns that it may change.
        return ["node", "--disable-warning=ExperimentalWarning", folder / "client.js"]


class PHP(Client, unittest.TestCase):
    fence = "php"

    @classmethod
    def built(cls, folder):
        if not shutil.which("php"):
            raise unittest.SkipTest("PHP is SKIPPED: php is not in PATH")
        if "pdo_sqlite" not in output(["php", "-m"]).split():
            raise unittest.SkipTest("PHP is SKIPPED: this PHP has no pdo_sqlite")
        return ["php", HERE / "php" / "client.php"]


class Java(Client, unittest.TestCase):
    fence = "java"

    @classmethod
    def built(cls, folder):
        for program in ("java", "javac"):
            if not shutil.which(program):
                raise unittest.SkipTest(f"Java is SKIPPED: {program} is not in PATH")
        if not DRIVER_FOR_JAVA.is_file():
            raise unittest.SkipTest(f"Java is SKIPPED: there is no {DRIVER_FOR_JAVA}")
        path = f"{folder}:{DRIVER_FOR_JAVA}"
        files = sorted((HERE / "java").glob("*.java"))
        output(["javac", "-cp", path, "-d", folder, *files])
        # Eight of them run at once, and each starts with as many threads as there are cores.
        return ["java", "-XX:+UseSerialGC", "-cp", path, "Client"]


class Files(unittest.TestCase):
    """What the general page says about an own database beside the queue."""

    page = PAGES / "clients.md"

    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.addClassCleanup(cls.place.stop)

    def own(self):
        """A database of the backend's own. It stands for any server too."""
        own = sqlite3.connect(self.place.home / f"{self.id()}.db")
        self.addCleanup(own.close)
        own.execute("PRAGMA journal_mode = WAL")
        own.execute(
            "CREATE TABLE ask_outbox (id INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
            " lane TEXT NOT NULL, body TEXT NOT NULL, refused TEXT)"
        )
        own.execute("CREATE TABLE ticket (id TEXT PRIMARY KEY, title TEXT NOT NULL)")
        own.commit()
        return own

    def queue(self):
        db = larkspur_queue.open_queue(self.place.queue)
        self.addCleanup(db.close)
        return db

    def outcomes(self, db, lane):
        """How all asks for the lane end."""
        numbers = db.execute("SELECT id FROM ask WHERE lane = ?", (lane,)).fetchall()
        return [larkspur_queue.wait(db, number, PATIENCE) for (number,) in numbers]

    def test_outbox(self):
        """An ask in the outbox is moved and delivered, and moving it twice does no harm."""
        own, db = self.own(), self.queue()
        batch = {
            "actions": [{"action": "delete_elements", "params": {"element_ids": ["md_1"]}}],
            "uuid": "build-1041-done",
        }
        asks = [
            ("preview", "outbox-1", EVERYONE),
            ("card", "7355439197428236291", json.dumps(batch)),
            ("session", "session_4dfunz7sp1g8m", json.dumps({"metadata": "done"})),
        ]
        for _ in range(2):
            # The second time, as after a power cut between the two commits.
            own.executemany("INSERT INTO ask_outbox (kind, lane, body) VALUES (?, ?, ?)", asks)
            own.commit()
            self.assertEqual(outbox.relay(own, db), 3)
            self.assertEqual(outbox.relay(own, db), 0)
        for _, lane, _ in asks:
            self.assertEqual(self.outcomes(db, lane), ["delivered"] * 2, self.place.log())
        applied = [
            line
            for line in self.place.sandbox.lines()
            if line["path"].endswith("/batch_update") and "/cards/" in line["path"]
            if line["code"] == 0
        ]
        self.assertEqual(len(applied), 1)

    def test_refused(self):
        """What the queue refuses stays in the outbox with the reason and holds up nothing else."""
        own, db = self.own(), self.queue()
        bad = '{"actions":[{"action":"delete_elements","params":{}}]}'
        asks = [("preview", "one", "{}"), ("card", "1", bad), ("preview", "outbox-2", EVERYONE)]
        own.executemany("INSERT INTO ask_outbox (kind, lane, body) VALUES (?, ?, ?)", asks)
        own.commit()
        self.assertEqual(outbox.relay(own, db), 3)
        self.assertEqual(outbox.relay(own, db), 0)
        self.assertEqual(self.outcomes(db, "outbox-2"), ["delivered"], self.place.log())
        left = own.execute("SELECT kind, refused FROM ask_outbox ORDER BY id").fetchall()
        self.assertEqual([kind for kind, _ in left], ["preview", "card"])
        self.assertIn("no audience", left[0][1])
        self.assertIn("action 0: delete_elements needs element_ids", left[1][1])

    def test_locked(self):
        """A queue that cannot be written takes nothing out of the outbox."""
        own = self.own()
        insert = "INSERT INTO ask_outbox (kind, lane, body) VALUES ('preview', 'outbox-3', ?)"
        own.execute(insert, (EVERYONE,))
        own.commit()
        waiting = larkspur_queue.open_queue(self.place.queue, wait_s=0.1)
        self.addCleanup(waiting.close)
        with self.place.sql() as db:
            db.execute("BEGIN IMMEDIATE")
            with self.assertRaises(sqlite3.OperationalError):
                outbox.relay(own, waiting)
            db.execute("ROLLBACK")
        self.assertEqual(outbox.relay(own, waiting), 1)

    def test_attached(self):
        """With an attached file, a refused ask undoes the change, and PRAGMAs are for each file."""
        self.own()
        db = self.queue()
        file = pathlib.Path(self.place.home, f"{self.id()}.db")
        [script] = [block for block in self.blocks("sql") if block.startswith("ATTACH")]
        script = script.replace("/var/lib/tickets/tickets.db", str(file))
        attach, rest = script.split("BEGIN IMMEDIATE;")
        db.executescript(attach)
        self.assertEqual(db.execute("PRAGMA own.synchronous").fetchone(), (2,))
        db.execute("INSERT INTO own.ticket VALUES ('1041', 'Printer on fire')")

        def title():
            return db.execute("SELECT title FROM own.ticket").fetchone()[0]

        with self.assertRaises(sqlite3.IntegrityError), larkspur_queue.transaction(db):
            db.execute("UPDATE own.ticket SET title = 'Fire is out'")
            larkspur_queue.ask(db, "key", "ticket-1041", "{}")
        self.assertEqual(title(), "Printer on fire")
        db.executescript("BEGIN IMMEDIATE;" + rest)
        self.assertEqual(title(), "Fire is out")
        self.assertEqual(self.outcomes(db, "ticket-1041"), ["delivered"], self.place.log())

    def blocks(self, fence):
        pattern = rf"^```{fence}\n(.*?)^```$"
        return re.findall(pattern, self.page.read_text(), re.MULTILINE | re.DOTALL)

    def test_page(self):
        """The page's Python is what is tested here, and its SQL for the queue runs."""
        files = [path.read_text() for path in (HERE / "python").glob("*.py")]
        for block in self.blocks("python"):
            with self.subTest(block.splitlines()[0]):
                self.assertTrue(any(is_excerpt(block, file) for file in files), block)
        with self.place.sql() as db:
            for block in self.blocks("sql"):
                if "ask_outbox" not in block and "ATTACH" not in block:
                    db.executescript(block)


LANGUAGES = ["Files", "Python", "Go", "TypeScript", "PHP", "Java"]


def main(programs, *names):
    os.environ["LARKSPUR_PROGRAMS"] = str(pathlib.Path(programs).resolve())
    begun = time.monotonic()
    module = sys.modules["__main__"]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names or LANGUAGES, module)
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Sentences, verbosity=0)
    result = runner.run(suite)
    for _, reason in result.skipped:
        print(reason)
    print(f"\n{result.testsRun} tests of the clients, {time.monotonic() - begun:.0f} s")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
