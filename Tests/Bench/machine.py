"""What the figures were taken on."""

import os
import pathlib
import platform
import sqlite3
import subprocess


def describe(root):
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int((_first("/proc/meminfo", "MemTotal") or "0").split()[0]) / 2**20),
        "system": f"{platform.system()} {platform.release()}",
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
        "swift": _line("swift", "--version"),
        "commit": _line("git", "-C", str(root), "rev-parse", "--short=12", "HEAD"),
        "changed": bool(_line("git", "-C", str(root), "status", "--porcelain")),
    }


def _first(path, key):
    if not pathlib.Path(path).exists():
        return None
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return None


def _line(*words):
    """The first line of what a program says; nothing where there is no such program."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return (done.stdout.splitlines() or [""])[0]
