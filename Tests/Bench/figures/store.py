"""Bulk enqueue, and claim and settle: Larkspur's store against SQLite's own limit, which is a C program
that asks SQLite the same."""

import json
import statistics

import cycles
import programs
import queues
from measuring import Figure, Spread, ratio, rounds, seconds

GOAL = 1.3
GOAL_LEAST = 1.4


def measure(run):
    return [*_bulk(run), *_cycles(run), *_least(run)]


def _cycles(run):
    figures = []
    for (depth, scattered, how), taken in cycles.measured(run).items():
        spread = ratio(taken.ours, taken.theirs)
        ours, theirs = (statistics.median(each) for each in (taken.ours, taken.theirs))
        name = f"claim + settle, {depth:,} lanes waiting, synchronous={how.upper()}"
        figures.append(
            Figure(
                name=name + (", rows scattered" if scattered else ""),
                ours=f"{ours * 1e6:,.0f} µs a call of ten",
                against=f"C, the same statements: {theirs * 1e6:,.0f} µs",
                ratio=spread,
                goal=f"≤ {GOAL}",
                met=spread.median <= GOAL,
                details={
                    "ours_seconds": taken.ours,
                    "theirs_seconds": taken.theirs,
                    "statements_a_call": taken.statements,
                },
            )
        )
    return figures


def _least(run):
    figures = []
    for depth in (cycles.SHALLOW, cycles.depths(run)[-1]):
        for how in cycles.DURABILITIES:
            taken = cycles.against_the_least(run, depth, how, 3 if run.quick else 20)
            ours, theirs = (statistics.median(taken[name]) for name in ("ours", "theirs"))
            spread = ratio(taken["ours"], taken["theirs"])
            figures.append(
                Figure(
                    name=f"claim + settle against the least, {depth:,} lanes waiting, "
                    f"synchronous={how.upper()}",
                    ours=f"{ours * 1e6:,.0f} µs a call of ten",
                    against=f"C, the least that such a call needs: {theirs * 1e6:,.0f} µs",
                    ratio=spread,
                    goal=f"≤ {GOAL_LEAST}",
                    met=spread.median <= GOAL_LEAST,
                    details={"ours_seconds": taken["ours"], "theirs_seconds": taken["theirs"]},
                )
            )
    return figures


def _bulk(run):
    count = 2_000 if run.quick else 20_000
    lines = run.folder() / "asks.jsonl"
    with open(lines, "w", encoding="utf-8") as file:
        for number in range(count):
            people = [f"ou_{person:032x}" for person in range(number // 10, number // 10 + 3)]
            token = f"preview_token_of_a_link_in_a_chat_{number:08d}"
            file.write(json.dumps({"token": token, "open_ids": people}) + "\n")
    empty = run.folder() / "queue.db"
    run.larkspur(empty, "enqueue", "preview", "the_first_one", "--open-id", "ou_1")
    figures = []
    for how in cycles.DURABILITIES:
        figures += _bulk_with(run, how, count, lines, empty)
    return figures


def _bulk_with(run, how, count, lines, empty):
    bench, limit = run.programs / "StoreBench", run.programs / "limit"
    tape = run.folder() / "tape"
    told = programs.ask(bench, "enqueue", queues.copied(run, empty), lines, how, tape)

    def at_once(*words):
        answer = programs.ask(*words)
        if answer["changes"] != told["changes"]:
            raise RuntimeError(f"{words[0]} has not done the same")
        return answer["stretches"][0]

    def command():
        queue = queues.copied(run, empty)
        words = ["enqueue", "preview", "--from", str(lines)]
        return seconds(lambda: run.larkspur(queue, *words))

    measures = {
        "ours": lambda: at_once(bench, "enqueue", queues.copied(run, empty), lines, how),
        "theirs": lambda: at_once(limit, "play", queues.copied(run, empty), tape, how),
    }
    # The command itself knows one setting: an ask that was taken is on disk.
    if how == "full":
        measures["command"] = command
    taken = rounds(5, measures, run.dice)
    names = {"ours": "bulk enqueue", "command": "bulk enqueue, `larkspur enqueue --from` in all"}
    return [
        Figure(
            name=f"{names[name]}, synchronous={how.upper()}",
            ours=f"{count / statistics.median(taken[name]):,.0f} asks/s",
            against=f"C, the same statements: {count / statistics.median(taken['theirs']):,.0f}/s",
            ratio=(spread := ratio(taken[name], taken["theirs"])),
            goal=f"≤ {GOAL}",
            met=spread.median <= GOAL,
            details={"asks": count, "seconds": taken, "spread": Spread.of(taken[name]).__dict__},
        )
        for name in taken
        if name != "theirs"
    ]
