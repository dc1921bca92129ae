"""The plot of staleness against asks a second, as SVG, from a run that was kept as JSON.

usage: plot.py FILE.json > staleness.svg
"""

import json
import math
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 480
LEFT, RIGHT, TOP, BOTTOM = 76, 186, 84, 58

# Readable on white and on black alike, for nobody knows on which a README is read.
INK = "#737b85"
SERIES = [
    ("plain_loop", "plain loop", "#d9730d"),
    ("larkspur", "Larkspur", "#2f81f7"),
]
PARTS = [("p99_s", "99th percentile"), ("median_s", "median")]
SPACING = 5
CALLS = 5

STYLE = f"""
  text {{ font: 13px -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; fill: {INK} }}
  .title {{ font-size: 17px; font-weight: 600 }}
  .tick {{ font-variant-numeric: tabular-nums }}
  .grid {{ stroke: {INK}; stroke-opacity: .22 }}
  .note {{ font-size: 12px; font-style: italic }}
  .rule {{ stroke: {INK}; stroke-opacity: .75; stroke-dasharray: 1 4; stroke-linecap: round }}
  .median {{ fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }}
  .p99 {{ fill: none; stroke-width: 1.5; stroke-dasharray: 6 4; stroke-linejoin: round }}
  .label {{ font-weight: 600 }}
  .value {{ font-size: 12px; font-variant-numeric: tabular-nums }}
"""


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        figures = json.load(file)["figures"].get("staleness")
    if not figures:
        sys.exit(f"{sys.argv[1]} has no figures of staleness")
    print(svg([figure["details"] for figure in figures]))


def svg(points):
    rates = [point["asks_per_second"] for point in points]
    values = [
        point[series][part]["median"] for point in points for series, *_ in SERIES for part, _ in PARTS
    ]
    across = Axis(min(rates), max(rates), LEFT, WIDTH - RIGHT)
    lowest = 10 ** math.floor(math.log10(min(values)))
    up = Axis(lowest, max(*values, SPACING) * 1.3, HEIGHT - BOTTOM, TOP)
    rounds = points[0]["larkspur"]["median_s"]["rounds"]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="title description">',
            '<title id="title">Staleness against asks a second</title>',
            f'<desc id="description">{escape(in_words(points))}</desc>',
            f"<style>{STYLE}</style>",
            text(LEFT, 28, "How long a preview is out of date, from ask to delivery", "title"),
            text(
                LEFT,
                50,
                f"{CALLS} calls a second, answers after 50 ms, {points[0]['seconds']} s of asks about "
                f"1,000 tickets" + (f"; median of {rounds} rounds" if rounds > 1 else ""),
            ),
            *grid(across, up, rates),
            *notes(across, up, rates),
            *lines(points, across, up),
            *labels(points, across, up),
            "</svg>",
        ]
    )


class Axis:
    """A logarithmic one, from pixel to pixel."""

    def __init__(self, low, high, start, end):
        self.low, self.high = math.log10(low), math.log10(high)
        self.start, self.end = start, end

    def __call__(self, value):
        share = (math.log10(value) - self.low) / ((self.high - self.low) or 1)
        return round(self.start + share * (self.end - self.start), 1)


def grid(across, up, rates):
    for power in range(round(up.low), math.floor(up.high) + 1):
        y = up(10**power)
        yield f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
        yield text(LEFT - 10, y + 4, span(10**power), "tick", "end")
    for rate in rates:
        x = across(rate)
        yield f'<path class="grid" d="M{x} {HEIGHT - BOTTOM}v6"/>'
        yield text(x, HEIGHT - BOTTOM + 22, rate, "tick", "middle")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "asks a second", anchor="middle")


def notes(across, up, rates):
    y = up(SPACING)
    yield f'<path class="rule" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
    yield text(LEFT + 6, y - 6, f"one token at most once in {SPACING} s", "note")
    if min(rates) < CALLS < max(rates):
        x = across(CALLS)
        yield f'<path class="rule" d="M{x} {TOP}V{HEIGHT - BOTTOM}"/>'
        yield text(x + 6, HEIGHT - BOTTOM - 8, f"{CALLS} asks a second: as many as calls", "note")


def lines(points, across, up):
    for series, _, colour in SERIES:
        for part, _ in PARTS:
            kind = part.removesuffix("_s")
            places = [
                (across(point["asks_per_second"]), up(point[series][part]["median"]))
                for point in points
            ]
            path = "L".join(f"{x} {y}" for x, y in places)
            yield f'<path class="{kind}" stroke="{colour}" d="M{path}"/>'
            if kind == "median":
                for x, y in places:
                    yield f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'


def labels(points, across, up):
    """At the ends of the lines, moved apart where they would touch."""
    last = points[-1]
    ends = sorted(
        (up(last[series][part]["median"]), name, what, last[series][part]["median"], colour)
        for series, name, colour in SERIES
        for part, what in PARTS
    )
    x, lowest = across(last["asks_per_second"]) + 12, TOP
    for y, name, what, value, colour in ends:
        y = lowest = max(y, lowest)
        fill = f'style="fill:{colour}"'
        yield f'<text class="label" x="{x}" y="{y - 1:g}" {fill}>{name}</text>'
        yield f'<text class="value" x="{x}" y="{y + 14:g}" {fill}>{what} {span(value)}</text>'
        lowest += 36


def text(x, y, words, kind="", anchor="start"):
    kind = f' class="{kind}"' if kind else ""
    anchor = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text{kind} x="{x:g}" y="{y:g}"{anchor}>{escape(str(words))}</text>'


def span(seconds):
    """Three digits that count, and no exponent."""
    number, unit = (seconds * 1000, "ms") if seconds < 1 else (seconds, "s")
    return f"{number:,.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


def in_words(points):
    return " ".join(
        f"At {point['asks_per_second']} asks a second "
        + " and ".join(
            f"{name} {span(point[series]['median_s']['median'])} "
            f"(99th percentile {span(point[series]['p99_s']['median'])})"
            for series, name, _ in reversed(SERIES)
        )
        + "."
        for point in points
    )


if __name__ == "__main__":
    main()
