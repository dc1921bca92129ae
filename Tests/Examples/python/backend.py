"""Tickets whose links unfold into previews in Feishu. Larkspur keeps the previews up to date.

The tickets are in the same SQLite file as the queue, so a change and the ask for its refresh are
one transaction. How to start it: ../README.md. Settings, in the environment:

  LARKSPUR_DB                 the queue; `larkspur init` makes one
  FEISHU_VERIFICATION_TOKEN   of the app
  FEISHU_ENCRYPT_KEY          of the app, if it has one
  PORT                        to listen on at 127.0.0.1 (8000)
"""

import contextlib
import http.server
import json
import os
import pathlib
import re
import sqlite3
import sys
import urllib.parse

import feishu

QUEUE = pathlib.Path(os.environ["LARKSPUR_DB"]).absolute().as_uri() + "?mode=rw"
VERIFICATION_TOKEN = os.environ["FEISHU_VERIFICATION_TOKEN"]
ENCRYPT_KEY = os.environ.get("FEISHU_ENCRYPT_KEY", "")
LARGEST_BODY = 1_000_000


@contextlib.contextmanager
def transaction(wait_s):
    """One transaction, which waits this long if another program is writing."""
    db = sqlite3.connect(QUEUE, timeout=wait_s, uri=True)
    with contextlib.closing(db), db:
        yield db


def key_of(ticket):
    """What the ticket is called in the queue."""
    return f"ticket-{ticket}"


def answer(callback):
    if callback.get("type") == "url_verification":
        return {"challenge": callback["challenge"]}
    # Feishu sends all callbacks of an app to one address.
    if callback["header"]["event_type"] != "url.preview.get":
        return {}
    return {"inline": {"title": title(callback["event"])}}


def title(event):
    """First record the sighting, then read the ticket. The other way round, a change between the
    two would not know of this preview, and the preview would keep the old title."""
    path = urllib.parse.urlsplit(event["context"]["url"]).path
    found = re.fullmatch(r"/tickets/([0-9]{1,18})", path)
    if not found:
        return "Not a ticket"
    record(key_of(found[1]), event)
    return f"#{found[1]} {read(found[1])}"


def record(key, event):
    context = event["context"]
    if not context.get("preview_token"):
        return  # A draft: nobody but its author sees it, and nothing can refresh it.
    seen = (
        context["preview_token"],
        key,
        context["url"],
        context.get("open_chat_id"),
        event["operator"]["open_id"],
    )
    try:
        # Feishu waits 3 s. A preview that the queue does not know yet is better than none.
        with transaction(wait_s=0.2) as db:
            db.execute(
                "INSERT INTO sighting (token, key, url, chat, open_id) VALUES (?, ?, ?, ?, ?)", seen
            )
    except sqlite3.Error as error:
        log(f"sighting of {key} not recorded: {error}")


def read(ticket):
    # Reading does not wait for a program that writes.
    with transaction(wait_s=0.2) as db:
        row = db.execute("SELECT title FROM app_ticket WHERE id = ?", (ticket,)).fetchone()
    return row[0] if row else "not found"


def change(ticket, new_title):
    """Both or neither: no ticket changes without a refresh of its previews."""
    with transaction(wait_s=5) as db:
        db.execute(
            "INSERT INTO app_ticket (id, title) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET title = excluded.title",
            (ticket, new_title),
        )
        db.execute(
            "INSERT INTO ask (kind, lane, body) VALUES ('key', ?, ?)",
            (key_of(ticket), '{"everyone":true}'),
        )


def log(text):
    print(text, file=sys.stderr, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self):
        try:
            self.reply(*self.handled(self.rfile.read(self.body_size())))
        except feishu.Refused as refusal:
            self.fail(401, refusal)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self.fail(400, f"the request makes no sense: {error!r}")
        except sqlite3.Error as error:
            self.fail(503, error)

    def body_size(self):
        size = int(self.headers["Content-Length"])
        if not 0 <= size <= LARGEST_BODY:
            raise ValueError("the body is too large")
        return size

    def handled(self, raw):
        if self.path == "/callback":
            callback = feishu.opened(self.headers, raw, ENCRYPT_KEY, VERIFICATION_TOKEN)
            return 200, answer(callback)
        # Where tickets are changed in your backend, behind a check of who may do so.
        if found := re.fullmatch(r"/tickets/([0-9]{1,18})", self.path):
            change(found[1], json.loads(raw)["title"])
            return 200, {}
        return 404, {"error": "not found"}

    def fail(self, status, reason):
        log(f"{self.path}: {reason}")
        self.reply(status, {"error": str(reason)})

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *words):
        pass


class Server(http.server.ThreadingHTTPServer):
    # All members of a chat ask at once.
    request_queue_size = 1024


if __name__ == "__main__":
    with transaction(wait_s=5) as db:
        # With a prefix, so that it is never called like a table of Larkspur's.
        db.execute(
            "CREATE TABLE IF NOT EXISTS app_ticket (id TEXT PRIMARY KEY, title TEXT NOT NULL)"
        )
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
