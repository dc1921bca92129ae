"""The settings of a unit, and which of them have been used."""

import ctypes
import os
import pathlib
import sys

libc = ctypes.CDLL(None, use_errno=True)

ELSEWHERE = {
    "Type", "User", "Group", "Environment", "EnvironmentFile", "ExecStartPre", "ExecStart", "ExecReload", "Restart",
    "RestartSec", "RestartPreventExitStatus", "WatchdogSec", "TimeoutStartSec", "TimeoutStopSec",
}
"""Not restrictions, or read by name below."""

NOT_APPLIED = {"RemoveIPC"}


def check(code, what):
    if code != 0:
        number = ctypes.get_errno() or -code
        raise OSError(number, f"{what}: {os.strerror(number)}")


class Settings:
    def __init__(self, path):
        self.all, self.used = unit(path), set()

    def one(self, key):
        self.used.add(key)
        values = self.all.get(key, [])
        return values[-1] if values else None

    def has(self, key, value="yes"):
        """Whether the unit sets it; another value than this one is not understood."""
        found = self.one(key)
        if found not in (None, value):
            sys.exit(f"confined.py: {key}={found} is not known here")
        return found is not None

    def expect_all_known(self):
        unknown = set(self.all) - self.used - ELSEWHERE - NOT_APPLIED
        if unknown:
            sys.exit(f"confined.py: the unit has settings that are not applied here: {', '.join(sorted(unknown))}")


def unit(path):
    """The assignments of [Service], in order; a key may be there more than once."""
    section, found = None, {}
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found
