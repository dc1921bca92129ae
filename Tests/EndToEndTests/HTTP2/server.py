"""A Feishu behind TLS and HTTP/2, which refuses streams as it is told.

usage: server.py CERTIFICATE KEY DEED…

Each request gets the next deed; when none are left, "ok". The first line on standard output is the
port. Then follows a line for each request that was read: the number of its connection and of its
stream, the deed, and its body.

  ok              an answer: an access token, or success
  refuse          RST_STREAM with REFUSED_STREAM
  refuse-begun    the same after the headers of an answer, which no honest server does
  cancel          RST_STREAM with CANCEL: nobody knows what was done
  cancel-close    the same, and the connection is closed
  goaway-below    GOAWAY: this stream was not processed; the connection stays open
  goaway-close    the same, and the connection is closed
  goaway-error    the same with an error instead of a graceful end
  goaway-at       GOAWAY: this stream may have been processed; then the connection is closed
  close           the connection is closed without a word
"""

import json
import socket
import ssl
import struct
import sys
import threading

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1
NO_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM = 0, 7, 8, 11
STATUS_200 = b"\x88"  # In HPACK's static table.
PREFACE_BYTES = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")


class Feishu:
    def __init__(self, deeds):
        self.deeds = deeds
        self.connections = 0
        self.lock = threading.Lock()

    def next_deed(self):
        with self.lock:
            return self.deeds.pop(0) if self.deeds else "ok"

    def accept(self, connection):
        with self.lock:
            self.connections += 1
            number = self.connections
        try:
            Connection(self, number, connection).serve()
        except (OSError, EOFError):
            pass  # The client has gone.
        finally:
            connection.close()


class Connection:
    def __init__(self, feishu, number, socket):
        self.feishu = feishu
        self.number = number
        self.socket = socket
        self.bodies = {}
        self.last = None  # Said in a GOAWAY: later streams are not heard.

    def serve(self):
        self.read(PREFACE_BYTES)
        self.write(SETTINGS, 0, 0)
        is_open = True
        while is_open:
            length_kind, flags, stream = struct.unpack(">IBI", self.read(9))
            payload = self.read(length_kind >> 8)
            kind = length_kind & 0xFF
            if kind == SETTINGS and not flags & ACK:
                self.write(SETTINGS, ACK, 0)
            elif kind == PING and not flags & ACK:
                self.write(PING, ACK, 0, payload)
            elif kind in (HEADERS, DATA):
                self.bodies[stream] = self.bodies.get(stream, b"") + (payload if kind == DATA else b"")
                is_heard = self.last is None or stream <= self.last
                if flags & END_STREAM and is_heard:
                    is_open = self.answer(stream, self.bodies.pop(stream).decode())

    def answer(self, stream, body):
        deed = self.feishu.next_deed()
        seen = {"connection": self.number, "stream": stream, "deed": deed, "body": body}
        print(json.dumps(seen), flush=True)
        if deed == "ok":
            self.write(HEADERS, END_HEADERS, stream, STATUS_200)
            self.write(DATA, END_STREAM, stream, self.success(body))
        elif deed == "refuse":
            self.write(RST_STREAM, 0, stream, struct.pack(">I", REFUSED_STREAM))
        elif deed == "refuse-begun":
            self.write(HEADERS, END_HEADERS, stream, STATUS_200)
            self.write(RST_STREAM, 0, stream, struct.pack(">I", REFUSED_STREAM))
        elif deed.startswith("cancel"):
            self.write(RST_STREAM, 0, stream, struct.pack(">I", CANCEL))
        elif deed.startswith("goaway"):
            self.last = last = stream if deed == "goaway-at" else max(0, stream - 2)
            error = ENHANCE_YOUR_CALM if deed == "goaway-error" else NO_ERROR
            self.write(GOAWAY, 0, 0, struct.pack(">II", last, error))
        return not deed.endswith(("close", "-at"))

    @staticmethod
    def success(body):
        answer = {"code": 0, "msg": "success"}
        if "app_secret" in body:
            answer |= {"tenant_access_token": "t-1", "expire": 7200}
        return json.dumps(answer).encode()

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def write(self, kind, flags, stream, payload=b""):
        head = struct.pack(">IBI", len(payload) << 8 | kind, flags, stream)
        self.socket.sendall(head + payload)


def main():
    certificate, key, *deeds = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    feishu = Feishu(deeds)

    def shake_hands(connection):
        try:
            feishu.accept(context.wrap_socket(connection, server_side=True))
        except OSError:
            connection.close()

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=shake_hands, args=(connection,), daemon=True).start()


main()
