"""Whether a call costs more when a million lanes wait."""

import statistics

import cycles
from measuring import Figure, ratio

GOAL = 1.3


def measure(run):
    taken = cycles.measured(run)
    deep = cycles.depths(run)[-1]
    figures = []
    for scattered in (False, True):
        for how in cycles.DURABILITIES:
            if (deep, scattered, how) not in taken:
                continue
            few = taken[cycles.SHALLOW, False, how]
            many = taken[deep, scattered, how]
            spread = ratio(many.ours, few.ours)
            limit = ratio(many.theirs, few.theirs)
            name = f"claim + settle at {deep:,} lanes against {cycles.SHALLOW:,}"
            name += ", rows scattered" if scattered else ""
            figures.append(
                Figure(
                    name=f"{name}, synchronous={how.upper()}",
                    ours=f"{statistics.median(many.ours) * 1e6:,.0f} µs",
                    against=f"{statistics.median(few.ours) * 1e6:,.0f} µs "
                    f"(C: {limit.median:.2f} times as long)",
                    ratio=spread,
                    # Rows that lie far apart are that many more pages for any program.
                    goal="" if scattered else f"≤ {GOAL}",
                    met=None if scattered else spread.median <= GOAL,
                    details={"many_seconds": many.ours, "few_seconds": few.ours},
                )
            )
    return figures
