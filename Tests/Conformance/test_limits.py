"""How many calls an app may make, on each API; and what it is told when it makes more."""

import time
from itertools import count

from judging import Judged
from official import Official
from programs import sleep_until

SECOND = 1_000_000
MINUTE = 60 * SECOND


def verdicts(arrivals, limits, is_fixed=False, is_counted=False):
    """Which calls the rules let through: a model of them, kept apart from the sandbox's own."""
    counted, passed = [], []
    for now in arrivals:

        def is_full(calls, span):
            if is_fixed:
                near = [then for then in counted if then // span == now // span]
            else:
                near = [then for then in counted if now - then < span]
            return calls > 0 and len(near) >= calls

        is_passed = not any(is_full(calls, span) for calls, span in limits)
        if is_passed or is_counted:
            counted.append(now)
        passed.append(is_passed)
    return passed


class Limits(Judged):
    def assert_verdicts(self, sandbox, answers, limits, **rules):
        """Each answer is what the arrivals so far make it; gives back whether any was refused."""
        log_ids = [answer.log_id for answer in answers]
        lines = {line["log_id"]: line for line in sandbox.lines()}
        expected = verdicts([lines[i]["arrived_us"] for i in log_ids], limits, **rules)
        self.assertEqual([answer.code == 0 for answer in answers], expected)
        return not all(expected)

    def until_refused(self, call, most):
        """Calls without a pause until one is refused."""
        answers = []
        for number in range(most):
            answers.append(call(number))
            if answers[-1].code != 0:
                break
        return answers

    def judge_limit(self, call, sandbox, limits, tells):
        """A limit is met exactly where the arrivals say, and ends with the wait that is told."""
        answers = self.until_refused(call, 1_100)
        self.assertTrue(
            self.assert_verdicts(sandbox, answers, limits), "the machine was too slow to be limited"
        )
        for answer in answers[:-1]:
            self.assert_answer(answer, 200, 0)
        return self.assert_limited(answers[-1], tells)

    def test_previews(self):
        """Previews: 5 calls in a second; the wait that is told is long enough."""
        sandbox, client = self.sandbox_and_client()
        tokens = count()

        def call(_):
            return client.previews([f"p{next(tokens)}"])

        reset = self.judge_limit(call, sandbox, [(5, SECOND)], tells=5)
        self.assertEqual(reset, 1)
        time.sleep(reset)
        self.assert_success(call(0))

    def test_previews_limits_of_their_own(self):
        """The limit is each app's and each API's own, can be chosen, and can be none."""
        sandbox = self.sandbox(
            "--app", "cli_la:a", "--app", "cli_lb:b", "--calls-per-second", "2"
        )
        one, two = Official(sandbox, "cli_la", "a"), Official(sandbox, "cli_lb", "b")
        self.judge_limit(
            lambda n: one.previews([f"p{n}"]), sandbox, [(2, SECOND)], tells=2
        )
        self.assert_success(two.previews(["p0"]))
        self.assert_success(one.card("card", 1))
        self.assert_answer(one.session("session_1"), 200, 0)
        free = self.client("--calls-per-second", "0")
        for number in range(20):
            self.assert_success(free.previews([f"p{number}"]))

    def test_cards_in_a_second(self):
        """Cards: 50 calls in a second."""
        sandbox, client = self.sandbox_and_client()
        limits = [(50, SECOND), (1000, MINUTE)]
        self.judge_limit(lambda n: client.card(f"card_{n}", 1), sandbox, limits, tells=50)

    def test_cards_in_a_minute(self):
        """Cards: 1,000 calls in a minute, however they are spread."""
        sandbox, client = self.sandbox_and_client("--cards-per-second", "0")
        limits = [(1000, MINUTE)]
        reset = self.judge_limit(
            lambda n: client.card(f"card_{n}", 1), sandbox, limits, tells=1000
        )
        self.assertLessEqual(reset, 60)

    def test_one_card(self):
        """One card: 10 changes in a second, and 230020 for more, or what was chosen."""
        for options, limit, status, code in (
            ((), 10, 400, 230020),
            (
                ("--card-per-second", "3", "--card-limit-with", "429:99991400"),
                *(3, 429, 99991400),
            ),
        ):
            with self.subTest(options=options):
                sandbox, client = self.sandbox_and_client(*options)
                answers = self.until_refused(lambda n: client.card("card", n + 1), 200)
                self.assertTrue(self.assert_verdicts(sandbox, answers, [(limit, SECOND)]))
                self.assert_refused(answers[-1], status, code, "changed too often")
                self.assert_success(client.card("another", 1))

    def test_sessions(self):
        """Sessions: 50 calls in a second and 1,000 in a minute."""
        for options, limits, tells in (
            ((), [(50, SECOND), (1000, MINUTE)], 50),
            (("--sessions-per-second", "0"), [(1000, MINUTE)], 1000),
        ):
            with self.subTest(options=options):
                sandbox, client = self.sandbox_and_client(*options)
                self.judge_limit(lambda _: client.session("session_1"), sandbox, limits, tells)

    def test_chosen_limits(self):
        """The limits of cards and sessions can be chosen; of two that are met the longer wait."""
        sandbox, client = self.sandbox_and_client(
            *("--cards-per-second", "3", "--cards-per-minute", "3"),
            *("--sessions-per-second", "2", "--sessions-per-minute", "4"),
        )
        limits = [(3, SECOND), (3, MINUTE)]
        reset = self.judge_limit(lambda n: client.card(f"c{n}", 1), sandbox, limits, tells=3)
        self.assertGreater(reset, 1)
        answers = []
        # The first and the second call pass, the third does not; a while later two more, and then
        # it is the minute that is full.
        for _ in range(30):
            answers.append(client.session("session_1"))
            self.assert_verdicts(sandbox, answers, [(2, SECOND), (4, MINUTE)])
            if answers[-1].headers.get("x-ogw-ratelimit-limit") == "4":
                break
            time.sleep(0.15)
        self.assertGreater(self.assert_limited(answers[-1], 4), 1)

    def test_windows(self):
        """A limit holds in any second or in each of the clock's; calls over it cost or do not."""
        kinds = []
        for window in (None, "sliding", "fixed"):
            for limited in (None, "free", "counted"):
                options = ("--limit-window", window) if window else ()
                options += ("--limited-calls", limited) if limited else ()
                sandbox, client = self.sandbox_and_client(*options)
                kinds.append((sandbox, client, window == "fixed", limited == "counted", []))
        begun = time.monotonic()
        for number in range(24):
            # Around the limit: 10 calls in a second, of which 5 may pass.
            sleep_until(begun + number * 0.1)
            for _, client, _, _, answers in kinds:
                answers.append(client.previews([f"p{number}"]))
        for sandbox, _, is_fixed, is_counted, answers in kinds:
            with self.subTest(is_fixed=is_fixed, is_counted=is_counted):
                rules = {"is_fixed": is_fixed, "is_counted": is_counted}
                self.assert_verdicts(sandbox, answers, [(5, SECOND)], **rules)

    def test_forms_of_the_answer(self):
        """99991400 can come with another status, and without the two headers."""
        for options, status, has_headers in (
            ((), 429, True),
            (("--limit-status", "400"), 400, True),
            (("--limit-headers", "both"), 429, True),
            (("--limit-headers", "none"), 429, False),
        ):
            with self.subTest(options=options):
                client = self.client("--calls-per-second", "1", *options)
                answers = self.until_refused(lambda n: client.previews([f"p{n}"]), 50)
                if has_headers:
                    self.assert_limited(answers[-1], 1, status)
                else:
                    self.assert_refused(answers[-1], status, 99991400)
                    self.assertFalse([n for n in answers[-1].headers if n.startswith("x-ogw")])

    def test_asynchronous_client(self):
        """The asynchronous client reads the same refusal."""
        client = self.client("--limit", "first:1")
        self.assertEqual(self.assert_limited(client.previews(["a"], is_async=True), 5), 1)
        self.assertEqual(self.assert_limited(client.card("c", 1, is_async=True), 50), 1)
        self.assertEqual(self.assert_limited(client.session("session_1", is_async=True), 50), 1)
