"""The table of all sentences that say something went wrong, with their codes: MESSAGES.md beside this file.

    messages.py --write    make the table from the sources
    messages.py            fail if the table is not what the sources say

Read it when you change a message: each says what failed, on what, and what to do, in words that the others use too.
"""

import contextlib
import pathlib
import re
import sqlite3
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = pathlib.Path(__file__).with_name("MESSAGES.md")

CALLS = [
    (re.compile(r"\bFailure\(\s*\.(\w+)"), "exit"),
    (re.compile(r"\bQueueError\(\s*\.(\w+)"), "queue"),
    (re.compile(r"\bself\.init\(\s*\.(cannot\w+|busy|missing|refused)\b"), "queue"),
    (re.compile(r"\.(wrong|warn|unknown)\(\s*\.(\w+)"), "doctor"),
    (re.compile(r"\bUnusableAsk\("), "dead"),
]
"""Where sentences are made, and what their code is one of."""

HEADER = """# Messages

Every sentence about something that went wrong, with the code it comes with, as the sources have it: `exit` is the name
of an exit code, `queue` a kind of `QueueError`, `doctor` the grade and code of a finding, `dead` the reason of a dead
ask, `schema` a rule of the tables. `…` stands for what differs. The table is made by `messages.py --write`; a test
fails when it is not up to date.

| of | code | sentence |
|---|---|---|
"""


def literal(text, at):
    """The string literal that begins at a quotation mark, with … for what is inserted, and where it ends."""
    if text.startswith('"""', at):
        end = text.index('"""', at + 3)
        return " ".join(text[at + 3:end].split()), end + 3
    parts, place = [], at + 1
    while text[place] != '"':
        if text.startswith("\\(", place):
            depth, place = 1, place + 2
            while depth:
                if text[place] == '"':
                    _, place = literal(text, place)
                    continue
                depth += {"(": 1, ")": -1}.get(text[place], 0)
                place += 1
            parts.append("…")
        elif text[place] == "\\":
            parts.append(text[place + 1])
            place += 2
        else:
            parts.append(text[place])
            place += 1
    return "".join(parts), place + 1


def sentence(text, at):
    """All literals of a call's first sentence, joined: up to its end, or the next argument that has a label."""
    parts, depth, place = [], 0, at
    while place < len(text):
        char = text[place]
        if char == '"':
            part, place = literal(text, place)
            parts.append(part)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0:
                break
        elif char == "," and depth == 0 and parts:
            break
        elif text.startswith("//", place):
            place = text.index("\n", place)
        place += 1
    return " ".join("".join(parts).split())


def of_swift(path):
    text = path.read_text()
    for pattern, kind in CALLS:
        for match in pattern.finditer(text):
            words = sentence(text, match.end())
            if len(words) > 3:
                yield kind, " ".join(match.groups()) if match.groups() else "", words


def of_schema():
    """The sentences of the newest schema: of those that raise an error, and of those that checks of a card put
    together first."""
    with contextlib.closing(sqlite3.connect(":memory:")) as queue:
        for path in sorted((ROOT / "migrations").glob("*.sql")):
            queue.executescript(path.read_text())
        triggers = [sql for (sql,) in queue.execute("select sql from sqlite_schema where type = 'trigger'")]
    for match in re.finditer(r"(?:raise\(abort,|then|else)\s*'((?:[^']|'')* (?:[^']|'')*)'", "\n".join(triggers)):
        yield "schema", "", match[1].replace("''", "'")


def rows():
    found = set()
    for path in sorted((ROOT / "Sources").rglob("*.swift")):
        found.update(of_swift(path))
    found.update(of_schema())
    return sorted(found)


def table():
    def cell(text):
        return text.replace("|", "\\|")

    return HEADER + "".join(f"| {of} | {code} | {cell(words)} |\n" for of, code, words in rows())


def main():
    if sys.argv[1:] == ["--write"]:
        TABLE.write_text(table())
    elif TABLE.read_text() != table():
        sys.exit(f"{TABLE} is not what the sources say; run: python3 {sys.argv[0]} --write, and read what changes")


main()
