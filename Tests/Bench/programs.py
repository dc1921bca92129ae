"""Larkspur's programs and the local Feishu: started, looked at, ended by their process id."""

import contextlib
import json
import os
import pathlib
import selectors
import signal
import sqlite3
import subprocess
import time

PATIENCE = 60
"""Seconds; only a broken program makes anybody wait so long."""

APP = ("cli_sandbox", "sandbox")


class Run:
    """One run of the benchmark: where things are, and how thorough it is.

    `programs` holds the release binaries, StoreBench and PackingBench, which measure Larkspur's own
    store, and `limit`, the C program; peers run with this Python. `home` is a temporary folder for
    everything else."""

    def __init__(self, programs, root, home, quick, dice, say):
        self.programs = pathlib.Path(programs).resolve()
        self.root = pathlib.Path(root)
        self.home = pathlib.Path(home)
        self.quick = quick
        self.dice = dice
        self.say = say
        self._folders = 0

    def folder(self):
        """A new folder."""
        self._folders += 1
        path = self.home / str(self._folders)
        path.mkdir()
        return path

    def environment(self, queue, sandbox=None):
        """What Larkspur is to know, and nothing else of the surroundings."""
        known = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.home),
            "LARKSPUR_DB": str(queue),
        }
        if sandbox:
            known["LARKSPUR_BASE_URL"] = sandbox.address
            known["LARKSPUR_APP_ID"], known["LARKSPUR_APP_SECRET"] = APP
        return known

    def larkspur(self, queue, *words, given="", sandbox=None):
        """Runs a command to its end and answers what it printed."""
        larkspur = self.programs / "larkspur"
        environment = self.environment(queue, sandbox)
        return tell(larkspur, *words, environment=environment, given=given)


def tell(*words, environment=None, given=""):
    """Runs a program to its end and answers what it says."""
    done = subprocess.run(
        [str(word) for word in words],
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode != 0:
        called = " ".join([pathlib.Path(words[0]).name, *map(str, words[1:])])
        raise RuntimeError(f"{called}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def ask(*words):
    """The same for a program that answers in JSON."""
    return json.loads(tell(*words))


class Process:
    """A program that runs until it is stopped, and is gone when the benchmark is."""

    def __init__(
        self, words, environment=None, output=subprocess.DEVNULL, given=subprocess.DEVNULL
    ):
        self.process = subprocess.Popen(
            [str(word) for word in words],
            env=environment,
            stdin=given,
            stdout=output,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def wait(self, patience=PATIENCE):
        return self.process.wait(patience)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        if self.process.stdout:
            self.process.stdout.close()
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def processor_seconds(self):
        """Of its own and of the kernel for it."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def on_processor_ns(self):
        """All threads; more finely than in ticks."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
        return total

    def resident_megabytes(self):
        return self._megabytes("VmRSS:")

    def most_resident_megabytes(self):
        """The most there has been at any moment."""
        return self._megabytes("VmHWM:")

    def _megabytes(self, name):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(name):
                    return int(line.split()[1]) / 1024
        raise RuntimeError(f"the kernel does not say {name}")


class Sandbox(Process):
    """A local Feishu, and the record of what it was asked."""

    def __init__(self, run, *options):
        self.record = run.folder() / "record.jsonl"
        self._read = 0
        self._lines = []
        words = ["--app", ":".join(APP)] if "--app" not in options else []
        super().__init__(
            [
                run.programs / "larkspur-sandbox",
                "--record",
                self.record,
                "--exit-with-parent",
                *words,
                *options,
            ],
            output=subprocess.PIPE,
        )
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            heard = selector.select(PATIENCE)
        self.address = self.process.stdout.readline().strip() if heard else ""
        if not self.address.startswith("http://127.0.0.1:"):
            self.stop()
            raise RuntimeError(f"the sandbox did not start: {self.address}")

    def lines(self):
        """Its record so far. A line is written before its answer leaves."""
        with open(self.record, "rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
        if whole:
            self._read += len(whole) + 1
            self._lines += [json.loads(line) for line in whole.split(b"\n")]
        return list(self._lines)


class Worker(Process):
    """`larkspur-work`, until it is stopped."""

    def __init__(self, run, queue, sandbox, *options):
        super().__init__(
            [run.programs / "larkspur-work", *options], run.environment(queue, sandbox)
        )


def open_queue(queue):
    """A connection for looking."""
    return sqlite3.connect(queue, timeout=30)


def wait_until(condition, patience=PATIENCE, every=0.01):
    """Until it holds; says whether it did."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
