"""A worker that has nothing to do: how much of a core it takes, which system calls it makes, and how
much memory, with many lanes waiting and while it works on them."""

import contextlib
import shutil
import signal
import subprocess
import time

import idling
import queues
from measuring import Figure
from programs import Process, Sandbox, Worker, open_queue, wait_until

MEGABYTES = 30
PERSON = "ou_00000000000000000000000000000001"


def measure(run):
    window = idling.window(run)
    lanes = 100_000 if run.quick else 1_000_000
    many = queues.copied(run, queues.prepared(run, lanes))
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(run, "--calls-per-second", "0"))
        few = run.folder() / "queue.db"
        run.larkspur(few, "enqueue", "preview", "the_only_one", "--open-id", PERSON)
        _pause(many)
        workers = {
            "empty": stack.enter_context(Worker(run, few, sandbox)),
            "full": stack.enter_context(Worker(run, many, sandbox)),
        }
        if not wait_until(lambda: _is_delivered(few)):
            raise RuntimeError("the worker has not delivered anything")
        limit = [run.programs / "limit", "watch", f"{few}-wal"]
        workers["c"] = stack.enter_context(Process(limit))
        idling.await_rest(run, [workers["empty"], workers["full"]])
        spent = idling.spent(workers, window)
        seen = 2 if run.quick else window
        calls = _system_calls(run, workers, seen)
        resident = workers["full"].resident_megabytes()
    drained = _draining(run, queues.copied(run, queues.prepared(run, lanes)), seen)
    folding = _folding(run, lanes)
    return [
        idling.share("idle worker, empty queue", spent["empty"], spent["c"], window),
        idling.share(f"idle worker, {lanes:,} lanes waiting", spent["full"], spent["c"], window),
        _calls(calls, seen),
        _memory(f"resident memory, idle, {lanes:,} lanes waiting", resident),
        _memory(f"resident memory, delivering, {lanes:,} lanes waiting", **drained),
        _memory(f"resident memory, folding {lanes:,} asks", **folding),
    ]


def _pause(queue):
    """All its lanes wait, and none may go."""
    with contextlib.closing(open_queue(queue)) as connection, connection:
        connection.execute(
            "insert into budget (account_id, api, paused_ms, paused_why) "
            "values (1, 'preview', ?, ?)",
            (9_000_000_000_000_000, "the bench wants it to wait"),
        )


def _is_delivered(queue):
    with contextlib.closing(open_queue(queue)) as connection:
        return connection.execute("select outcome from ask").fetchone() == ("delivered",)


def _system_calls(run, workers, window):
    """How many each makes in the window; None where that cannot be seen."""
    if not shutil.which("strace"):
        return None
    traces = {}
    for name, process in workers.items():
        out = run.folder() / "trace"
        words = ["strace", "-f", "-qq", "-o", out, "-p", str(process.pid)]
        traces[name] = out, subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    # The measured interval.
    time.sleep(window)
    counts = {}
    for name, (out, strace) in traces.items():
        strace.send_signal(signal.SIGINT)
        try:
            _, said = strace.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            strace.kill()
            strace.communicate()
            return None
        if "Operation not permitted" in said:
            return None
        with open(out, encoding="utf-8", errors="replace") as file:
            lines = [line.split(None, 1)[1].strip() for line in file if "(" in line]
        # What it is waiting in when the watching begins and ends was called before, and is not over.
        begun = [line for line in lines if not line.startswith(("restart_syscall(", "<... "))]
        counts[name] = [line for line in begun if "<detached" not in line]
    return counts


def _draining(run, queue, window):
    """The most that is resident while lanes go at the pace that Feishu allows."""
    with Sandbox(run) as sandbox, Worker(run, queue, sandbox) as worker:
        if not wait_until(lambda: sandbox.record.stat().st_size > 0):
            raise RuntimeError("the worker has not delivered anything")
        # The measured interval: lanes go for so long.
        time.sleep(window)
        peak = worker.most_resident_megabytes()
        calls = sum(1 for line in sandbox.lines() if line["preview_tokens"])
    return {"megabytes": peak, "more": f"{calls:,} calls made"}


def _folding(run, count):
    """The most that is resident while asks come to their lanes."""
    queue = run.folder() / "queue.db"
    run.larkspur(queue, "enqueue", "preview", "the_first_one", "--open-id", PERSON)
    queues.ask_for_everyone(queue, count, ["default"])
    began = time.monotonic()
    with Sandbox(run) as sandbox, Worker(run, queue, sandbox) as worker:
        if not wait_until(lambda: queues.is_folded(queue), patience=600, every=0.5):
            raise RuntimeError("the worker did not get through the asks")
        rate = count / (time.monotonic() - began)
        return {"megabytes": worker.most_resident_megabytes(), "more": f"{rate:,.0f} asks/s"}


def _calls(calls, window):
    name = "system calls of an idle worker"
    if calls is None:
        return Figure(name=name, ours="not to be seen without strace")
    # Each time it looks, it first sees whether the queue is still in its place.
    looks = sum(1 for line in calls["empty"] if "stat" in line)
    return Figure(
        name=name,
        ours=f"{len(calls['empty'])} in {window} s, {looks} looks without having been told",
        against=f"C: {len(calls['c'])}",
        goal="none, but for one look",
        met=looks <= 1,
        details=calls,
    )


def _memory(name, megabytes, more=None):
    return Figure(
        name=name,
        ours=f"{megabytes:.1f} MB" + (f", {more}" if more else ""),
        goal=f"< {MEGABYTES} MB",
        met=megabytes < MEGABYTES,
        details={"megabytes": megabytes},
    )
