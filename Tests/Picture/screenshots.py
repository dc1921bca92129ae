"""Makes the screenshots of the documentation: `screenshots.py PROGRAMS FOLDER`.

Tests compare the page with them by its sections and not by pixels. The day ends when this runs, so run it some hours
after midnight in TZ, or with faketime. Shrink the files with: pngquant --ext .png --force 48
"""

import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import browser
import day
import histories

LEAVES_OUT = "document.querySelectorAll('.lanes tbody tr:nth-child(n+15):not(.foot)').forEach(row => row.remove())"
"""Fourteen lanes show what forty do."""


def main(programs, folder):
    import test_picture

    with tempfile.TemporaryDirectory() as place, browser.Browser() as tab:
        queue, db = histories.make(os.path.join(programs, "larkspur"), place)
        day.fill(db)
        db.close()
        page = test_picture.report(queue)
        for name, width, dark, height in [("report", 1200, False, 1560), ("report-narrow", 400, True, 1250)]:
            tab.show(f"file://{page}", width=width, dark=dark)
            tab.value(LEAVES_OUT)
            tab.picture(os.path.join(folder, f"{name}.png"), height=height)


if __name__ == "__main__":
    programs, folder = sys.argv[1:3]
    del sys.argv[2:]
    main(programs, folder)
