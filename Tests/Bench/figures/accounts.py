"""Many accounts on one machine, each with a budget of its own: how much of it is used, and at what cost."""

import collections
import json
import threading
import time

from measuring import Figure, Spread
from programs import Process, Sandbox, open_queue, wait_until

ACCOUNTS = 200
CALLS_PER_SECOND = 5
TOKENS_PER_CALL = 10


def measure(run):
    seconds = 8 if run.quick else 30
    apps = [f"cli_{number}" for number in range(ACCOUNTS)]
    queue = run.folder() / "queue.db"
    run.larkspur(queue, "enqueue", "preview", "--from", "-")
    options = [word for app in apps for word in ("--app", f"{app}:sandbox")]
    with Sandbox(run, "--latency", "20ms", *options) as sandbox:
        config = configure(run, sandbox, apps)
        environment = run.environment(queue) | {"LARKSPUR_CONFIG": str(config), "SECRET": "sandbox"}
        with (
            Asker(queue),
            Process([run.programs / "larkspur-work", "--quiet"], environment) as worker,
        ):
            # The first second is a burst by design: every budget is full.
            if not wait_until(lambda: all_have_begun(sandbox)):
                raise RuntimeError("not every account was served")
            time.sleep(2)
            began, spent = time.monotonic(), worker.processor_seconds()
            from_ = sandbox_clock(sandbox)
            time.sleep(seconds)
            to = sandbox_clock(sandbox)
            processor = (worker.processor_seconds() - spent) / (time.monotonic() - began)
            memory = worker.resident_megabytes()
        lines = calls(sandbox)
    refused = [line for line in lines if line["verdict"] != "ok"]
    within = [line for line in lines if from_ <= line["arrived_us"] < to]
    span = (to - from_) / 1e6
    used = collections.Counter(line["app"] for line in within)
    shares = [used[app] / (CALLS_PER_SECOND * span) for app in apps]
    tokens = sum(len(line["preview_tokens"]) for line in within)
    share = sum(shares) / len(shares)
    return [
        Figure(
            f"{ACCOUNTS} accounts with {CALLS_PER_SECOND} calls/s each, 20 ms answers",
            f"{len(within) / span:,.0f} calls/s, {tokens / span:,.0f} token refreshes/s; "
            f"{processor:.0%} of a core, {memory:.0f} MB",
            f"the budgets: {ACCOUNTS * CALLS_PER_SECOND:,} calls/s",
            Spread(share, min(shares), max(shares), len(shares)),
            "≥ 0.98",
            share >= 0.98,
            {"processor": processor, "resident_mb": memory, "seconds": span, "shares": shares},
        ),
        Figure(
            "… calls that were refused",
            str(len(refused)),
            goal="0",
            met=not refused,
            details={"verdicts": collections.Counter(line["verdict"] for line in refused)},
        ),
    ]


class Asker(threading.Thread):
    """Asks by plain SQL, for each account in turn, for a little more than the budgets let through: many
    small transactions, as of a crowd of programs."""

    PAUSE = 0.05
    AHEAD = 20_000
    """Asks that are there at the beginning, so that no account ever waits for work."""

    def __init__(self, queue):
        super().__init__()
        self.queue = queue
        self.asked = 0
        self.is_over = threading.Event()

    def __enter__(self):
        self.ask(self.AHEAD)
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()

    def run(self):
        began = time.monotonic()
        while not self.is_over.wait(self.PAUSE):
            due = self.AHEAD + (time.monotonic() - began) * self.each_second()
            self.ask(int(due) - self.asked)

    @staticmethod
    def each_second():
        return ACCOUNTS * CALLS_PER_SECOND * TOKENS_PER_CALL

    def ask(self, count):
        db = open_queue(self.queue)
        with db:
            db.execute(
                """
                with recursive number(n) as (select ?1 union all select n + 1 from number where n < ?2)
                insert into ask (account, kind, lane, body)
                select 'a' || (n % ?3), 'preview', 'token-' || n, '{"everyone":true}' from number
                """,
                (self.asked, self.asked + count - 1, ACCOUNTS),
            )
        db.close()
        self.asked += count


def configure(run, sandbox, apps):
    accounts = {
        f"a{number}": {"host": sandbox.address, "app_id": app, "app_secret_env": "SECRET"}
        for number, app in enumerate(apps)
    }
    path = run.folder() / "config.json"
    path.write_text(json.dumps({"accounts": accounts}), encoding="utf-8")
    return path


def calls(sandbox):
    return [line for line in sandbox.lines() if line["path"].endswith("/url_previews/batch_update")]


def all_have_begun(sandbox):
    return len({line["app"] for line in calls(sandbox)}) == ACCOUNTS


def sandbox_clock(sandbox):
    """The newest moment in the record: what comes later has not arrived yet."""
    return max(line["arrived_us"] for line in calls(sandbox))
