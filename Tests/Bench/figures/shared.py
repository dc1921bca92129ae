"""The shared queue, on a PostgreSQL server that writes to the disk as a real one does: enqueue as a process,
from a committed insert to its request, many accounts over three workers, an idle worker, and how long it
takes until others go on with what a worker held that was killed."""

import contextlib
import json
import pathlib
import shutil
import statistics
import sys
import threading
import time

import idling
import programs
from figures.accounts import CALLS_PER_SECOND, TOKENS_PER_CALL, calls, pace
from measuring import Figure, Spread, percentile
from programs import Process, Sandbox, wait_until

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Shared"))
import server as postgres
from server import OWNER

WORKERS = 3
PERSON = "ou_00000000000000000000000000000001"
GAP_MS = 10


def measure(run):
    if not postgres.programs() or not shutil.which("psql"):
        raise RuntimeError("PostgreSQL is not installed; run: scripts/setup --tests")
    figures = []
    for part in (_enqueue, _wire_and_idle, _budgets, _take_over):
        with server() as one:
            figures += part(run, one)
    return figures


@contextlib.contextmanager
def server():
    one = postgres.Server(keep_safe=True)
    try:
        one.create_queue()
        yield one
    finally:
        one.stop()


def _address(server):
    return f"postgresql://{OWNER}@/larkspur?host={server.home}"


def _enqueue(run, server):
    """Against psql and the sqlite3 shell with the same row."""
    file = run.folder() / "queue.db"
    run.larkspur(file, "enqueue", "preview", "first", "--open-id", PERSON)
    # `limit` puts the number of a run in place of each @.
    place = f"postgresql:///larkspur?host={server.home}&user={OWNER}"
    row = f"""insert into %sask (kind, lane, body) values ('preview', '@%s', '{{"open_ids":["{PERSON}"]}}')"""
    durably = f"pragma synchronous=full;{row % ('', 'sqlite')}"
    runners = [
        [run.programs / "larkspur", "enqueue", "preview", "@larkspur", "--open-id", PERSON],
        [shutil.which("psql"), "-qX", "-d", place, "-c", row % ("larkspur.", "psql")],
        [shutil.which("sqlite3"), "-cmd", ".timeout 10000", file, durably],
        [run.programs / "larkspur", "enqueue", "preview", "@file", "--open-id", PERSON, "--db", file],
    ]
    batches, of = (3, 10) if run.quick else (9, 40)
    medians = []
    for number in range(batches):
        out = run.folder() / "runs.json"
        words = [run.programs / "limit", "race", of, GAP_MS, out]
        for runner in runners:
            words += ["--", *(str(word).replace("@", f"b{number}_@") for word in runner)]
        programs.tell(*words, environment=run.environment(_address(server)))
        with open(out, encoding="utf-8") as file_of_runs:
            medians.append(
                [statistics.median(took / 1e6 for _, took in runs) * 1e3 for runs in json.load(file_of_runs)]
            )
    ours, psql, shell, in_file = (statistics.median(column) for column in zip(*medians, strict=True))
    return [
        Figure(
            "shared queue: one enqueue as a process",
            f"{ours:.1f} ms",
            f"`psql`: {psql:.1f} ms; `sqlite3` on a file: {shell:.1f} ms; `larkspur` on a file: {in_file:.1f} ms",
            Spread.of(batch[0] / batch[1] for batch in medians),
            details={"milliseconds": medians},
        )
    ]


def workers(run, address, sandbox, apps, count=WORKERS, **limits):
    accounts = {
        f"a{number}": {"host": sandbox.address, "app_id": app, "app_secret_env": "SECRET"} | limits
        for number, app in enumerate(apps)
    }
    config = run.folder() / "config.json"
    config.write_text(json.dumps({"accounts": accounts}), encoding="utf-8")
    environment = run.environment(address) | {"LARKSPUR_CONFIG": str(config), "SECRET": "sandbox"}
    return [Process([run.programs / "larkspur-shared", "work", "--quiet"], environment) for _ in range(count)]


