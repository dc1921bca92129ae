"""A way to PostgreSQL that falls silent, as a network does: nothing arrives, and nobody says so."""

import os
import socket
import threading


class Proxy:
    def __init__(self, folder, port=5432):
        self.target = os.path.join(folder, f".s.PGSQL.{port}")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = {"up": threading.Event(), "down": threading.Event()}
        """Directions in which bytes pass: up to the server, down to the client."""
        self.restore()
        threading.Thread(target=self.accept, daemon=True).start()

    def silence(self, *directions):
        for direction in directions or self.open:
            self.open[direction].clear()

    def restore(self):
        for event in self.open.values():
            event.set()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            for source, sink, name in ((client, server, "up"), (server, client, "down")):
                threading.Thread(
                    target=self.pass_on, args=(source, sink, self.open[name]), daemon=True
                ).start()

    def pass_on(self, source, sink, gate):
        try:
            while piece := source.recv(65536):
                gate.wait()
                sink.sendall(piece)
        except OSError:
            pass
        gate.wait()
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.restore()
        self.listener.close()
