"""What stands before every API: who calls, where, and with how much."""

from judging import Judged
from official import CARD, LOGIN, PREVIEWS, SESSION

CALLS = {
    "previews": ("POST", PREVIEWS, {"preview_tokens": ["a"]}),
    "cards": ("POST", CARD.format("card"), {"sequence": 1, "actions": "[]"}),
    "sessions": ("PUT", SESSION.format("session_1"), {}),
}


class Gateway(Judged):
    def test_no_access_token(self):
        """A call without an access token, or with another scheme, is answered 99991661."""
        client = self.client()
        for name, (method, path, body) in CALLS.items():
            for headers in ({}, {"Authorization": "Basic t-1"}, {"Authorization": "Bearer"}):
                with self.subTest(api=name, headers=headers):
                    answer = client.request(method, path, body, headers, with_token=False)
                    self.assert_refused(answer, 400, 99991661)

    def test_unknown_tokens(self):
        """An unknown t- token is answered 99991663, and one of no known sort 99991671."""
        client = self.client()
        for call in (
            lambda token: client.previews(["a"], token=token),
            lambda token: client.card("card", 1, token=token),
            lambda token: client.session("session_1", token=token),
        ):
            self.assert_refused(call("t-unknown"), 400, 99991663, "Invalid access token")
            self.assert_refused(call("x-unknown"), 400, 99991671, "must start with t- or u-")

    def test_people(self):
        """A person's token is good for sessions; previews and cards do not take one."""
        client = self.client("--user-token", "u-one", "--user-token", "u-two")
        for token in ("u-one", "u-two"):
            answer = client.session("session_1", token=token, person=True)
            self.assert_answer(answer, 200, 0)
            for refused in (
                client.previews(["a"], token=token),
                client.card("card", 1, token=token),
            ):
                self.assert_refused(refused, 400, 99991668, "user access token not support")
        unknown = client.session("session_1", token="u-sandbox", person=True)
        self.assert_refused(unknown, 400, 99991668, "Invalid access token")

    def test_unknown_paths(self):
        """A path that does not exist is answered 404 and 99991201."""
        client = self.client()
        for path in (
            "/open-apis",
            "/open-apis/im/v2/url_previews",
            PREVIEWS + "/",
            CARD.format(""),
            SESSION.format(""),
            SESSION.format("session_1") + "/more",
        ):
            with self.subTest(path=path):
                answer = client.request("POST", path, {})
                self.assert_refused(answer, 404, 99991201, "the path does not exist")

    def test_wrong_methods(self):
        """A method that the path does not have is answered 405, with the one it has."""
        client = self.client()
        for path, allowed, wrong in (
            (LOGIN, "POST", ("GET", "PUT")),
            (PREVIEWS, "POST", ("GET", "PUT", "PATCH", "DELETE")),
            (CARD.format("card"), "POST", ("GET", "PUT")),
            (SESSION.format("session_1"), "PUT", ("GET", "POST", "DELETE")),
        ):
            for method in wrong:
                with self.subTest(path=path, method=method):
                    answer = client.request(method, path, {})
                    self.assert_page(answer, 405)
                    self.assertEqual(answer.headers["allow"], allowed)

    def test_large_bodies(self):
        """A body above 8 MiB is answered 413, and the next call is none the worse for it."""
        client = self.client()
        self.assert_page(client.request("POST", PREVIEWS, {"more": "x" * (8 << 20)}), 413)
        self.assert_success(client.previews(["a"]))

    def test_large_headers(self):
        """Headers above 32 kB are answered 431 at every path, and the next call is none the worse."""
        sandbox, client = self.sandbox_and_client()
        for path in (PREVIEWS, "/", "/open-apis"):
            with self.subTest(path=path):
                answer = client.request("POST", path, {}, {"X-More": "x" * 100_000})
                self.assert_page(answer, 431)
                self.assertEqual(sandbox.line(answer.log_id)["verdict"], "too_large")
        self.assert_success(client.previews(["a"]))

    def test_log_ids(self):
        """No two answers have the same log id, and the record tells each."""
        sandbox, client = self.sandbox_and_client()
        answers = [
            client.login(),
            client.login(secret="wrong"),
            client.previews(["a"]),
            client.previews([]),
            client.card("card", 1),
            client.card("card", 1),
            client.session("session_1"),
            client.session("session_1", "x" * 256),
            client.request("GET", "/open-apis"),
        ]
        self.assertEqual(len({answer.log_id for answer in answers}), len(answers))
        for answer in answers:
            line = sandbox.line(answer.log_id)
            self.assertEqual((line["status"], line["code"]), (answer.status, answer.code))
            # The client finds it by itself: it is in a header of exactly this name.
            self.assertEqual(answer.response.get_log_id(), answer.log_id)
