"""Faults on demand: what the official client meets, and what took effect all the same."""

import time

import requests

from judging import Judged
from official import ACTIONS, PREVIEWS, Official

# What `json` of the standard library raises, which is what the client lets through.
NOT_JSON = ValueError


class Refusals(Judged):
    """Faults that are an answer of Feishu's own."""

    def assert_all_three(self, options, status, code, words="", **how):
        client = self.client(*options)
        for answer in (
            client.previews(["a"], **how),
            client.card("card", 1, **how),
            client.session("session_1", **how),
        ):
            self.assert_refused(answer, status, code, words)
            self.assertFalse([name for name in answer.headers if name.startswith("x-ogw")])
        # Nothing took effect: neither the token's time nor the sequence was used.
        self.assert_success(client.previews(["a"], **how))
        self.assert_success(client.card("card", 1, **how))

    def test_reject_token(self):
        """A valid access token can be called invalid: 99991663, and 99991668 for a person's."""
        words = "Invalid access token for authorization."
        self.assert_all_three(("--reject-token", "first:1"), 400, 99991663, words)
        client = self.client("--reject-token", "first:1", "--user-token", "u-one")
        answer = client.session("session_1", token="u-one", person=True)
        self.assert_refused(answer, 400, 99991668, words)
        # The same token is good again, and asking for another gives the same one.
        self.assertEqual(client.access_token(), client.login().body["tenant_access_token"])

    def test_missing_scope(self):
        """The app can lack the scope: 99991672, which names it."""
        self.assert_all_three(("--missing-scope=first:1",), 400, 99991672, "scope")
        client = self.client("--missing-scope")
        for _ in range(2):
            self.assert_refused(client.previews(["a"]), 400, 99991672, "im:url_preview.update")
            self.assert_refused(client.card("c", 1), 400, 99991672, "cardkit:card:write")
            answer = client.session("session_1")
            self.assert_refused(answer, 400, 99991672, "aily:session:write")

    def test_quota(self):
        """The month's calls can be used up: 429 and 99991403, without a wait."""
        words = "This month's API call quota has been exceeded"
        self.assert_all_three(("--quota=first:1",), 429, 99991403, words)
        client = self.client("--quota")
        for _ in range(2):
            self.assert_refused(client.previews(["a"]), 429, 99991403, words)

    def test_refuse(self):
        """Any answer can be forced; unless told otherwise it is 400 and 2200."""
        self.assert_all_three(("--refuse", "first:1"), 400, 2200)
        options = ("--refuse", "first:1", "--refuse-with", "500:65001")
        self.assert_all_three(options, 500, 65001)

    def test_limit(self):
        """The rate limit can be met at will, with both headers; nothing takes effect."""
        client = self.client("--limit", "first:1")
        self.assertEqual(self.assert_limited(client.previews(["a"]), 5), 1)
        self.assertEqual(self.assert_limited(client.card("card", 1), 50), 1)
        self.assertEqual(self.assert_limited(client.session("session_1"), 50), 1)
        self.assert_success(client.previews(["a"]))
        self.assert_success(client.card("card", 1))


class Connections(Judged):
    """Faults by which the client learns nothing, or not what it should."""

    def meet(self, fault, error, *options, timeout=30):
        """A call of each kind meets the fault; gives back what is then answered to the next."""
        sandbox = self.sandbox(fault, "first:1", *options)
        client, patient = Official(sandbox, timeout=timeout), Official(sandbox)
        # The two share what they have logged in with.
        patient.access_token()
        calls = (
            lambda: client.previews(["a"]),
            lambda: client.card("card", 1, uuid="u"),
            lambda: client.session("session_1", "a"),
        )
        for call in calls:
            with self.assertRaises(error):
                call()
        previews, card = patient.previews(["a"]), patient.card("card", 1, ACTIONS, "u")
        context = patient.session("session_1").response.data.session.channel_context
        struck = [line for line in sandbox.lines() if line["fault"]]
        self.assertEqual([f"--{line['fault'].replace('_', '-')}" for line in struck], [fault] * 3)
        return [line["applied"] for line in struck], previews, card, context

    def assert_without_effect(self, applied, previews, card, context):
        self.assertEqual(applied, [False] * 3)
        self.assert_success(previews)
        self.assert_success(card)
        self.assertEqual(context, "")

    def assert_with_effect(self, applied, previews, card, context):
        self.assertEqual(applied, [True] * 3)
        self.assert_refused(previews, 400, 230001, "once in 5 s")
        self.assert_refused(card, 400, 200770)
        self.assertEqual(context, "a")

    def test_dropped_before(self):
        """A connection closed before the call took effect."""
        self.assert_without_effect(*self.meet("--drop-before", requests.ConnectionError))

    def test_dropped_after(self):
        """A connection closed after the call took effect."""
        self.assert_with_effect(*self.meet("--drop-after", requests.ConnectionError))

    def test_cut(self):
        """Half of an answer, of a call that took effect."""
        errors = (requests.exceptions.ChunkedEncodingError, requests.ConnectionError)
        self.assert_with_effect(*self.meet("--cut", errors))

    def test_never(self):
        """No answer at all, to a call that took effect."""
        self.assert_with_effect(*self.meet("--never", requests.Timeout, timeout=0.5))

    def test_5xx(self):
        """502 and a page, of which the client's own methods can make nothing."""
        self.assert_without_effect(*self.meet("--fail-5xx", NOT_JSON))

    def test_html(self):
        """200 and a page, of which the client's own methods can make nothing."""
        self.assert_without_effect(*self.meet("--html", NOT_JSON))

    def test_pages(self):
        """The pages are HTML, with a log id all the same."""
        for fault, status in (("--fail-5xx", 502), ("--html", 200)):
            answer = self.client(fault, "first:1").request("POST", PREVIEWS, {})
            self.assert_page(answer, status)

    def test_slow(self):
        """An answer in ten pieces arrives whole, and takes as long as was said."""
        client = self.client("--slow", "first:1", "--slow-for", "600ms")
        client.access_token()
        begun = time.monotonic()
        self.assert_success(client.previews(["a"]))
        self.assertGreaterEqual(time.monotonic() - begun, 0.5)
        self.assert_refused(client.previews(["a"]), 400, 230001, "once in 5 s")


