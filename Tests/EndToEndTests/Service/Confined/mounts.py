"""What a program of the unit sees of the file system."""

import ctypes
import os
import pathlib

from settings import check, libc


def mount(source, target, kind=None, flags=0, data=None):
    def text(value):
        return None if value is None else str(value).encode()
    check(libc.mount(text(source), text(target), text(kind), ctypes.c_ulong(flags), text(data)), f"mount on {target}")


RDONLY, NOSUID, NODEV, NOEXEC, BIND, REC, PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
NEWNS, NEWUTS = 0x20000, 0x4000000


class Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def set_read_only(path, value=True):
    """The path and every mount below it."""
    attributes = Attributes(1, 0, 0, 0) if value else Attributes(0, 1, 0, 0)
    code = libc.syscall(442, -100, str(path).encode(), 0x8000, ctypes.byref(attributes), ctypes.sizeof(attributes))
    check(code, f"mount_setattr of {path}")


def mount_all(settings, root, programs):
    check(libc.unshare(NEWNS | (NEWUTS if settings.has("ProtectHostname") else 0)), "unshare")
    mount(None, "/", flags=REC | PRIVATE)
    for name in ("passwd", "group"):
        mount(root / "etc" / name, f"/etc/{name}", flags=BIND)
    state = settings.one("StateDirectory")
    mode = int(settings.one("StateDirectoryMode"), 8)
    made = root / "var/lib" / state
    os.chmod(made, mode)
    mount(None, "/mnt", "tmpfs", NOSUID | NODEV)
    pathlib.Path("/mnt/programs").mkdir()
    mount(programs, "/mnt/programs", flags=BIND)
    pathlib.Path("/mnt/state").mkdir()
    mount(made, "/mnt/state", flags=BIND)
    mount(None, "/var/lib", "tmpfs", NOSUID | NODEV)
    place = pathlib.Path("/var/lib") / state
    place.mkdir()
    mount("/mnt/state", place, flags=BIND)
    if settings.has("ProtectHome"):
        for path in ("/home", "/root", "/run/user"):
            if os.path.isdir(path):
                mount(None, path, "tmpfs", NOSUID | NODEV | NOEXEC, "mode=0")
    if settings.has("PrivateDevices"):
        mount_devices()
    if settings.has("ProtectProc", "invisible"):
        mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC, "hidepid=invisible")
    if settings.has("ProtectSystem", "strict"):
        set_read_only("/")
        # Of the system's own file systems, other settings decide.
        for path in ("/proc", "/dev", place):
            set_read_only(path, False)
    if settings.has("PrivateTmp"):
        for path in ("/tmp", "/var/tmp"):
            mount(None, path, "tmpfs", NOSUID | NODEV, "mode=1777")
    if settings.has("ProtectKernelTunables"):
        for path in ("/proc/sys", "/proc/bus", "/proc/fs", "/proc/irq"):
            if os.path.isdir(path):
                mount(path, path, flags=BIND)
                set_read_only(path)
    if settings.has("ProtectControlGroups") and os.path.isdir("/sys/fs/cgroup"):
        set_read_only("/sys/fs/cgroup")
    if settings.has("ProtectKernelModules"):
        for path in ("/lib/modules", "/usr/lib/modules"):
            if os.path.isdir(path):
                mount(None, path, "tmpfs", RDONLY, "mode=0")


def mount_devices():
    names = ("null", "zero", "full", "random", "urandom", "tty")
    kept = {name: os.open(f"/dev/{name}", os.O_PATH) for name in names if os.path.exists(f"/dev/{name}")}
    mount(None, "/dev", "tmpfs", NOSUID | NOEXEC, "mode=755")
    for name, descriptor in kept.items():
        pathlib.Path(f"/dev/{name}").touch()
        mount(f"/proc/self/fd/{descriptor}", f"/dev/{name}", flags=BIND)
        os.close(descriptor)
