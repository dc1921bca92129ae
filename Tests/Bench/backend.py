"""A backend whose links unfold into previews: it answers the callback url.preview.get with the ticket's title.

usage: backend.py TICKETS [QUEUE]

The first line on standard output is the port. With a queue it records each preview that it serves: first the
sighting, then the title is read, then it answers. One process and no framework, so that little of what is
measured is its own.
"""

import json
import socket
import sqlite3
import sys


def main():
    tickets = sqlite3.connect(sys.argv[1], isolation_level=None)
    queue = sqlite3.connect(sys.argv[2], timeout=0.2, isolation_level=None) if sys.argv[2:] else None
    # A whole chat connects at once.
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(3)
            try:
                answer = json.dumps(answered(read(connection), tickets, queue)).encode()
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer)
                )
            except OSError:
                pass  # The client has given up.


def read(connection):
    """The callback. The sandbox gives the length of what it sends."""
    data = b""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        if end:
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            if len(body) >= int(fields[b"content-length"]):
                return json.loads(body)
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("the callback is incomplete")
        data += piece


def answered(callback, tickets, queue):
    if callback.get("type") == "url_verification":
        return {"challenge": callback["challenge"]}
    event = callback["event"]
    context = event["context"]
    key = context["url"].rpartition("/")[2]
    # A draft has no token.
    token = context.get("preview_token")
    if queue and token:
        sighting = (token, key, context["url"], context["open_chat_id"], event["operator"]["open_id"])
        try:
            queue.execute(
                "insert into sighting (token, key, url, chat, open_id) values (?, ?, ?, ?, ?)", sighting
            )
        except sqlite3.Error as error:
            # The answer is what matters; the user's next look brings the sighting again.
            print(f"not recorded: {error}", file=sys.stderr)
    (title,) = tickets.execute("select title from ticket where key = ?", (key,)).fetchone()
    return {"inline": {"title": title}}


main()
