"""An app's callback address, which knows of the sandbox only what Feishu documents.

usage: app.py FOLDER [ENCRYPT_KEY]

The first line on standard output is the port. Then follows a line of JSON for each request, as soon
as it was read: its type, whether it was encrypted and signed as it must be, and what it said.

  FOLDER/title    the title of every preview, read at each request
  FOLDER/delay    how many seconds each answer takes, if the file exists
"""

import http.server
import json
import pathlib
import sys
import threading
import time

# Shares no code with the sandbox.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Examples" / "python"))

from feishu import decrypted, is_signed

folder = pathlib.Path(sys.argv[1])
encrypt_key = sys.argv[2] if len(sys.argv) > 2 else None
printing = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(raw)
        is_encrypted = list(body) == ["encrypt"]
        if is_encrypted:
            body = json.loads(decrypted(body["encrypt"], encrypt_key))
        line = {
            "type": body.get("type") or body["header"]["event_type"],
            "encrypted": is_encrypted,
            "signed": is_signed(self.headers, raw, encrypt_key or ""),
            "body": body,
        }
        with printing:
            print(json.dumps(line), flush=True)
        self.answer(body)

    def answer(self, body):
        if body.get("type") == "url_verification":
            answer = {"challenge": body["challenge"]}
        else:
            # Read before the delay, so that a late answer is an old one.
            title = (folder / "title").read_text()
            if (folder / "delay").exists():
                time.sleep(float((folder / "delay").read_text()))
            answer = {"inline": {"title": title}}
        data = json.dumps(answer).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass  # The client has given up.

    def log_message(self, *words):
        pass


class Server(http.server.ThreadingHTTPServer):
    # A whole chat connects at once.
    request_queue_size = 1024


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
