"""Prints the table of a run that was kept as JSON."""

import json
import sys

import report

with open(sys.argv[1], encoding="utf-8") as file:
    print(report.table(json.load(file)))
