"""The examples, with the real programs: clients that pull, a queue, a worker.

usage: test_examples.py FOLDER [NAME…]   FOLDER holds the programs; a NAME is Python.test_order

TypeScript is compiled with `tsc`, which also checks its types.
"""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Conformance"), str(HERE / "python")]

import feishu
from programs import PATIENCE, Sandbox, ask, first_line, folder, settled
from run import Sentences

KEY = "test key"
VECTOR = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="
"""`hello world`, encrypted with that key in Feishu's documentation."""
URL = "https://tickets.example/tickets/{}"


class Backend:
    """An example with a queue of its own, a worker, and a sandbox whose members pull from it."""

    def __init__(self, command, encrypt_key):
        self.key = encrypt_key
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="larkspur-examples-"))
        for name in ("bin", "tickets"):
            (self.home / name).mkdir()
        self.queue = self.home / "queue.db"
        self.environment = {
            # A test may put a `larkspur` of its own before the real one.
            "PATH": f"{self.home / 'bin'}:{folder()}:/usr/bin:/bin",
            "HOME": str(self.home),
            "LARKSPUR_DB": str(self.queue),
            "TICKETS": str(self.home / "tickets"),
            "FEISHU_VERIFICATION_TOKEN": "v-1",
            "PORT": "0",
        }
        if encrypt_key:
            self.environment["FEISHU_ENCRYPT_KEY"] = encrypt_key
        self._started = []
        try:
            self.start(folder() / "larkspur", "init").wait(PATIENCE)
            example = self.start(*command)
            self.address = first_line(example)
            if not self.address.startswith("http://"):
                raise RuntimeError(f"the example did not start: {self.address} {self.log()}")
            options = ["--callback", f"{self.address}/callback", "--verification-token", "v-1"]
            self.sandbox = Sandbox(*options, *(["--encrypt-key", KEY] if encrypt_key else []))
            # The sandbox asks for the challenge before the first pull.
            self.post("ou_1", recorded=False, place="draft")
        except BaseException:
            self.stop()
            raise
        self.environment.update(
            LARKSPUR_BASE_URL=self.sandbox.address,
            LARKSPUR_APP_ID=self.sandbox.app,
            LARKSPUR_APP_SECRET=self.sandbox.secret,
        )

    def start(self, *words):
        with open(self.home / "log", "ab") as log:
            process = subprocess.Popen(
                words,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._started.append(process)
        return process

    def start_worker(self):
        self.start(folder() / "larkspur", "work", "--quiet")

    def log(self):
        return (self.home / "log").read_text()

    def stop(self):
        if hasattr(self, "sandbox"):
            self.sandbox.stop()
        for process in self._started:
            process.terminate()
        for process in self._started:
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()
                process.stdout.close()
        shutil.rmtree(self.home)

    @contextlib.contextmanager
    def sql(self):
        """The queue, as any other program may open it."""
        with contextlib.closing(sqlite3.connect(self.queue, timeout=PATIENCE)) as db:
            db.isolation_level = None
            yield db

    def tokens(self):
        """The previews that the queue knows."""
        with self.sql() as db:
            return [token for (token,) in db.execute("SELECT token FROM previews ORDER BY token")]

    def viewers(self, token):
        with self.sql() as db:
            query = "SELECT viewers FROM previews WHERE token = ?"
            return (db.execute(query, [token]).fetchone() or [0])[0]

    def is_idle(self):
        with self.sql() as db:
            return db.execute("SELECT count(*) FROM queue").fetchone() == (0,)

    def send(self, path, body, headers=None):
        """The status and what the example answers."""
        port = int(self.address.rsplit(":", 1)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", path, body, headers or {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def change(self, ticket, title):
        return self.send(f"/tickets/{ticket}", json.dumps({"title": title}))[0]

    def post(self, *members, ticket=1041, recorded=True, **place):
        """Posts a ticket's link: the message when all members have pulled and the queue knows it.
        On a machine that has much else to do, either may need another message."""
        for _ in range(5):
            body = {"url": URL.format(ticket), "members": members, **(place or {"chat": "oc_1"})}
            status, message = ask(self.sandbox, "POST", "/sandbox/messages", body)
            if status != 200:
                raise RuntimeError(f"the message was not posted: {message}")
            message = settled(self.sandbox, message["number"])
            if not any(member["trouble"] for member in message["members"]):
                if not recorded or self.viewers(message["token"]) == len(members):
                    return message
            if message["token"]:
                self.start(folder() / "larkspur", "forget", "--token", message["token"]).wait()
        raise AssertionError(f"not seen, or not recorded: {message} {self.log()}")


def encrypted(text):
    """By the command `openssl`, as the body of a callback."""
    iv = os.urandom(16)
    key = hashlib.sha256(KEY.encode()).hexdigest()
    words = ["openssl", "enc", "-aes-256-cbc", "-K", key, "-iv", iv.hex()]
    run = subprocess.run(words, input=text.encode(), stdout=subprocess.PIPE, check=True)
    return json.dumps({"encrypt": base64.b64encode(iv + run.stdout).decode()})


def signed(body, key=KEY):
    """The headers of a request with this body."""
    signature = hashlib.sha256(f"1796155932nonce{key}{body}".encode()).hexdigest()
    return {
        "X-Lark-Request-Timestamp": "1796155932",
        "X-Lark-Request-Nonce": "nonce",
        "X-Lark-Signature": signature,
    }


def callback(preview_token, token="v-1", event_type="url.preview.get"):
    context = {
        "url": URL.format(1041),
        "preview_token": preview_token,
        "open_message_id": "om_1",
        "open_chat_id": "oc_1",
    }
    return json.dumps(
        {
            "schema": "2.0",
            "header": {"event_id": "1", "token": token, "event_type": event_type},
            "event": {"operator": {"open_id": "ou_1"}, "host": "im_message", "context": context},
        }
    )


def eventually(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Examples:
    """What is asked of both."""

    def backend(self, encrypt_key=""):
        backend = Backend(self.command(), encrypt_key)
        self.addCleanup(backend.stop)
        self.assertEqual(backend.change(1041, "Printer on fire"), 200, backend.log())
        return backend

    def assert_titles(self, message, title):
        for member in message["members"]:
            self.assertEqual((member["title"], member["trouble"]), (title, None))

    def assert_accepted(self, backend, token, body, headers=None):
        """A callback that is answered, and recorded: at once, if the machine is not busy."""
        for _ in range(5):
            self.assertEqual(backend.send("/callback", body, headers)[0], 200)
            if token in backend.tokens():
                return
        self.fail(f"not recorded: {backend.log()}")

    def assert_shown(self, backend, title, *messages):
        """Every member of these messages sees the title in the end."""

        def members():
            for message in messages:
                path = f"/sandbox/messages/{message['number']}"
                yield from ask(backend.sandbox, "GET", path)[1]["members"]

        eventually(lambda: all(member["title"] == title for member in members()))
        self.assertEqual({member["title"] for member in members()}, {title}, backend.log())

    def test_vector(self):
        """It decrypts what Feishu's documentation has encrypted."""
        self.assertEqual(self.decrypted(VECTOR), "hello world")

    def test_change(self):
        """A change is shown to every member of three chats, and to nobody else."""
        for key in ("", KEY):
            with self.subTest(encrypt_key=key):
                backend = self.backend(key)
                self.assertEqual(backend.change(7, "No coffee"), 200)
                backend.start_worker()
                # Else these two asks could refresh what is posted below.
                self.assertTrue(eventually(backend.is_idle), backend.log())
                chats = [
                    backend.post("ou_1", "ou_2", chat="oc_1"),
                    backend.post("ou_2", "ou_3", "ou_4", chat="oc_2"),
                    backend.post("ou_5", chat="oc_3"),
                ]
                other = backend.post("ou_1", ticket=7)
                for message in chats:
                    self.assert_titles(message, "#1041 Printer on fire")
                self.assert_titles(other, "#7 No coffee")
                self.assertEqual(backend.change(1041, "Fire is out"), 200)
                self.assert_shown(backend, "#1041 Fire is out", *chats)
                self.assertTrue(eventually(backend.is_idle), backend.log())
                pulls = [
                    member["pulls"]
                    for message in [*chats, other]
                    for member in settled(backend.sandbox, message["number"])["members"]
                ]
                self.assertEqual(pulls, [2, 2, 2, 2, 2, 2, 1])

    def test_refused(self):
        """What is not signed over the bytes that were sent, or has another token, is refused."""
        backend = self.backend(KEY)

        def status(body, headers):
            return backend.send("/callback", body, headers)[0]

        body = encrypted(callback("accepted"))
        self.assert_accepted(backend, "accepted", body, signed(body))
        # As neither language would write it.
        spaced = encrypted(callback("spaced")).replace(":", " :  ") + "\n"
        self.assert_accepted(backend, "spaced", spaced, signed(spaced))
        bad = encrypted(callback("refused"))
        padded = bad + " "
        wrong = encrypted(callback("refused", token="v-2"))
        plain = callback("refused")
        for what, body, headers in (
            ("another key", bad, signed(bad, "another key")),
            ("no signature", bad, {}),
            ("an empty signature", bad, {**signed(bad), "X-Lark-Signature": ""}),
            ("another body", padded, signed(bad)),
            ("another timestamp", bad, {**signed(bad), "X-Lark-Request-Timestamp": "0"}),
            ("another token", wrong, signed(wrong)),
            ("not encrypted", plain, signed(plain)),
            ("not encrypted with this key", VECTOR, signed(VECTOR)),
            ("nothing", "", signed("")),
        ):
            with self.subTest(what):
                self.assertEqual(status(body, headers), 401)
        self.assertEqual(backend.tokens(), ["accepted", "spaced"])

    def test_refused_without_key(self):
        """Without an Encrypt Key, a callback with another verification token is refused."""
        backend = self.backend()
        self.assert_accepted(backend, "accepted", callback("accepted"))
        self.assertEqual(backend.send("/callback", callback("refused", token="v-2"))[0], 401)
        self.assertEqual(backend.tokens(), ["accepted"])

    def test_challenge(self):
        """A challenge is echoed if it has the right token, and other callbacks are let pass."""
        for key, seal in (("", str), (KEY, encrypted)):
            with self.subTest(encrypt_key=key):
                backend = self.backend(key)
                challenge = {"type": "url_verification", "challenge": "c", "token": "v-1"}
                answer = backend.send("/callback", seal(json.dumps(challenge)))
                self.assertEqual(answer, (200, {"challenge": "c"}))
                challenge["token"] = "v-2"
                answer = backend.send("/callback", seal(json.dumps(challenge)))
                self.assertEqual(answer[0], 401)
                body = seal(callback("w1", event_type="card.action.trigger"))
                self.assertEqual(backend.send("/callback", body, signed(body)), (200, {}))
                self.assertEqual(backend.tokens(), [])

    def test_places(self):
        """A draft is answered and not recorded; a signature, which has no chat, is recorded."""
        backend = self.backend()
        draft = backend.post("ou_1", recorded=False, place="draft")
        self.assert_titles(draft, "#1041 Printer on fire")
        self.assertEqual(backend.tokens(), [])
        signature = backend.post("ou_1", place="signature")
        self.assert_titles(signature, "#1041 Printer on fire")
        self.assertEqual(backend.tokens(), [signature["token"]])

    def test_locked(self):
        """A queue that another program has locked delays no answer; the next look is recorded."""
        backend = self.backend()
        with backend.sql() as db:
            db.execute("BEGIN IMMEDIATE")
            # The sandbox takes no answer that comes after 3 s.
            message = backend.post("ou_1", "ou_2", recorded=False)
            self.assert_titles(message, "#1041 Printer on fire")
            db.execute("ROLLBACK")
        self.assertIn("not recorded", backend.log())
        self.assertEqual(backend.tokens(), [])
        token = backend.post("ou_1")["token"]
        self.assertEqual(backend.tokens(), [token])

    def test_order(self):
        """A change that is made before the sighting is recorded is in the answer."""
        backend = self.backend()
        self.change_while_recording(backend, "Fire is out")
        self.assert_titles(backend.post("ou_1"), "#1041 Fire is out")

    def test_failed_ask(self):
        """A change that cannot be asked for is reported, and repeating it puts things right."""
        backend = self.backend()
        backend.start_worker()
        self.assertTrue(eventually(backend.is_idle), backend.log())
        message = backend.post("ou_1")
        with backend.sql() as db:
            db.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON ask BEGIN SELECT raise(abort, 'no'); END"
            )
            self.assertGreaterEqual(backend.change(1041, "Fire is out"), 500)
            self.check_failed_ask(backend)
            db.execute("DROP TRIGGER broken")
        self.assertEqual(backend.change(1041, "Fire is out"), 200)
        self.assert_shown(backend, "#1041 Fire is out", message)


class Python(Examples, unittest.TestCase):
    def command(self):
        return [sys.executable, "-B", HERE / "python" / "backend.py"]

    def decrypted(self, text):
        return feishu.decrypted(text, KEY).decode()

    def change_while_recording(self, backend, title):
        with backend.sql() as db:
            db.execute(
                "CREATE TRIGGER meanwhile INSTEAD OF INSERT ON sighting"
                f" BEGIN UPDATE app_ticket SET title = '{title}'; END"
            )

    def check_failed_ask(self, backend):
        # The ticket and the ask are one transaction.
        self.assert_titles(backend.post("ou_1"), "#1041 Printer on fire")


class TypeScript(Examples, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = tempfile.mkdtemp(prefix="larkspur-examples-")
        cls.addClassCleanup(shutil.rmtree, cls.built)
        words = ["tsc", "--project", HERE / "typescript", "--outDir", cls.built]
        run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if run.returncode != 0:
            raise RuntimeError(f"tsc: {run.stdout}")
        cls.node = shutil.which("node")

    def command(self):
        return [self.node, f"{self.built}/backend.js"]

    def decrypted(self, text):
        script = "console.log(require(process.argv[1]).decrypted(...process.argv.slice(2)))"
        words = [self.node, "-e", script, f"{self.built}/feishu.js", text, KEY]
        return subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout.strip()

    def change_while_recording(self, backend, title):
        real = folder() / "larkspur"
        command = backend.home / "bin" / "larkspur"
        command.write_text(
            "#!/bin/sh\n"
            f'[ "$1" != saw ] || printf %s "{title}" >"$TICKETS/1041"\n'
            f'exec "{real}" "$@"\n'
        )
        command.chmod(0o755)

    def check_failed_ask(self, backend):
        # The ticket was written first.
        self.assert_titles(backend.post("ou_1"), "#1041 Fire is out")


def main(programs, *names):
    os.environ["LARKSPUR_PROGRAMS"] = str(pathlib.Path(programs).resolve())
    begun = time.monotonic()
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(names or ["Python", "TypeScript"], module)
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Sentences, verbosity=0)
    result = runner.run(suite)
    print(f"\n{result.testsRun} tests of the examples, {time.monotonic() - begun:.0f} s")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
