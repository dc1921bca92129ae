"""Who keeps the previews fresh: Larkspur, and what a user would pick instead. Each is started in a
folder of its own, against a sandbox of its own, and is asked through its own way in."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys

from programs import APP, PATIENCE, Process, open_queue, wait_until

PEERS = pathlib.Path(__file__).parent / "peers"

sys.path.append(str(PEERS))


class Larkspur:
    """`larkspur work`, asked by plain SQL."""

    name = "Larkspur"
    quiet = 25
    """Seconds for which it may keep back what it still has to send: a call that was under way when it
    was killed may be executed for ten, and its tokens wait for five more."""

    def __init__(self, run, sandbox, *options):
        self.run = run
        self.sandbox = sandbox
        self.options = options
        self.queue = run.folder() / "queue.db"
        self.processes = []
        self._connection = None

    def start(self):
        """Starts one more."""
        self.processes.append(
            Process(
                [self.run.programs / "larkspur-work", "--quiet", *self.options],
                self.run.environment(self.queue, self.sandbox),
            )
        )

    def await_start(self):
        """Until all that were started are there."""
        if not wait_until(self._is_made):
            raise RuntimeError("no queue was made")

    def _is_made(self):
        if not self.queue.exists():
            return False
        with contextlib.closing(open_queue(self.queue)) as connection:
            views = connection.execute("select 1 from sqlite_master where name = 'stats'")
            return bool(views.fetchone())

    def ask(self, *asks):
        """All in one transaction."""
        if not self._connection:
            self._connection = open_queue(self.queue)
        rows = [
            (ask.token, json.dumps({"open_ids": ask.people} if ask.people else {"everyone": True}))
            for ask in asks
        ]
        with self._connection:
            self._connection.executemany("insert into ask (lane, body) values (?, ?)", rows)

    def is_over(self, outcome):
        """Whether it has done all it knows of; `outcome` works out what became of the asks."""
        return not outcome().lost

    def no_more(self):
        """Nobody asks any more."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def kill(self):
        for process in self.processes:
            process.kill()
            process.stop()
        self.processes = []

    def stop(self):
        for process in self.processes:
            process.stop()


class Peer:
    """A script of the folder `peers`. It logs in before it takes the first ask."""

    quiet = 7

    def __init__(self, run, sandbox):
        self.sandbox = sandbox
        self.folder = run.folder()
        self.processes = []
        self.started = 0
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.folder),
            "FEISHU_BASE_URL": sandbox.address,
            "FEISHU_APP_ID": APP[0],
            "FEISHU_APP_SECRET": APP[1],
        }

    def start(self):
        self.started += 1
        self.processes.append(self._process())

    def await_start(self):
        if not wait_until(lambda: self._logins() >= self.started):
            raise RuntimeError(f"{self.name} did not start")

    def _logins(self):
        return sum(line["preview_tokens"] is None for line in self.sandbox.lines())

    def _run(self, *words, given=subprocess.DEVNULL):
        return Process(
            [sys.executable, "-B", PEERS / self.script, *words], self.environment, given=given
        )

    def kill(self):
        for process in self.processes:
            process.kill()
            process.stop()
        self.processes = []

    def no_more(self):
        pass

    def stop(self):
        self.kill()


class Script(Peer):
    """It keeps the asks in its memory. They come to it as lines; two of them get every other one."""

    def __init__(self, run, sandbox):
        super().__init__(run, sandbox)
        self.turn = 0
        self.listening = []

    def _process(self):
        return self._run(given=subprocess.PIPE)

    def await_start(self):
        super().await_start()
        self.listening = list(self.processes)

    def kill(self):
        self.listening = []
        super().kill()

    def ask(self, *asks):
        """Asks again for as long as nobody listens."""
        lines = "".join(
            json.dumps({"token": ask.token, "people": ask.people}) + "\n" for ask in asks
        )
        self.turn += 1

        def is_heard():
            listening = self.listening
            if not listening:
                return False
            pipe = listening[self.turn % len(listening)].process.stdin
            try:
                pipe.write(lines)
                pipe.flush()
            except (OSError, ValueError):
                # It has just been killed, and its pipe closed.
                return False
            return True

        if not wait_until(is_heard, PATIENCE):
            raise RuntimeError(f"{self.name} does not listen")

    def no_more(self):
        for process in self.processes:
            process.process.stdin.close()

    def is_over(self, outcome):
        """It ends when it has done all it knows of."""
        return all(process.process.poll() is not None for process in self.processes)


class PlainLoop(Script):
    name = "plain loop"
    script = "plain_loop.py"


class Careful(Script):
    name = "careful script"
    script = "careful.py"


class Queue(Peer):
    """It keeps the asks in a file."""

    module = ""

    def __init__(self, run, sandbox):
        super().__init__(run, sandbox)
        self._asker = None

    @property
    def script(self):
        return self.module + ".py"

    def _process(self):
        return self._run(self.folder)

    def ask(self, *asks):
        if not self._asker:
            self._asker = __import__(self.module).asker(str(self.folder))
        for ask in asks:
            self._asker(ask.token, list(ask.people))

    def is_over(self, outcome):
        """Each ask is a call of its own."""
        return not outcome().lost and outcome().accepted >= outcome().asks


class Huey(Queue):
    name = "huey"
    module = "huey_queue"


class Litequeue(Queue):
    name = "litequeue"
    module = "litequeue_queue"


class PersistQueue(Queue):
    name = "persist-queue"
    module = "persist_queue"
