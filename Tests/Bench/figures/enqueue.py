"""One enqueue as a process, while a worker holds the queue, against the `sqlite3` shell inserting the
same row with the same durability."""

import json
import shutil
import statistics

import programs
import starting
from measuring import Figure, Spread
from programs import Sandbox, Worker

GOAL = 1.0
GAP_MS = 10
PERSON = "ou_00000000000000000000000000000001"


def measure(run):
    queue = run.folder() / "queue.db"
    run.larkspur(queue, "enqueue", "preview", "the_first_one", "--open-id", PERSON)
    ours = [run.programs / "larkspur", "enqueue", "preview", "@_ours", "--open-id", PERSON]
    shell = shutil.which("sqlite3")
    runners = [ours]
    if shell:
        insert = (
            "insert into ask (kind, lane, body) "
            f"""values ('preview', '@_theirs', '{{"open_ids":["{PERSON}"]}}')"""
        )
        # As durable as Larkspur's, and as patient when the worker writes.
        durably = f"pragma synchronous=full;{insert}"
        runners.append([shell, "-cmd", ".timeout 10000", queue, durably])
    runners.append(["/bin/true"])
    batches, of = (5, 20) if run.quick else (9, 60)
    with Sandbox(run) as sandbox, Worker(run, queue, sandbox):
        environment = run.environment(queue)
        taken = [_batch(run, number, of, runners, environment) for number in range(batches)]
        start = {
            "libraries": starting.links(ours[0]),
            "system_calls": starting.system_calls(run, ours, environment, queue),
        }
    medians = [[statistics.median(runs) * 1e3 for runs in batch] for batch in taken]
    return [_figure(medians, start, shell is not None)]


def _batch(run, number, of, runners, environment):
    """How long each run took, in seconds, by program."""
    out = run.folder() / "runs.json"
    words = [run.programs / "limit", "race", of, GAP_MS, out]
    for runner in runners:
        # A token is asked for once: the second ask of it would be another thing.
        words += ["--", *(str(word).replace("@", f"b{number}_@") for word in runner)]
    programs.tell(*words, environment=environment)
    with open(out, encoding="utf-8") as file:
        return [[took / 1e6 for _, took in runs] for runs in json.load(file)]


def _figure(medians, start, has_shell):
    mine = [batch[0] for batch in medians]
    text = f"{statistics.median(mine):.2f} ms; {_told(start)}"
    nothing = statistics.median(batch[-1] for batch in medians)
    spread = Spread.of(batch[0] / batch[1] for batch in medians) if has_shell else None
    against = f"a program that does nothing: {nothing:.2f} ms"
    if has_shell:
        theirs = statistics.median(batch[1] for batch in medians)
        against = f"`sqlite3`: {theirs:.2f} ms; {against}"
    return Figure(
        name="one enqueue as a process, worker running",
        ours=text,
        against=against,
        ratio=spread,
        goal=f"≤ {GOAL}",
        met=spread.median <= GOAL if spread else None,
        details={"milliseconds": medians, "start": start},
    )


def _told(start):
    libraries, calls = start["libraries"], start["system_calls"]
    text = "static" if libraries == 0 else f"{libraries} shared libraries"
    if calls:
        text += (
            f", {calls['all']} system calls, {calls['before_the_queue']} before it opens the queue"
        )
    return text
