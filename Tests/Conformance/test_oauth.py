"""oauth/v3/token, which the official client for Python does not use: what others say of it"""

import http.client
import json
import urllib.parse

from judging import Judged
from programs import PATIENCE


class OAuth(Judged):
    def ask(self, sandbox, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=PATIENCE)
        try:
            form = {"grant_type": "client_credentials", "client_id": sandbox.app, **fields}
            connection.request(
                "POST",
                "/oauth/v3/token",
                urllib.parse.urlencode(form),
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def test_token(self):
        """The right secret brings a long token, with which the official client's calls succeed."""
        sandbox, client = self.sandbox_and_client("--oauth-token-bytes", "8192")
        status, body = self.ask(sandbox, client_secret="sandbox")
        self.assertEqual((status, body["code"]), (200, 0))
        self.assertEqual(set(body), {"code", "access_token", "expires_in", "token_type"})
        self.assertEqual(len(body["access_token"]), 8192)
        self.assert_success(client.previews(["a"], token=body["access_token"]))

    def test_wrong_secret(self):
        """A wrong secret and an app that there is not have codes of their own."""
        sandbox = self.sandbox()
        self.assertEqual(self.ask(sandbox, client_secret="no")[1]["code"], 20002)
        status, body = self.ask(sandbox, client_id="cli_none", client_secret="sandbox")
        self.assertEqual((status, body["code"], body["error"]), (400, 20048, "invalid_client"))

    def test_server_error(self):
        """It can fail with 20050 while nothing else does."""
        sandbox, client = self.sandbox_and_client(
            "--refuse", "1", "--refuse-with", "500:20050", "--faults-on", "oauth"
        )
        self.assertEqual(self.ask(sandbox, client_secret="sandbox")[0], 500)
        self.assert_success(client.previews(["a"]))
