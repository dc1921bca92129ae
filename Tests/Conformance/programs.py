"""The programs that are judged: started, watched and ended."""

import http.client
import itertools
import json
import os
import pathlib
import re
import selectors
import shutil
import subprocess
import tempfile
import time

PATIENCE = 60
"""Seconds; only a broken program makes anybody wait so long."""

_numbers = itertools.count(1)


def folder():
    """Where the programs are; run.py sets it."""
    return pathlib.Path(os.environ["LARKSPUR_PROGRAMS"])


def first_line(process):
    """What it prints first, or that it printed nothing."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(PATIENCE):
            return f"nothing was heard of it for {PATIENCE} s"
    return process.stdout.readline().strip()


class Sandbox:
    """A local Feishu with an app of its own, and the record of what it was asked."""

    started = []
    """The options of every one, and what stood in its record when it ended."""

    def __init__(self, *options, own_app=True):
        # The official client keeps access tokens by app id, for the whole process.
        self.app = f"cli_{next(_numbers)}"
        self.secret = "sandbox"
        if own_app and "--app" not in options:
            options = ("--app", f"{self.app}:{self.secret}", *options)
        self.home = tempfile.mkdtemp(prefix="larkspur-conformance-")
        self.record = os.path.join(self.home, "record.jsonl")
        self._read = 0
        self._lines = []
        self.options = ["--record", self.record, "--exit-with-parent", *options]
        Sandbox.started.append(self)
        self.process = subprocess.Popen(
            [folder() / "larkspur-sandbox", *self.options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.address = first_line(self.process)
        if not re.fullmatch(r"http://127\.0\.0\.1:\d+", self.address):
            self.stop()
            raise RuntimeError(f"the sandbox did not start: {self.address}")

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def lines(self):
        """The record so far. A line is written before its answer leaves."""
        if self._read is not None:
            with open(self.record, "rb") as record:
                record.seek(self._read)
                whole = record.read().rpartition(b"\n")[0]
            if whole:
                self._read += len(whole) + 1
                self._lines += [json.loads(line) for line in whole.split(b"\n")]
        return self._lines

    def line(self, log_id):
        """The record's line about the request that was answered with this log id."""
        return next(line for line in self.lines() if line["log_id"] == log_id)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        try:
            if os.path.exists(self.record):
                self.lines()
        finally:
            self._read = None
            shutil.rmtree(self.home)


def ask(sandbox, method, path, body=None):
    """What the sandbox's own API answers: the status and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=60)
    try:
        connection.request(method, path, json.dumps(body) if body else None)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def settled(sandbox, number):
    """The message when none of its members waits for a pull any more."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        message = ask(sandbox, "GET", f"/sandbox/messages/{number}")[1]
        if not any(member["waiting"] for member in message["members"]):
            return message
        time.sleep(0.01)
    raise RuntimeError("a pull did not end")


def complaint(*words):
    """What the sandbox says to options that it cannot start with."""
    run = subprocess.run(
        [folder() / "larkspur-sandbox", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    return run.stdout


def larkspur(sandbox, app, secret, commands, person=None, more=None, ends=0):
    """Has Larkspur do these commands on a new queue, which is then thrown away. A command that ends
    in `-` is given the word after it to read; `person` is a person's access token, and `more` is
    added to the environment, which names no app if `app` is None. All end with `ends`."""
    with tempfile.TemporaryDirectory(prefix="larkspur-conformance-") as home:
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": home,
            "LARKSPUR_DB": os.path.join(home, "queue.db"),
            "LARKSPUR_BASE_URL": sandbox.address,
            "LARKSPUR_APP_ID": app,
            "LARKSPUR_APP_SECRET": secret,
        }
        if app is None:
            for name in ("BASE_URL", "APP_ID", "APP_SECRET"):
                del environment["LARKSPUR_" + name]
        environment.update(more or {})
        if person:
            token = os.path.join(home, "token")
            with open(token, "w", encoding="utf-8") as file:
                file.write(person + "\n")
            environment["LARKSPUR_USER_ACCESS_TOKEN_FILE"] = token
        for command in commands:
            *command, text = command if command[-2:-1] == ["-"] else [*command, ""]
            run = subprocess.run(
                [folder() / "larkspur", *command],
                env=environment,
                input=text,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE,
            )
            if run.returncode != ends:
                raise RuntimeError(
                    f"larkspur {' '.join(command)}: exit {run.returncode}: {run.stdout}"
                )


def sleep_until(moment):
    """Until `time.monotonic()` is there."""
    time.sleep(max(0.0, moment - time.monotonic()))
