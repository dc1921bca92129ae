"""The table, as people read it: Markdown, so that it can stand in a README as it is."""


def table(result):
    machine = result["machine"]
    changed = " with changes" if machine["changed"] else ""
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}; SQLite {machine['sqlite']}, Python {machine['python']}, "
        f"{machine['swift']}; commit {machine['commit']}{changed}"
        + ("; --quick" if result["quick"] else ""),
        "",
        "| what | Larkspur | compared with | ratio (least to most) | goal | |",
        "|---|---|---|---|---|---|",
    ]
    for figures in result["figures"].values():
        lines += [_line(figure) for figure in figures]
    return "\n".join(lines)


def _line(figure):
    met = {True: "met", False: "**missed**", None: ""}[figure["met"]]
    cells = [
        figure["name"],
        figure["ours"],
        figure["against"],
        _ratio(figure["ratio"]),
        figure["goal"],
        met,
    ]
    return "| " + " | ".join(cells) + " |"


def _ratio(ratio):
    if not ratio:
        return ""
    return f"{_short(ratio['median'])} ({_short(ratio['least'])} to {_short(ratio['most'])})"


def _short(number):
    """Three digits that count, and no exponent."""
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"
