"""cardkit/v1/cards/:card_id/batch_update: which batch is accepted"""

import time

from judging import Judged
from official import ACTIONS, Official
from programs import sleep_until

UNLIMITED = ("--card-per-second", "0")


class Uuids(Judged):
    def test_conflict(self):
        """A uuid that the card has seen is answered 200770, whatever comes with it."""
        for options in ((), ("--replayed-uuid", "conflict")):
            with self.subTest(options=options):
                client = self.client(*options)
                self.assert_success(client.card("card", 1, uuid="u"))
                self.assert_refused(client.card("card", 1, uuid="u"), 400, 200770)
                self.assert_refused(client.card("card", 2, uuid="u"), 400, 200770)
                other = ACTIONS.replace("e1", "e2")
                self.assert_refused(client.card("card", 3, other, uuid="u"), 400, 200770)
                self.assert_success(client.card("card", 2, uuid="v"))
                self.assert_success(client.card("another", 1, uuid="u"))

    def test_replay(self):
        """The very batch again can be answered with success, and changes nothing."""
        sandbox, client = self.sandbox_and_client("--replayed-uuid", "success")
        self.assert_success(client.card("card", 5, uuid="u"))
        again = client.card("card", 5, uuid="u")
        self.assert_success(again)
        self.assertEqual(sandbox.line(again.log_id)["verdict"], "replayed")
        self.assertFalse(sandbox.line(again.log_id)["applied"])
        self.assert_refused(client.card("card", 6, uuid="u"), 400, 200770)
        other = ACTIONS.replace("e1", "e2")
        self.assert_refused(client.card("card", 5, other, uuid="u"), 400, 200770)
        self.assert_success(client.card("card", 6, uuid="v"))

    def test_first_check(self):
        """Of a batch that repeats both, either the uuid or the sequence is looked at first."""
        for options, code in (
            ((), 200770),
            (("--first-check", "uuid"), 200770),
            (("--first-check", "sequence"), 300317),
        ):
            with self.subTest(options=options):
                client = self.client(*options)
                self.assert_success(client.card("card", 1, uuid="u"))
                self.assert_refused(client.card("card", 1, uuid="u"), 400, code)
                # What repeats only one of them is answered for that one.
                self.assert_refused(client.card("card", 1, uuid="v"), 400, 300317)
                self.assert_refused(client.card("card", 2, uuid="u"), 400, 200770)

    def test_memory(self):
        """A uuid is remembered for as long as was said, and the sequence for ever."""
        client = self.client("--uuid-memory", "1s")
        long = self.client()
        for each in (client, long):
            self.assert_success(each.card("card", 1, uuid="u"))
        sleep_until(time.monotonic() + 1.1)
        self.assert_refused(client.card("card", 1, uuid="u"), 400, 300317)
        self.assert_success(client.card("card", 2, uuid="u"))
        self.assert_refused(long.card("card", 2, uuid="u"), 400, 200770)

    def test_length(self):
        """A uuid has 1 to 64 characters; it may be left out."""
        client = self.client(*UNLIMITED)
        self.assert_success(client.card("card", 1))
        self.assert_success(client.card("card", 2, uuid="u"))
        self.assert_success(client.card("card", 3, uuid="u" * 64))
        self.assert_refused(client.card("card", 4, uuid="u" * 65), 400, 10002, "uuid")
        self.assert_refused(client.card("card", 4, uuid=""), 400, 10002, "uuid")


class Sequences(Judged):
    def test_strictly_rising(self):
        """A sequence must be above the card's last; equal and lower ones are answered 300317."""
        client = self.client(*UNLIMITED)
        self.assert_success(client.card("card", 5))
        for stale in (5, 4, 1, 0, -1):
            with self.subTest(sequence=stale):
                self.assert_refused(
                    client.card("card", stale), 400, 300317, "sequence number compare failed"
                )
        self.assert_success(client.card("card", 6))
        self.assert_success(client.card("card", 1000))
        self.assert_success(client.card("another", 1))

    def test_first_sequence(self):
        """The first sequence of a card may be 1, and not 0."""
        client = self.client()
        self.assert_refused(client.card("card", 0), 400, 300317)
        self.assert_success(client.card("card", 1, is_async=True))

    def test_largest(self):
        """A sequence is an int32."""
        client = self.client()
        self.assert_refused(client.card("card", 2**31), 400, 10002, "sequence")
        self.assert_refused(client.card("card", 2**64), 400, 10002)
        self.assert_success(client.card("card", 2**31 - 1))

    def test_refused_content(self):
        """A batch refused for its content leaves uuid and sequence free, or uses them up."""
        for options, is_free in (
            ((), True),
            (("--refused-batch", "free"), True),
            (("--refused-batch", "counted"), False),
        ):
            with self.subTest(options=options):
                client = self.client(*options)
                self.assert_refused(client.card("card", 3, "[]", uuid="u"), 400, 10002)
                again = client.card("card", 3, uuid="u")
                if is_free:
                    self.assert_success(again)
                else:
                    self.assert_refused(again, 400, 200770)
                    self.assert_refused(client.card("card", 3, uuid="v"), 400, 300317)
                    self.assert_success(client.card("card", 4, uuid="v"))


class Cards(Judged):
    def test_missing_and_expired(self):
        """A card that does not exist is answered 200740, and one that is too old 200750."""
        client = self.client()
        self.assert_refused(client.card("missing_1", 1), 400, 200740)
        self.assert_refused(client.card("expired_1", 1), 400, 200750)
        client = self.client("--missing-card", "m", "--expired-card", "e")
        self.assert_refused(client.card("m1", 1), 400, 200740)
        self.assert_refused(client.card("e1", 1), 400, 200750)
        client = self.client("--missing-card", "", "--expired-card", "")
        self.assert_success(client.card("missing_1", 1))
        self.assert_success(client.card("expired_1", 1))

    def test_ids(self):
        """A card's id has 1 to 20 characters, and reaches the sandbox whatever they are."""
        sandbox, client = self.sandbox_and_client()
        for card in ("7355439197428236291", "c" * 20, "a/b?c#d e%2F", "卡片"):
            answer = client.card(card, 1)
            self.assert_success(answer)
            self.assertEqual(sandbox.line(answer.log_id)["card"], card)
        self.assert_refused(client.card("c" * 21, 1), 400, 10002, "card_id")

    def test_each_app_for_itself(self):
        """The cards of two apps have nothing to do with each other."""
        sandbox = self.sandbox("--app", "cli_a:a", "--app", "cli_b:b")
        for name in ("a", "b"):
            client = Official(sandbox, f"cli_{name}", name)
            self.assert_success(client.card("card", 1, uuid="u"))
