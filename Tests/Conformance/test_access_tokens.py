"""auth/v3/tenant_access_token/internal"""

import time

from lark_oapi.core.exception import ObtainAccessTokenException

from judging import Judged
from official import LOGIN, Official
from programs import Sandbox, sleep_until


class AccessTokens(Judged):
    def assert_login(self, answer):
        self.assert_answer(answer, 200, 0)
        self.assertTrue(answer.response.success())
        # Flat: the client's own model looks for `data`, and there is none.
        self.assertEqual(set(answer.body), {"code", "msg", "tenant_access_token", "expire"})
        self.assertIsNone(answer.response.data)
        self.assertEqual(answer.msg, "ok")
        self.assertRegex(answer.body["tenant_access_token"], r"^t-.+")
        self.assertIs(type(answer.body["expire"]), int)
        return answer.body["tenant_access_token"], answer.body["expire"]

    def test_flat_answer(self):
        """The right secret is answered flat, with a token that lives for two hours."""
        token, expire = self.assert_login(self.client().login())
        self.assertEqual(expire, 7200)

    def test_asynchronous_login(self):
        """The asynchronous client, which sends other headers, is answered the same."""
        client = self.client()
        self.assertEqual(
            self.assert_login(client.login(is_async=True))[0],
            self.assert_login(client.login())[0],
        )

    def test_own_token_manager(self):
        """The client's own token manager reads the token, and calls with it succeed."""
        client = self.client()
        token = client.access_token()
        self.assertEqual(token, client.login().body["tenant_access_token"])
        self.assert_success(client.previews(["a"]))

    def test_same_token_again(self):
        """While 30 minutes or more are left it is the same token; then a new one, and both work."""
        sandbox, client = self.sandbox_and_client("--token-expire", "1802")
        first, expire = self.assert_login(client.login())
        self.assertEqual(expire, 1802)
        begun = time.monotonic()
        again, left = self.assert_login(client.login())
        arrivals = [line["arrived_us"] for line in sandbox.lines()]
        self.assertEqual(left, (1_802_000_000 - (arrivals[1] - arrivals[0])) // 1_000_000)
        self.assertEqual(again, first)
        sleep_until(begun + 2.1)
        second, expire = self.assert_login(client.login())
        self.assertNotEqual(second, first)
        self.assertEqual(expire, 1802)
        self.assert_success(client.previews(["a"], token=first))
        self.assert_success(client.previews(["b"], token=second))

    def test_short_lived_tokens(self):
        """Tokens that never have 30 minutes left are new each time."""
        client = self.client("--token-expire", "1799")
        tokens = {self.assert_login(client.login())[0] for _ in range(3)}
        self.assertEqual(len(tokens), 3)

    def test_expired_token(self):
        """A token that has expired is answered 99991663 by every API."""
        client = self.client("--token-expire", "1")
        token, _ = self.assert_login(client.login())
        time.sleep(1.1)
        for answer in (
            client.previews(["a"], token=token),
            client.card("card", 1, token=token),
            client.session("session_1", token=token),
        ):
            self.assert_refused(answer, 400, 99991663, "Invalid access token")

    def test_wrong_credentials(self):
        """A wrong secret and an unknown app are answered 10014."""
        client = self.client()
        self.assert_refused(client.login(secret="wrong"), 400, 10014)
        self.assert_refused(client.login(app="cli_other"), 400, 10014)
        self.assert_refused(client.login(app="cli_other", is_async=True), 400, 10014)

    def test_wrong_credentials_of_the_token_manager(self):
        """The client's own token manager says 10014 too."""
        sandbox = self.sandbox()
        with self.assertRaises(ObtainAccessTokenException) as raised:
            Official(sandbox, "cli_other").access_token()
        self.assertEqual(raised.exception.code, 10014)

    def test_other_bodies(self):
        """A body without both texts is answered 10003."""
        client = self.client()
        for body in (None, [], {}, {"app_id": client.app}, {"app_id": 1, "app_secret": 2}):
            with self.subTest(body=body):
                answer = client.request("POST", LOGIN, body, with_token=False)
                self.assert_refused(answer, 400, 10003)

    def test_several_apps(self):
        """Each app has its own secret and its own token."""
        sandbox = self.sandbox("--app", "cli_one:first", "--app", "cli_two:second:half")
        one = Official(sandbox, "cli_one", "first")
        two = Official(sandbox, "cli_two", "second:half")
        self.assertNotEqual(
            self.assert_login(one.login())[0], self.assert_login(two.login())[0]
        )
        self.assert_refused(one.login(secret="second:half"), 400, 10014)
        # A token belongs to a message that one app sees, so the spacing is each app's own.
        self.assert_success(one.previews(["a"]))
        self.assert_success(two.previews(["a"]))

    def test_another_sandbox(self):
        """A token of one run is not valid in another."""
        token = self.client().access_token()
        answer = self.client().previews(["a"], token=token)
        self.assert_refused(answer, 400, 99991663, "Invalid access token")

    def test_default_app(self):
        """Unless told otherwise the sandbox knows cli_sandbox, and the person u-sandbox."""
        sandbox = Sandbox(own_app=False)
        self.addCleanup(sandbox.stop)
        client = Official(sandbox, "cli_sandbox", "sandbox")
        self.assert_login(client.login())
        self.assert_answer(client.session("session_1", token="u-sandbox", person=True), 200, 0)