class Chances(Judged):
    UNLIMITED = ("--calls-per-second", "0", "--bad-token", "")

    def fates(self, *options, calls=40):
        sandbox, client = self.sandbox_and_client("--refuse", "0.5", *self.UNLIMITED, *options)
        codes = [client.previews([f"p{number}"]).code for number in range(calls)]
        self.assertEqual(
            [line["fault"] for line in sandbox.lines()[1:]],
            ["refuse" if code else None for code in codes],
        )
        return codes

    def test_seed(self):
        """The same seed gives the same calls the same faults; another gives others."""
        usual = self.fates()
        self.assertEqual(self.fates(), usual)
        self.assertEqual(self.fates("--seed", "1"), usual)
        self.assertNotEqual(self.fates("--seed", "2"), usual)
        # Another fault beside it does not move the first.
        self.assertEqual(self.fates("--quota=0"), usual)
        # Of 40 throws of a fair coin.
        self.assertIn(usual.count(2200), range(8, 33))

    def test_certainty(self):
        """A probability of 1 strikes every call, 0 none, and first:2 the first two."""
        for chance, struck in (("1", 6), ("0", 0), ("first:2", 2), ("first:0", 0)):
            with self.subTest(chance=chance):
                client = self.client("--refuse", chance, *self.UNLIMITED)
                codes = [client.previews([f"p{number}"]).code for number in range(6)]
                self.assertEqual(codes, [2200] * struck + [0] * (6 - struck))

    def test_order(self):
        """When several faults strike one call, the first of the help's list wins."""
        client = self.client("--quota", "--refuse", "1", "--missing-scope", "--limit", "1")
        self.assert_refused(client.previews(["a"]), 400, 99991672)

    def test_where(self):
        """Faults can be kept to some of the calls."""
        for word, struck in (
            (None, {"previews", "cards", "sessions"}),
            ("updates", {"previews", "cards", "sessions"}),
            ("previews", {"previews"}),
            ("cards", {"cards"}),
            ("sessions", {"sessions"}),
            ("token", {"token"}),
            ("all", {"previews", "cards", "sessions", "token"}),
        ):
            with self.subTest(word=word or "left to the sandbox"):
                options = ("--faults-on", word) if word else ()
                client = self.client("--fail-5xx", "first:1", *options)
                calls = {
                    "token": client.login,
                    "previews": lambda: client.previews(["a"]),
                    "cards": lambda: client.card("card", 1),
                    "sessions": lambda: client.session("session_1"),
                }
                self.assertEqual({name for name in calls if self.fails(calls[name])}, struck)

    def fails(self, call):
        try:
            return call().code != 0
        except NOT_JSON:
            return True

    def test_latency(self):
        """Answers are held back for as long as was said, and took effect on arrival."""
        sandbox, client = self.sandbox_and_client("--latency", "300ms", "--faults-on", "all")
        for call in (
            client.login,
            lambda: client.previews(["a"]),
            lambda: client.card("card", 1),
            lambda: client.session("session_1"),
        ):
            line = sandbox.line(call().log_id)
            self.assertGreaterEqual(line["answered_us"] - line["arrived_us"], 300_000)

    def test_spread(self):
        """The latency can spread, evenly to both sides."""
        sandbox, client = self.sandbox_and_client(
            *("--latency", "200ms", "--latency-spread", "200ms"), *self.UNLIMITED
        )
        waits = []
        for number in range(8):
            line = sandbox.line(client.previews([f"p{number}"]).log_id)
            waits.append(line["answered_us"] - line["arrived_us"])
        # The seed makes it the same each time; being busy can only make it longer.
        self.assertLess(min(waits), 190_000)
        self.assertGreater(max(waits), 210_000)
