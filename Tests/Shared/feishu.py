"""A stand-in for Feishu that judges what it is sent. It shares nothing with Larkspur: its limits are Feishu's own."""

import collections
import http.server
import json
import threading
import time

# Messages with a zero character: they are Feishu's, and PostgreSQL cannot store it.
WINDOW = 5.0
"""Seconds in which a token may be refreshed once."""
RATE = 5
"""Calls a second of one app."""


class Card:
    """A card: its sequence has to grow, and a batch that is repeated has to be the same."""

    def __init__(self):
        self.sequence = 0
        self.batches = {}
        """uuid: body"""
        self.contents = []
        """In the order in which they were applied."""
        self.broken = []

    def answer(self, name, body):
        known = self.batches.get(body["uuid"])
        if known == body:
            return {"code": 0, "msg": "success", "data": {}}
        if known is not None:
            self.broken.append(f"{name}: {body} repeats the uuid of {known}")
            return {"code": 200770, "msg": "UUID conflict"}
        if body["sequence"] <= self.sequence:
            self.broken.append(f"{name}: sequence {body['sequence']} after {self.sequence}")
            return {"code": 300317, "msg": "sequence number compare failed"}
        self.sequence = body["sequence"]
        self.batches[body["uuid"]] = body
        for action in json.loads(body["actions"]):
            self.contents.append(action["params"]["partial_element"]["content"])
        return {"code": 0, "msg": "success", "data": {}}


class Feishu:
    def __init__(self, delay=0.0):
        self.delay = delay
        self.lock = threading.Lock()
        self.calls = []
        """(when it arrived, app, tokens, open_ids or None)"""
        self.logins = collections.Counter()
        self.refused = set()
        """Tokens that make a call be refused."""
        self.wrong = set()
        """Apps whose secret is wrong."""
        self.cards = collections.defaultdict(Card)
        """By app and card."""
        feishu = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                arrived = time.monotonic()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = feishu.answer(arrived, self.path, self.headers.get("Authorization"), body)
                text = json.dumps(answer).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    pass

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, arrived, path, authorization, body):
        if path.endswith("/tenant_access_token/internal"):
            with self.lock:
                self.logins[body["app_id"]] += 1
            if body["app_id"] in self.wrong:
                return {"code": 10014, "msg": "app secret invalid \0"}
            token = "t-" + body["app_id"]
            return {"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7200}
        app = authorization.removeprefix("Bearer t-")
        if path.startswith("/open-apis/cardkit/v1/cards/"):
            card = path.split("/")[5]
            with self.lock:
                answer = self.cards[app, card].answer(f"card {card} of {app}", body)
            time.sleep(self.delay)
            return answer
        with self.lock:
            self.calls.append((arrived, app, body["preview_tokens"], body.get("open_ids")))
        time.sleep(self.delay)
        if self.refused.intersection(body["preview_tokens"]):
            return {"code": 230001, "msg": "param \0 is invalid"}
        return {"code": 0, "msg": "success", "data": {}}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def told(self):
        """(app, token): when it was told."""
        told = collections.defaultdict(list)
        with self.lock:
            for arrived, app, tokens, _ in self.calls:
                for token in tokens:
                    told[app, token].append(arrived)
        return told

    def broken(self):
        """Sentences about what was too early, or too much."""
        sentences = [sentence for card in self.cards.values() for sentence in card.broken]
        for (app, token), moments in self.told().items():
            moments.sort()
            for before, after in zip(moments, moments[1:]):
                if after - before < WINDOW:
                    sentences.append(f"{token} of {app} came again after {after - before:.3f} s")
        by_app = collections.defaultdict(list)
        with self.lock:
            for arrived, app, _, _ in self.calls:
                by_app[app].append(arrived)
        for app, moments in by_app.items():
            moments.sort()
            for first, last in zip(moments, moments[RATE:]):
                if last - first < 1.0:
                    sentences.append(f"{RATE + 1} calls of {app} within {last - first:.3f} s")
        return sentences