def wait_for_holders(connection, accounts, runs):
    with connection.cursor() as cursor:

        def are_held():
            cursor.execute("select count(holder), count(distinct holder) from larkspur.account")
            return cursor.fetchone() == (accounts, runs)

        if not wait_until(are_held):
            raise RuntimeError("the workers have not shared the accounts")


def _insert(connection, rows):
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into larkspur.ask (account, lane, body)"
            """ select 'a' || (value ->> 0), value ->> 1, '{"everyone":true}'"""
            " from json_array_elements(%s::json)",
            (json.dumps(rows),),
        )


def _wire_and_idle(run, server):
    asks = 50 if run.quick else 200
    connection = server.connect()
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(run, "--calls-per-second", "0"))
        [worker] = workers(run, _address(server), sandbox, ["cli_sandbox"], 1)
        stack.enter_context(worker)
        wait_for_holders(connection, 1, 1)
        committed = {}
        for number in range(asks):
            _insert(connection, [[0, f"t{number}"]])
            committed[f"t{number}"] = time.monotonic()
            # Longer than a call takes, and at times so long that the worker sleeps.
            time.sleep(1.5 if number % 10 == 0 else 0.25)
        if not wait_until(lambda: len(calls(sandbox)) >= asks):
            raise RuntimeError("the worker has not delivered everything")
        arrived = {line["preview_tokens"][0]: line["arrived_us"] / 1e6 for line in calls(sandbox)}
        delays = [(arrived[token] - moment) * 1e3 for token, moment in committed.items()]
        window = idling.window(run)
        idling.await_rest(run, [worker])
        backends = _processor_seconds(server)
        spent = idling.spent({"worker": worker}, window)["worker"]
        backends = (_processor_seconds(server) - backends) / window * 100
    return [
        Figure(
            "shared queue: from a committed insert to its request",
            f"{statistics.median(delays):.1f} ms (99 of 100: {percentile(delays, 99):.1f} ms)",
            details={"milliseconds": delays},
        ),
        Figure(
            "shared queue: idle worker",
            f"{spent:.3f} % of a core, and {backends:.2f} % for the server",
            goal=f"< {idling.SHARE} %",
            met=spent < idling.SHARE,
            details={"percent": spent, "server_percent": backends, "seconds": window},
        ),
    ]


def _processor_seconds(server):
    """Of all processes of the server that live."""
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[1]) == server.process.pid or int(stat.parent.name) == server.process.pid:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def _budgets(run, server):
    accounts, warm_up, seconds = (50, 8, 5) if run.quick else (200, 15, 60)
    apps = [f"cli_{number}" for number in range(accounts)]
    connection = server.connect()
    options = [word for app in apps for word in ("--app", f"{app}:sandbox")]
    each = CALLS_PER_SECOND * TOKENS_PER_CALL * (warm_up + seconds + 5)
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(run, "--latency", "20ms", *options))
        for number in range(accounts):
            _insert(connection, [[number, f"t{lane}"] for lane in range(each)])
        fleet = [stack.enter_context(worker) for worker in workers(run, _address(server), sandbox, apps)]
        wait_for_holders(connection, accounts, WORKERS)
        wait_until(lambda: len(calls(sandbox)) >= accounts * CALLS_PER_SECOND * warm_up * 0.8, patience=60)
        spent, backends = sum(worker.processor_seconds() for worker in fleet), _processor_seconds(server)
        began = time.monotonic()
        # The measured interval.
        time.sleep(seconds)
        ended = time.monotonic()
        spent = (sum(worker.processor_seconds() for worker in fleet) - spent) / (ended - began)
        backends = (_processor_seconds(server) - backends) / (ended - began)
        lines = calls(sandbox)
    refused = sum(1 for line in lines if line["verdict"] != "ok")
    moments = {app: [] for app in apps}
    for line in lines:
        if began <= line["arrived_us"] / 1e6 < ended:
            moments[line["app"]].append(line["arrived_us"])
    shares = [pace(moments[app], ended - began) / CALLS_PER_SECOND for app in apps]
    share = sum(shares) / len(shares)
    made = sum(map(len, moments.values())) / (ended - began)
    return [
        Figure(
            f"shared queue: {accounts} accounts with {CALLS_PER_SECOND} calls/s each over {WORKERS} workers",
            f"{made:,.0f} calls/s; {spent:.0%} of a core for the workers, {backends:.0%} for the server,"
            f" {backends / made * 1e6:,.0f} µs a call; {refused} refused",
            f"the budgets: {accounts * CALLS_PER_SECOND:,} calls/s",
            Spread(share, min(shares), max(shares), len(shares)),
            "≥ 0.98",
            share >= 0.98 and refused == 0,
            {"workers": spent, "server": backends, "shares": shares, "refused": refused},
        )
    ]


