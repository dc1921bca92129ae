"""Tests of the report in a real browser: `test_picture.py PROGRAMS`, with the folder of the built programs.

Without Chromium nothing of this can be tried, and without the validator it is not tried whether the HTML is valid.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import browser
import day
import histories
import validator

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else pathlib.Path(".build/debug").resolve()
LARKSPUR = str(PROGRAMS / "larkspur")
HEADINGS = ["What happened", "Calls against the budget", "Lanes over time", "How long asks waited", "Staleness by hour",
            "How full calls for previews were", "Dead", "Refused and failed calls", "Slowest calls", "Busiest keys"]
"""The sections of a report, as a screenshot of one shows them."""

SHAPE = """[...document.querySelectorAll("*")].map(e => e.localName + [...e.attributes].map(a => " " + a.name).join(""))"""
"""Every element with the names of its attributes, in order."""

DESCRIBED = """[...document.querySelectorAll("svg")].every(svg => svg.closest("[aria-hidden=true]")
    || svg.closest("[role=img]").getAttribute("aria-label").length > 10)"""

CONTRAST = """(() => {
  const light = text => {
    const [r, g, b] = text.match(/[\\d.]+/g).map(n => n / 255).map(
      n => n <= .04045 ? n / 12.92 : ((n + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = element => {
    for (; element; element = element.parentElement) {
      const color = getComputedStyle(element).backgroundColor;
      if (!color.endsWith(", 0)")) return color;
    }
    return "rgb(255, 255, 255)";
  };
  let worst = 21;
  for (const element of document.querySelectorAll("h1, h2, h3, p, td, th, dt, dd, span, code, bdi")) {
    if (!element.textContent.trim()) continue;
    const opacity = Number(getComputedStyle(element).opacity);
    const [one, two] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    worst = Math.min(worst, (one + .05) / (two + .05) * opacity);
  }
  return worst;
})()"""
"""The least contrast of a text with its background."""


def report(queue, *words, environment=None):
    """The path of a report, beside its queue."""
    path = os.path.join(os.path.dirname(queue), "report.html")
    subprocess.run([LARKSPUR, "--db", queue, "report", "--out", path, *words], check=True, capture_output=True, timeout=60,
                   env={**os.environ, **(environment or {})})
    return path


class Pages(unittest.TestCase):
    """One browser and the pages that it looks at."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="larkspur-picture-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.__exit__)

    def queue(self, fill):
        folder = tempfile.mkdtemp(dir=self.folder)
        path, db = histories.make(LARKSPUR, folder)
        fill(db)
        db.close()
        return path

    def look(self, path, **how):
        """Shows a page, which must say nothing, ask for nothing and not be wider than the screen."""
        self.browser.show(f"file://{path}", **how)
        self.assertEqual(self.browser.complaints, [])
        self.assertEqual(self.browser.requests, [f"file://{path}"])
        width = how.get("width", 1200)
        self.assertLessEqual(self.browser.value("document.documentElement.scrollWidth"), width)

    def text(self, selector):
        return self.browser.value(f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.innerText)")


class DayTests(Pages):
    """A day with an outage, a mass change and a month's end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = report(cls.queue(cls, day.fill))

    def test_it_is_quiet_and_fits_on_every_screen(self):
        for width in (1200, 400):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.look(self.page, width=width, dark=dark)
                    self.assertTrue(self.browser.value(DESCRIBED))
                    self.assertGreaterEqual(self.browser.value(CONTRAST), 4.5)

    def test_it_has_the_sections_of_the_screenshot(self):
        self.look(self.page)
        self.assertEqual(self.text("main h2")[1:], HEADINGS)
        self.assertEqual(len(self.text("dl.totals > div")), 6)
        self.assertEqual(self.browser.value("document.querySelectorAll('.lanes .strip').length"), 40)

    def test_its_story_is_told_in_the_order_of_time(self):
        self.look(self.page)
        told = [re.sub(r"\s+", " ", row) for row in self.text("section.happened tbody tr")]
        wanted = ["42 min Calls for previews paused calls fail, whatever they carry: HTTP 502: Bad Gateway",
                  "The most calls: calls for previews", "3.4 h Calls for previews paused the account's monthly call quota",
                  "36 min No worker ran"]
        told = [row for row in told if "A new month" not in row]
        self.assertEqual(len(told), len(wanted), told)
        for row, want in zip(told, wanted):
            self.assertIn(want, row)

    def test_it_is_read_without_script(self):
        self.look(self.page)
        with_script = self.text("main")
        self.look(self.page, scripts=False)
        self.assertEqual(self.text("main"), with_script)

    def test_the_pointer_tells_moments_and_counts(self):
        self.look(self.page)
        self.browser.value("document.querySelector('.calls svg[data-bars]').scrollIntoView()")
        box = self.browser.value("document.querySelector('.calls svg[data-bars]').getBoundingClientRect().toJSON()")
        self.browser.point(box["x"] + box["width"] * day.MASS / 24 + 2, box["y"] + box["height"] / 2)
        tip = self.text(".tip")[0]
        self.assertRegex(tip, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d: [1-9]\d\d+ delivered")
        self.browser.point(5, 5)
        self.assertTrue(self.browser.value("document.querySelector('.tip').hidden"))
        self.assertEqual(self.browser.complaints, [])

    def test_it_is_printed_on_white(self):
        self.look(self.page, dark=True)
        self.browser.ask("Emulation.setEmulatedMedia", media="print")
        try:
            self.assertEqual(self.browser.value("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
            self.assertTrue(self.browser.ask("Page.printToPDF", printBackground=True)["data"])
        finally:
            self.browser.ask("Emulation.setEmulatedMedia", media="")

    def test_it_is_small(self):
        self.assertLess(os.path.getsize(self.page), 250_000)


class HostileTests(Pages):
    """A thousand tokens and messages that try to be something else."""

    def test_names_and_messages_change_nothing(self):
        shapes = []
        for hostile in (False, True):
            page = report(self.queue(lambda db: histories.fill(db, 3_000, lanes=1_000, hostile=hostile, seed=3)), "--full",
                          environment={"TZ": "UTC"})
            self.look(page)
            shapes.append(self.browser.value(SHAPE))
            for harm in ("script:not([src])", "img", "[onload]", "[onerror]", "style", "a", "iframe"):
                found = self.browser.value(f"document.querySelectorAll({json.dumps(harm)}).length")
                self.assertEqual(found, 1 if harm.startswith("s") else 0, harm)
        kinds = [{element for element in shape} for shape in shapes]
        self.assertEqual(kinds[1] - kinds[0], set())
        text = "".join(self.text("body"))
        self.assertIsNone(re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", text))
        self.assertIn("<script>alert(1)</script>", text)
        self.assertIn("\\u{202e}", text)

    def test_a_trace_of_them_is_json(self):
        queue = self.queue(lambda db: histories.fill(db, 500, lanes=1_000, hostile=True))
        trace = subprocess.run([LARKSPUR, "--db", queue, "report", "--trace", "-", "--full"], check=True,
                               capture_output=True, timeout=60).stdout
        names = {event["args"]["name"] for event in json.loads(trace)["traceEvents"] if event["name"] == "thread_name"}
        self.assertTrue(any(name.startswith("<script>") for name in names))


class EmptyTests(Pages):
    def test_an_empty_queue_is_a_page_too(self):
        page = report(self.queue(lambda db: None))
        for width in (1200, 400):
            self.look(page, width=width)
        self.assertIn("Nothing to show yet", self.text("h2"))


class SandboxTests(Pages):
    """The sandbox's page, which has the same charts and style."""

    def test_it_is_quiet(self):
        for dark in (False, True):
            address, page = self.sandbox_page()
            self.browser.show(address + "/?pause", dark=dark)
            self.assertEqual(self.browser.complaints, [])
            self.assertTrue(all(request.startswith((address, "data:")) for request in self.browser.requests))

    def sandbox_page(self):
        sandbox = subprocess.Popen([str(PROGRAMS / "larkspur-sandbox"), "--exit-with-parent"], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(sandbox.stdout.close)
        self.addCleanup(sandbox.wait)
        self.addCleanup(sandbox.send_signal, signal.SIGTERM)
        address = sandbox.stdout.readline().strip()
        with urllib.request.urlopen(address + "/", timeout=20) as answer:
            return address, answer.read().decode()


@unittest.skipUnless(validator.jar() or os.environ.get("CI"), "the HTML validator or Java is not installed")
class ValidityTests(unittest.TestCase):
    def check(self, fill, *words):
        with tempfile.TemporaryDirectory(prefix="larkspur-picture-") as folder:
            queue, db = histories.make(LARKSPUR, folder)
            fill(db)
            db.close()
            page = pathlib.Path(report(queue, *words)).read_text()
        self.assertEqual(validator.faults(page), [])

    def test_the_day_is_valid(self):
        self.check(day.fill)

    def test_hostile_text_is_valid(self):
        self.check(lambda db: histories.fill(db, 2_000, lanes=1_000, hostile=True), "--full")

    def test_nothing_is_valid(self):
        self.check(lambda db: None)

    def test_the_page_of_the_sandbox_is_valid(self):
        _, page = SandboxTests.sandbox_page(self)
        self.assertEqual(validator.faults(page), [])


if __name__ == "__main__":
    if not browser.program():
        sys.exit("there is no chromium in PATH; run: scripts/setup --tests")
    unittest.main()
