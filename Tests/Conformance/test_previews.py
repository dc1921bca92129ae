"""im/v2/url_previews/batch_update"""

import time

from judging import Judged
from official import PREVIEWS, Official, send_bytes
from programs import sleep_until

UNLIMITED = ("--calls-per-second", "0")


def many(count, prefix="p"):
    return [f"{prefix}{number}" for number in range(count)]


class Previews(Judged):
    def test_documented_example(self):
        """The example of the documentation is accepted, by both clients."""
        token = "952te0c8-9ccf-463d-ad73-593f8f768a5c"
        client = self.client()
        self.assert_success(client.previews([token], ["ou_xxx"]))
        self.assert_success(client.previews([token + "-2"], ["ou_xxx"], is_async=True))

    def test_number_of_tokens(self):
        """A call has 1 to 10 tokens; 0 and 11 are answered 230001."""
        client = self.client(*UNLIMITED)
        self.assert_refused(client.previews([]), 400, 230001, "param is invalid")
        self.assert_success(client.previews(many(1, "one")))
        self.assert_success(client.previews(many(10, "ten")))
        self.assert_refused(client.previews(many(11)), 400, 230001, "param is invalid")

    def test_number_of_people(self):
        """A call has 0 to 100 open_ids, or none at all; 101 are answered 230001."""
        sandbox, client = self.sandbox_and_client(*UNLIMITED)
        for token, people in (("a", None), ("b", []), ("c", ["ou_1"]), ("d", many(100, "ou_"))):
            answer = client.previews([token], people)
            self.assert_success(answer)
            self.assertEqual(sandbox.line(answer.log_id)["open_ids"], people)
        self.assert_refused(client.previews(["e"], many(101, "ou_")), 400, 230001)

    def test_other_bodies(self):
        """A body of another form is answered 230001."""
        sandbox, client = self.sandbox_and_client(*UNLIMITED)
        for body in (
            None,
            [],
            "a",
            {},
            {"preview_tokens": None},
            {"preview_tokens": "a"},
            {"preview_tokens": [1]},
            {"preview_tokens": ["a"], "open_ids": "ou_1"},
            {"preview_tokens": ["a"], "open_ids": [1]},
            {"data": {"preview_tokens": ["a"]}},
        ):
            with self.subTest(body=body):
                self.assert_refused(client.request("POST", PREVIEWS, body), 400, 230001)
        answer = send_bytes(sandbox, "POST", PREVIEWS, client.access_token(), b'{"preview_')
        self.assertEqual(answer, (400, 230001))

    def test_whole_call(self):
        """One malformed token or open_id has the whole call refused, and nothing takes effect."""
        client = self.client(*UNLIMITED)
        for tokens, people in (
            (["a", "bad_token_1"], None),
            (["a", ""], None),
            (["a"], ["ou_1", "ou_bad_1"]),
            (["a"], [""]),
        ):
            with self.subTest(tokens=tokens, people=people):
                self.assert_refused(client.previews(tokens, people), 400, 230001)
        self.assert_success(client.previews(["a"], ["ou_1"]))

    def test_what_is_malformed(self):
        """What counts as malformed can be chosen, and can be nothing."""
        client = self.client("--bad-token", "x", "--bad-open-id", "ou_x", *UNLIMITED)
        self.assert_refused(client.previews(["xyz"]), 400, 230001)
        self.assert_refused(client.previews(["a"], ["ou_xyz"]), 400, 230001)
        self.assert_success(client.previews(["bad_token"], ["ou_bad"]))
        client = self.client("--bad-token", "", "--bad-open-id", "", *UNLIMITED)
        self.assert_success(client.previews(["bad_token"], ["ou_bad"]))

    def test_empty_list_of_people(self):
        """An empty list of open_ids reaches nobody or everyone, or is answered 230001."""
        for meaning, is_applied in (("nobody", False), ("everyone", True), (None, False)):
            with self.subTest(meaning=meaning or "left to the sandbox"):
                options = ("--empty-open-ids", meaning) if meaning else ()
                sandbox, client = self.sandbox_and_client(*options)
                answer = client.previews(["a"], [])
                self.assert_success(answer)
                self.assertIs(sandbox.line(answer.log_id)["applied"], is_applied)
        client = self.client("--empty-open-ids", "refuse")
        self.assert_refused(client.previews(["a"], []), 400, 230001)
        self.assert_success(client.previews(["a"]))

    def test_same_token_twice_in_a_call(self):
        """A token that a call lists twice comes too early the second time."""
        self.assert_refused(self.client().previews(["a", "b", "a"]), 400, 230001)


class Spacing(Judged):
    """One token once in 5 s, counted by arrival: the record says when that was."""

    def test_five_seconds(self):
        """A token is early until 5 s after it arrived: refused, or passed over if told so."""
        clients = {
            sandbox: Official(sandbox)
            for sandbox in (
                self.sandbox(),
                self.sandbox("--spacing-violation", "refuse"),
                self.sandbox("--spacing-violation", "ignore"),
            )
        }
        for sandbox, client in clients.items():
            self.assert_success(client.previews(["a", "b"]))
        sent = time.monotonic()
        # On a busy machine the call that is meant for 4.5 s may come after 5. Then it is not early.
        for moment in (sent, sent + 2.5, sent + 4.5):
            sleep_until(moment)
            for sandbox, client in clients.items():
                self.judge(sandbox, client.previews(["a", "c"]))
        # Being refused or passed over has not moved the moment.
        sleep_until(sent + 5.05)
        for sandbox, client in clients.items():
            self.judge(sandbox, client.previews(["a"]))
            self.assertIn("too_early", [line["verdict"] for line in sandbox.lines()])
            self.assertEqual(sandbox.lines()[-1]["verdict"], "ok")

    def judge(self, sandbox, answer):
        """Compares an answer with what the arrivals so far make it."""
        last = {}
        for line in sandbox.lines():
            tokens = line["preview_tokens"]
            if tokens is None:
                continue
            now = line["arrived_us"]
            early = [t for t in tokens if now - last.get(t, -5_000_000) < 5_000_000]
            is_refused = early and "ignore" not in sandbox.options
            if not is_refused:
                last.update((t, now) for t in tokens if t not in early)
        self.assertEqual((line["log_id"], line["early"]), (answer.log_id, early))
        if is_refused:
            self.assert_refused(answer, 400, 230001, "once in 5 s")
        else:
            self.assert_success(answer)
        self.assertIs(line["applied"], not is_refused and early != tokens)

    def test_refused_calls(self):
        """A call that is refused for another reason does not use its tokens' time."""
        client = self.client()
        self.assert_refused(client.previews(["a", "bad_token"]), 400, 230001)
        self.assert_success(client.previews(["a"]))
