"""auth/v3/app_access_token, tenant_access_token and app_ticket/resend, for store apps"""

import http.client
import http.server
import json
import os
import tempfile
import threading
import time

from judging import Judged
from official import Official
from programs import PATIENCE

STORE = "cli_store:shop"


class StoreApps(Judged):
    def store(self, *options):
        """A sandbox with a store app whose tickets are written to a file."""
        file = os.path.join(self.home(), "ticket")
        sandbox = self.sandbox("--store-app", STORE, "--ticket-file", file, *options)
        client = Official(sandbox, *STORE.split(":"))
        return sandbox, client, file

    def home(self):
        folder = tempfile.TemporaryDirectory(prefix="larkspur-conformance-")
        self.addCleanup(folder.cleanup)
        return folder.name

    def ticket(self, file, other_than=None):
        """What is in the file once something else is."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if os.path.exists(file):
                with open(file) as content:
                    ticket = content.read()
                if ticket != other_than:
                    return ticket
            time.sleep(0.01)
        self.fail("no ticket came")

    def signed_in(self, client, file):
        answer = client.app_token(self.ticket(file))
        self.assert_answer(answer, 200, 0)
        return answer.body["app_access_token"]

    def change(self, sandbox, method, tenant):
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=PATIENCE)
        try:
            connection.request(method, f"/sandbox/tenants/{tenant}")
            return connection.getresponse().status
        finally:
            connection.close()

    def test_from_ticket_to_call(self):
        """A ticket brings an app token, that brings a tenant's, and with it calls succeed."""
        sandbox, client, file = self.store()
        answer = client.app_token(self.ticket(file))
        self.assert_answer(answer, 200, 0)
        self.assertEqual(set(answer.body), {"code", "msg", "app_access_token", "expire"})
        answer = client.tenant_token(answer.body["app_access_token"], "tenant1")
        self.assert_answer(answer, 200, 0)
        self.assertEqual(set(answer.body), {"code", "msg", "tenant_access_token", "expire"})
        token = answer.body["tenant_access_token"]
        self.assert_success(client.previews(["a"], token=token))
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)

    def test_old_ticket(self):
        """Once there is a newer ticket the old one is refused."""
        sandbox, client, file = self.store("--ticket-every", "1s")
        first = self.ticket(file)
        self.ticket(file, other_than=first)
        self.assert_refused(client.app_token(first), 400, 10012, "app_ticket")

    def test_resend(self):
        """A ticket that is asked for again comes soon."""
        sandbox, client, file = self.store("--resend-after", "100ms")
        first = self.ticket(file)
        self.assert_answer(client.resend(), 200, 0)
        second = self.ticket(file, other_than=first)
        self.assert_answer(client.app_token(second), 200, 0)

    def test_tenants(self):
        """Tenants that are not there, have not installed the app or have removed it are refused."""
        sandbox, client, file = self.store("--absent-tenant", "gone", "--wrong-tenant", "none")
        app = self.signed_in(client, file)
        self.assert_refused(client.tenant_token(app, "none1"), 400, 10005)
        self.assert_refused(client.tenant_token(app, "gone1"), 400, 20009)
        self.assert_refused(client.tenant_token("t-none", "tenant1"), 400, 99991664)
        token = client.tenant_token(app, "tenant1").body["tenant_access_token"]
        self.assertEqual(self.change(sandbox, "DELETE", "tenant1"), 200)
        self.assert_refused(client.previews(["a"], token=token), 400, 99991673)
        self.assertEqual(self.change(sandbox, "PUT", "tenant1"), 200)
        self.assert_success(client.previews(["a"], token=token))
        self.assertEqual(self.change(sandbox, "POST", "tenant1"), 405)

    def test_pushed(self):
        """Tickets are pushed to an address as events of the first version."""
        got = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/events"
        sandbox = self.sandbox("--store-app", STORE, "--ticket-url", url)
        end = time.monotonic() + PATIENCE
        while not got and time.monotonic() < end:
            time.sleep(0.01)
        event = got[0]
        self.assertEqual(set(event), {"ts", "uuid", "token", "type", "event"})
        self.assertEqual((event["type"], event["token"]), ("event_callback", "v-sandbox"))
        self.assertEqual(set(event["event"]), {"app_id", "app_ticket", "type"})
        self.assertEqual(event["event"]["app_id"], "cli_store")
        client = Official(sandbox, *STORE.split(":"))
        self.assert_answer(client.app_token(event["event"]["app_ticket"]), 200, 0)
