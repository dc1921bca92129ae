"""Calls made, against the fewest there can be.

PackingBench fills a queue with a crowd whose lanes are all due, and drains it through the worker's
own claims; Feishu is not asked. The bound is computed beside it, without the planner; how, and why
no packing can do with less, is told in Packing/Bounds.swift. On small crowds the tests try all
ways."""

import json
import shutil
import subprocess

from measuring import Figure, Spread

SHAPES = {
    "identical": "lanes that all want the same people",
    "everyone": "lanes that all want everyone",
    "small": "chats of 2 to 5 people",
    "large": "audiences of 150 to 400",
    "middling": "chats of 10 to 100 people, two lanes each",
    "zipf": "a mixture by Zipf's law",
    "colleagues": "a mixture by Zipf's law, people in several chats",
}

GOALS = {"identical": 1.0, "everyone": 1.0}
"""Of `exact`; all others may take 1.05 of the fewest. `cover` may take 1.1 of its bound."""

SIZES = [1_000, 10_000, 100_000]
"""Lanes that are due. Calls are counted at the second; the others tell whether a claim grows."""

CLAIM = 2_000
"""Microseconds of the processor that 99 of 100 claims may take: meanwhile nobody else can write."""


def measure(run):
    figures, claims = [], []
    for shape, words in SHAPES.items():
        taken = _drain(run, shape)
        claims += [one for several in taken.values() for one in several]
        for packing, drained in taken.items():
            figures.append(_calls(shape, words, packing, drained))
    return figures + [_claim(claims, packing) for packing in ("exact", "cover")]


def _drain(run, shape):
    """By packing, what was drained: crowds of other seeds and sizes."""
    crowds = [(1_000, 1)] if run.quick else [(10_000, seed) for seed in range(1, 6)]
    if not run.quick:
        crowds += [(SIZES[0], 1), (SIZES[-1], 1)]
    taken = {"exact": [], "cover": []}
    for lanes, seed in crowds:
        folder = run.folder()
        done = subprocess.run(
            [run.programs / "PackingBench", folder, shape, str(lanes), str(seed)],
            capture_output=True,
            text=True,
            timeout=900,
            check=True,
        )
        shutil.rmtree(folder)
        for line in done.stdout.splitlines():
            one = json.loads(line)
            taken[one["packing"]].append(one)
    return taken


def _calls(shape, words, packing, drained):
    """Of the crowds of the size that there are several of."""
    size = max((one["lanes"] for one in drained), key=[one["lanes"] for one in drained].count)
    alike = [one for one in drained if one["lanes"] == size]
    ratio = Spread.of(one["calls"] / one["bound"] for one in alike)
    goal = GOALS.get(shape, 1.05) if packing == "exact" else 1.1
    return Figure(
        name=f"calls, `{packing}`: {words}",
        ours=f"{alike[0]['calls']:,} calls for {size:,} lanes",
        against=f"no packing with less than {alike[0]['bound']:,}",
        ratio=ratio,
        goal=f"at most {goal:.2f}",
        met=ratio.median <= goal,
        details={"drained": drained},
    )


def _claim(claims, packing):
    """The slowest shape at each size. A process begins with nothing in memory, so that of the
    hundred calls of the smallest crowds one is always slow: no goal for these."""
    slowest = {}
    for one in claims:
        if one["packing"] == packing:
            known = slowest.get(one["lanes"])
            if not known or one["claim_us"]["p99"] > known["claim_us"]["p99"]:
                slowest[one["lanes"]] = one
    judged = [one for lanes, one in slowest.items() if lanes > SIZES[0]]
    said = [
        f"{lanes:,} due: {one['claim_us']['median'] / 1000:.2g} ms, "
        f"99th percentile {one['claim_us']['p99'] / 1000:.2g} ms ({one['shape']})"
        for lanes, one in sorted(slowest.items())
    ]
    return Figure(
        name=f"planning and writing down one call, `{packing}`, the slowest crowd of each size",
        ours="; ".join(said),
        goal=f"99 of 100 within {CLAIM / 1000:.0f} ms, however many are due" if judged else "",
        met=all(one["claim_us"]["p99"] <= CLAIM for one in judged) if judged else None,
        details={"slowest": slowest},
    )
