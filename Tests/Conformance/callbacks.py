"""An app's callback address, behind which the official client decrypts, checks and answers."""

import http.server
import threading

import lark_oapi as lark
from lark_oapi.core.model import RawRequest
from lark_oapi.event.callback.model.p2_url_preview_get import P2URLPreviewGetResponse


class App:
    def __init__(self, encrypt_key="", verification_token="v-sandbox"):
        self.title = "one"
        self.pulls = []
        """What the official client read, one for each pull."""
        self.statuses = []
        """What it answered; 500 is its refusal."""
        self._receiver = (
            lark.EventDispatcherHandler.builder(encrypt_key, verification_token)
            .register_p2_url_preview_get(self._preview)
            .build()
        )
        app = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                app._receive(self)

            def log_message(self, *words):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/callback"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _receive(self, handler):
        request = RawRequest()
        request.uri = handler.path
        request.headers = dict(handler.headers)
        request.body = handler.rfile.read(int(handler.headers["Content-Length"]))
        response = self._receiver.do(request)
        self.statuses.append(response.status_code)
        handler.send_response(response.status_code)
        for name, value in response.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(response.content)))
        handler.end_headers()
        handler.wfile.write(response.content)

    def _preview(self, pull):
        self.pulls.append(pull)
        return P2URLPreviewGetResponse({"inline": {"title": self.title}})
