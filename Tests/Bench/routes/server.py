"""A server behind a slow route that allows five calls in any second, counted when they arrive.

usage: server.py ROUTE SEED RECORD

After it reads a call, the server waits for the way out, counts the arrival, waits for the work and the
way back, and answers. Each connection has its own thread, so no call waits for another. An arrival is
timed after its wait, because a wait may take longer than it should. A call is refused with 429 if five
others, refused or not, arrived within the second before it.

It is written from the documented API alone and shares no code with Larkspur. It prints its address,
writes a line to RECORD for each call, and ends when its standard input closes.
"""

import collections
import http.server
import json
import random
import socketserver
import sys
import threading
import time

CALLS = 5
WINDOW_NS = 1_000_000_000

LOGIN = "/open-apis/auth/v3/tenant_access_token/internal"
UPDATE = "/open-apis/im/v2/url_previews/batch_update"


def constant(dice, number):
    return 0.025, 0, 0.025


def slightly_uneven(dice, number):
    return halves(dice.lognormvariate(0, 0.3) * 0.05)


def very_uneven(dice, number):
    return halves(dice.lognormvariate(0, 0.8) * 0.05)


def uneven_out(dice, number):
    return dice.uniform(0.02, 0.08), 0, 0


def held_up(dice, number):
    return 0.2 if dice.random() < 0.1 else 0.02, 0, 0


def slow_work(dice, number):
    return 0.02, dice.uniform(0.05, 0.5), 0.02


def shortening(dice, number):
    # Only a route that becomes shorter is dangerous, so it does that more than once.
    return halves(0.02 if number // 75 % 2 else 0.08)


def halves(round_trip):
    return round_trip / 2, 0, round_trip / 2


ROUTES = {
    route.__name__: route
    for route in (
        constant,
        slightly_uneven,
        very_uneven,
        uneven_out,
        held_up,
        slow_work,
        shortening,
    )
}
"""Each returns the seconds that call `number` takes for its way out, the work and the way back."""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, route, seed, record):
        super().__init__(("127.0.0.1", 0), Connection)
        self._route = route
        self._dice = random.Random(seed)
        self._record = record
        self._lock = threading.Lock()
        self._calls_read = 0
        self._newest = collections.deque(maxlen=CALLS)

    def call(self, tokens):
        """Takes as long as the call does after it was read; returns whether it is refused."""
        with self._lock:
            number = self._calls_read
            self._calls_read += 1
            out, work, back = self._route(self._dice, number)
        began = time.monotonic_ns()
        time.sleep(out)
        with self._lock:
            arrived = time.monotonic_ns()
            refused = len(self._newest) == CALLS and arrived - self._newest[0] < WINDOW_NS
            self._newest.append(arrived)
            line = {
                "number": number,
                "arrived_ns": arrived,
                "refused": refused,
                "tokens": tokens,
                "meant_s": [out, work, back],
                "late_us": (arrived - began) // 1000 - round(out * 1e6),
            }
            self._record.write(json.dumps(line) + "\n")
            self._record.flush()
        time.sleep(work + back)
        return refused


class Connection(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Headers and body leave together.
    wbufsize = -1

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == LOGIN:
            # Answered at once: only updates are measured.
            token = {"tenant_access_token": "t-route", "expire": 7200}
            self._answer(200, {"code": 0, "msg": "ok"} | token)
        elif self.path != UPDATE:
            self._answer(404, {"code": 404, "msg": "there is no such API here"})
        elif self.server.call(len(json.loads(body)["preview_tokens"])):
            self._answer(429, {"code": 99991400, "msg": "request trigger frequency limit"})
        else:
            self._answer(200, {"code": 0, "msg": "success", "data": {}})

    def _answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


def main():
    route, seed, path = sys.argv[1:]
    with open(path, "w", encoding="ascii") as record:
        with Server(ROUTES[route], int(seed), record) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
            # The pipe closes however the parent ends, so no server outlives it.
            sys.stdin.read()


if __name__ == "__main__":
    main()
