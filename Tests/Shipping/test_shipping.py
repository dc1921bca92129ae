"""scripts/install and scripts/release with programs that are already built.

usage: test_shipping.py FOLDER [--files FILES] [NAME…]

FOLDER holds the programs, and FILES what scripts/release has made of them; without --files it is
packed first, which takes a minute. A NAME is Install.test_umask. What needs root or a program that is missing is skipped by name.
"""

import hashlib
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = pathlib.Path()
FILES = None
NAMES = ["larkspur", "larkspur-sandbox", "larkspur-shared", "larkspur-work"]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def run(*words, umask=0o022, by=(), timeout=300, **environment):
    """A finished process, and whatever it wrote."""
    return subprocess.run(
        [*by, *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        umask=umask,
        env={**os.environ, **environment},
    )


def files(folder):
    """Everything below a folder but folders, by its path."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(str(path.relative_to(folder)) for path in found)


def contents(folder):
    return {path: (folder / path).read_bytes() for path in files(folder)}


class Case(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="larkspur-shipping-")).resolve()
        self.addCleanup(shutil.rmtree, self.place)
        self.place.chmod(0o755)

    def succeeds(self, ended):
        self.assertEqual(ended.returncode, 0, ended.stdout)
        return ended.stdout

    def fails(self, code, sentence, ended):
        self.assertEqual(ended.returncode, code, ended.stdout)
        self.assertIn(sentence, ended.stdout)


class Install(Case):
    def setUp(self):
        super().setUp()
        self.prefix = self.place / "a prefix"

    def install(self, *words, **options):
        arguments = ["--prefix", self.prefix, "--programs", PROGRAMS, *words]
        return run(ROOT / "scripts/install", *arguments, **options)

    def uninstall(self, *words, **options):
        return run(ROOT / "scripts/install", "--uninstall", "--prefix", self.prefix, *words, **options)

    def test_everything_is_there(self):
        self.succeeds(self.install())
        there = files(self.prefix)
        for path in [
            *(f"bin/{name}" for name in NAMES),
            *(
                f"share/man/man1/{name}.1"
                for name in ["larkspur", "larkspur-sandbox", "larkspur-work", "larkspur-enqueue"]
            ),
            "share/bash-completion/completions/larkspur",
            "share/zsh/site-functions/_larkspur",
            "share/fish/vendor_completions.d/larkspur.fish",
            "share/doc/larkspur/README.md",
            "share/doc/larkspur/Documentation/deploying.md",
            "lib/systemd/system/larkspur.service",
            "lib/sysusers.d/larkspur.conf",
            "lib/tmpfiles.d/larkspur.conf",
        ]:
            self.assertIn(path, there)
        self.assertEqual([path for path in there if "/." in path or path.startswith(".")], [])
        listed = (self.prefix / "share/larkspur/installed").read_text().splitlines()
        self.assertEqual([path for path in listed if not path.endswith("/")], there)
        for name in NAMES:
            said = self.succeeds(run("env", "-i", self.prefix / "bin" / name, "--version"))
            self.assertRegex(said, r"^larkspur(-sandbox)? \d+\.\d+\.\d+( \([0-9a-f]{9,}(-modified)?\))?\n$")

    def test_every_link_of_the_pages_leads_somewhere(self):
        self.succeeds(self.install())
        pages = list((self.prefix / "share/doc/larkspur").rglob("*.md"))
        self.assertGreater(len(pages), 20)
        for page in pages:
            for link in re.findall(r"\]\(([^)\s#]+)", page.read_text()):
                if not link.startswith("http"):
                    self.assertTrue((page.parent / link).exists(), f"{page}: {link}")

    def test_units_name_the_prefix(self):
        self.succeeds(self.install(DESTDIR=str(self.place / "root")))
        folder = self.place / "root" / self.prefix.relative_to("/") / "lib/systemd/system"
        units = [path.read_text() for path in sorted(folder.iterdir())]
        self.assertEqual(len(units), 4)
        for text in units:
            self.assertNotIn("/usr/bin/", text)
            self.assertNotIn(str(self.place / "root"), text)
        self.assertTrue(any(f"{self.prefix}/bin/larkspur" in text for text in units))

    def test_a_folder_for_packing_is_the_only_one_touched(self):
        root = self.place / "root"
        self.succeeds(self.install(DESTDIR=str(root)))
        self.assertFalse(self.prefix.exists())
        self.assertEqual([path.name for path in self.place.iterdir()], ["root"])
        inside = root / self.prefix.relative_to("/")
        self.assertTrue((inside / "bin/larkspur").exists())
        self.fails(66, "nothing is installed", self.uninstall())
        self.succeeds(self.uninstall(DESTDIR=str(root)))
        self.assertEqual(files(self.place), [])

    def test_a_relative_folder_for_packing(self):
        words = [ROOT / "scripts/install", "--prefix", "/usr", "--programs", PROGRAMS]
        line = 'cd "$1" && shift && DESTDIR=root "$@"'
        self.succeeds(run("sh", "-c", line, "sh", self.place, *words))
        self.assertTrue((self.place / "root/usr/bin/larkspur").exists())

    def test_umask(self):
        self.succeeds(self.install(umask=0o077))
        for path in [self.prefix, *self.prefix.rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            is_program = path.is_dir() or path.parent.name == "bin"
            self.assertEqual(mode, 0o755 if is_program else 0o644, path)
            self.assertEqual(path.stat().st_uid, os.geteuid())

    def test_uninstall_leaves_what_others_have_put_there(self):
        theirs = [self.prefix / "bin/other", self.prefix / "share/man/man1/other.1"]
        for path in theirs:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("theirs")
        (self.prefix / "share/zsh").mkdir()
        self.succeeds(self.install())
        later = self.prefix / "share/doc/larkspur/notes"
        later.write_text("theirs")
        said = self.succeeds(self.uninstall())
        self.assertIn("Queues and configuration are left", said)
        kept = sorted(str(path.relative_to(self.prefix)) for path in [*theirs, later])
        self.assertEqual(files(self.prefix), kept)
        # Folders that were there before stay, and those that the installation made go.
        self.assertTrue((self.prefix / "share/zsh").is_dir())
        self.assertFalse((self.prefix / "lib").exists())
        self.fails(66, "nothing is installed", self.uninstall())

    def test_uninstall_removes_the_prefix_that_it_made(self):
        self.succeeds(self.install())
        self.succeeds(self.uninstall())
        self.assertEqual(list(self.place.iterdir()), [])

    def test_what_an_older_version_had_goes(self):
        self.succeeds(self.install())
        once = contents(self.prefix)
        old = self.prefix / "share/man/man1/larkspur-old.1"
        old.write_text("of an older version")
        manifest = self.prefix / "share/larkspur/installed"
        manifest.write_text(manifest.read_text() + "share/man/man1/larkspur-old.1\n")
        self.succeeds(self.install())
        self.assertEqual(contents(self.prefix), once)
        self.succeeds(self.uninstall())
        self.assertEqual(list(self.place.iterdir()), [])

    def test_a_running_program_keeps_its_file(self):
        self.succeeds(self.install())
        old = os.open(self.prefix / "bin/larkspur", os.O_RDONLY)
        self.addCleanup(os.close, old)
        self.succeeds(self.install())
        self.assertNotEqual(os.fstat(old).st_ino, (self.prefix / "bin/larkspur").stat().st_ino)

    def test_a_failure_leaves_the_old_files(self):
        self.succeeds(self.install())
        program = self.prefix / "bin/larkspur"
        program.write_text("an older version")
        page = self.prefix / "share/man/man1/larkspur.1"
        page.unlink()
        page.mkdir()
        self.fails(73, "the old files are still in place", self.install())
        self.assertEqual(program.read_text(), "an older version")
        self.assertEqual(list(self.prefix.rglob(".larkspur.*")), [])

    def test_a_first_failure_leaves_nothing(self):
        (self.prefix / "share/man/man1/larkspur.1").mkdir(parents=True)
        self.fails(73, "cannot install", self.install())
        self.assertEqual(files(self.prefix), [])
        self.assertFalse((self.prefix / "bin").exists())

    def test_what_is_no_folder_is_refused(self):
        self.prefix.write_text("a file")
        self.fails(73, "is not a folder", self.install())
        self.assertEqual(self.prefix.read_text(), "a file")

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs root and setpriv")
    def test_folders_of_others_are_refused(self):
        if run("cat", ROOT / "scripts/install", by=NOBODY).returncode:
            self.skipTest("other users cannot read this checkout")
        self.fails(73, f"cannot write to {self.place}", self.install(by=NOBODY))
        self.succeeds(self.install())
        before = contents(self.prefix)
        self.fails(73, "nothing is removed", self.uninstall(by=NOBODY))
        self.assertEqual(contents(self.prefix), before)

    def test_a_manifest_that_leads_elsewhere_is_refused(self):
        self.succeeds(self.install())
        other = self.place / "other"
        other.write_text("theirs")
        manifest = self.prefix / "share/larkspur/installed"
        manifest.write_text("../other\n" + manifest.read_text())
        self.fails(66, "names files outside", self.uninstall())
        self.assertTrue(other.exists() and (self.prefix / "bin/larkspur").exists())

    def test_wrong_arguments(self):
        for words in [["--prefix="], ["--prefix", ""], ["--programs"], ["--nope"]]:
            ended = run(ROOT / "scripts/install", *words)
            self.assertEqual(ended.returncode, 64, ended.stdout)
        self.fails(64, "without --programs", self.install("--uninstall"))
        self.fails(
            66,
            "has no program larkspur",
            run(ROOT / "scripts/install", "--prefix", self.prefix, "--programs", self.place),
        )
        self.assertEqual(list(self.place.iterdir()), [])


TOOLS = ["git", "xz", "dpkg-deb", "dpkg-shlibdeps"]
LACKING = [tool for tool in TOOLS if not shutil.which(tool)]


@unittest.skipIf(LACKING, f"not in PATH: {', '.join(LACKING)}")
class Release(Case):
    @classmethod
    def setUpClass(cls):
        if FILES:
            cls.files = FILES
            return
        cls.files = pathlib.Path(tempfile.mkdtemp(prefix="larkspur-shipping-"))
        cls.addClassCleanup(shutil.rmtree, cls.files)
        ended = cls.release(cls.files)
        if ended.returncode:
            raise RuntimeError(ended.stdout)

    @staticmethod
    def release(folder, **options):
        words = ["--programs", PROGRAMS, "--output", folder, "--allow-modified"]
        return run(ROOT / "scripts/release", *words, **options)

    def test_two_packings_are_equal(self):
        one, other = self.files, self.place / "other"
        strange = {"umask": 0o077, "LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai"}
        self.succeeds(self.release(other, **strange))
        self.assertEqual(len(files(one)), 3)
        self.assertEqual(files(one), files(other))
        for path in files(one):
            self.assertEqual(
                hashlib.sha256((one / path).read_bytes()).hexdigest(),
                hashlib.sha256((other / path).read_bytes()).hexdigest(),
                path,
            )
        self.succeeds(run("sh", "-c", 'cd "$1" && sha256sum --check SHA256SUMS', "sh", one))

    def test_the_archive_has_what_an_installation_has(self):
        with tarfile.open(next(self.files.glob("*.tar.xz"))) as archive:
            members = archive.getmembers()
        self.assertEqual({(m.uid, m.gid, m.uname, m.gname) for m in members}, {(0, 0, "", "")})
        self.assertEqual(len({m.mtime for m in members}), 1)
        names = [m.name.partition("/")[2] for m in members if m.isfile()]

        prefix = self.place / "prefix"
        words = ["--prefix", prefix, "--programs", PROGRAMS]
        self.succeeds(run(ROOT / "scripts/install", *words))
        self.assertEqual(sorted([*names, "share/larkspur/installed"]), files(prefix))

    def test_the_package(self):
        package = next(self.files.glob("*.deb"))
        self.succeeds(run("dpkg-deb", "-x", package, self.place / "unpacked"))
        self.assertEqual(
            (self.place / "unpacked/usr/lib/systemd/system/larkspur.service").read_text(),
            (ROOT / "contrib/larkspur.service").read_text(),
        )
        depends = self.succeeds(run("dpkg-deb", "-f", package, "Depends"))
        for library in ["libc6 (>= ", "libcurl4", "libmicrohttpd12", "libpq5", "libsqlite3-0 (>= 3.38.0)"]:
            self.assertIn(library, depends)

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not in PATH")
    def test_lintian_finds_no_error(self):
        package = next(self.files.glob("*.deb"))
        words = ["--fail-on", "error", "--allow-root", package]
        said = self.succeeds(run("lintian", *words))
        self.assertNotIn("E: ", said)

    def test_what_differs_from_the_commit_is_not_released(self):
        copy = self.place / "copy"
        self.succeeds(run("git", "clone", "--quiet", "--no-hardlinks", ROOT, copy))
        (copy / "README.md").write_text("other")
        ended = run(copy / "scripts/release", "--programs", PROGRAMS, "--output", self.place / "files")
        self.fails(66, "differ from the commit", ended)
        self.assertIn("README.md", ended.stdout)
        shutil.rmtree(copy / ".git")
        ended = run(copy / "scripts/release", "--programs", PROGRAMS, "--output", self.place / "files")
        self.fails(66, "from a checkout", ended)
        self.assertFalse((self.place / "files").exists())


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
    if sys.argv[1:2] == ["--files"]:
        FILES = pathlib.Path(sys.argv[2]).resolve()
        del sys.argv[1:3]
    unittest.main(verbosity=2)