def _take_over(run, server):
    """The first call for an account of a worker that was killed, counted from the kill."""
    accounts, rounds = (12, 2) if run.quick else (30, 6)
    apps = [f"cli_{number}" for number in range(accounts)]
    connection = server.connect()
    options = [word for app in apps for word in ("--app", f"{app}:sandbox")]
    firsts, medians, slowest = [], [], []
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(run, "--latency", "5ms", *options))
        fleet = workers(run, _address(server), sandbox, apps)
        stack.callback(lambda: [worker.stop() for worker in fleet])
        wait_for_holders(connection, accounts, WORKERS)
        crowd = _Crowd(server, accounts)
        stack.callback(crowd.stop)
        for _ in range(rounds):
            _wait_for_calls(sandbox, apps, time.monotonic(), "before one was killed")
            held = _held_by_each(connection)
            victim = fleet.pop(0)
            run_of_victim = next(
                (name for name in held if name.endswith(f" {victim.pid}")), None
            )
            killed = time.monotonic()
            victim.kill()
            lost = [f"cli_{account[1:]}" for account in held[run_of_victim]]
            after = _wait_for_calls(sandbox, lost, killed, "after their worker was killed")
            waits = [after[app] - killed for app in lost]
            firsts.append(min(waits) * 1e3)
            medians.append(statistics.median(waits) * 1e3)
            slowest.append(max(waits) * 1e3)
            fleet += workers(run, _address(server), sandbox, apps, 1)
            wait_for_holders(connection, accounts, WORKERS)
        refused = sum(1 for line in calls(sandbox) if line["verdict"] != "ok")
    return [
        Figure(
            "shared queue: first call for an account after its worker was killed",
            f"{statistics.median(firsts):,.0f} ms for the first account, {statistics.median(medians):,.0f} ms for the"
            f" median one, {max(slowest):,.0f} ms for the slowest of all; {refused} refused",
            goal="< 2,000 ms",
            met=max(slowest) < 2_000 and refused == 0,
            details={"first_ms": firsts, "median_ms": medians, "slowest_ms": slowest},
        )
    ]


def _wait_for_calls(sandbox, apps, moment, when):
    """When the first call of each arrived after this moment. An app that never calls again is no figure."""
    first = {}

    def have_all_called():
        first.clear()
        for line in calls(sandbox):
            if line["arrived_us"] / 1e6 > moment:
                first.setdefault(line["app"], line["arrived_us"] / 1e6)
        return first.keys() >= set(apps)

    if not wait_until(have_all_called, every=0.1):
        raise RuntimeError(f"{len(set(apps) - first.keys())} accounts made no call {when}")
    return first


def _held_by_each(connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "select worker, array_agg(account) from larkspur.accounts where worker is not null group by worker"
        )
        return dict(cursor.fetchall())


class _Crowd:
    """New previews for all accounts, ten times a second."""

    def __init__(self, server, accounts):
        self.connection = server.connect()
        self.accounts = accounts
        self.stops = threading.Event()
        self.thread = threading.Thread(target=self._ask, daemon=True)
        self.thread.start()

    def _ask(self):
        number = 0
        while not self.stops.wait(0.1):
            number += 1
            _insert(self.connection, [[account, f"n{number}"] for account in range(self.accounts)])

    def stop(self):
        self.stops.set()
        self.thread.join(10)
