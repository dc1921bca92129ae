"""cardkit/v1/cards/:card_id/batch_update: what a batch may contain"""

import json

from judging import Judged
from official import ACTIONS, CARD, send_bytes

UNLIMITED = ("--card-per-second", "0")

DOCUMENTED = [
    {
        "action": "partial_update_setting",
        "params": {
            "config": {"streaming_mode": True},
            "card_link": {"url": "https://open.feishu.cn"},
        },
    },
    {
        "action": "add_elements",
        "params": {
            "type": "insert_before",
            "target_element_id": "text_1",
            "elements": [{"tag": "markdown", "id": "md_1", "content": "示例文本"}],
        },
    },
    {"action": "delete_elements", "params": {"element_ids": ["text_1", "text_2"]}},
    {
        "action": "partial_update_element",
        "params": {
            "element_id": "target_element",
            "partial_element": {"content": "更新后的组件文本"},
        },
    },
    {
        "action": "update_element",
        "params": {
            "element_id": "target_element",
            "element": {"tag": "markdown", "id": "md_1", "content": "普通文本"},
        },
    },
]

GOOD = [
    # Newer pages have `settings` around config and card_link.
    ("partial_update_setting", {"settings": {"config": {"streaming_mode": True}}}),
    ("partial_update_setting", {"settings": {"card_link": {"url": "https://a.example"}}}),
    ("partial_update_setting", {"card_link": {"url": "https://a.example"}}),
    ("add_elements", {"type": "append", "elements": [{"tag": "hr"}]}),
    (
        "add_elements",
        {"type": "insert_after", "target_element_id": "e", "elements": [{"tag": "hr"}]},
    ),
]

BAD = [
    ("add_element", {}),
    ("partial_update_setting", {}),
    ("partial_update_setting", {"settings": {}}),
    ("partial_update_setting", {"config": "streaming"}),
    ("add_elements", {"elements": [{"tag": "hr"}]}),
    ("add_elements", {"type": "prepend", "elements": [{"tag": "hr"}]}),
    ("add_elements", {"type": "insert_before", "elements": [{"tag": "hr"}]}),
    ("add_elements", {"type": "append"}),
    ("add_elements", {"type": "append", "elements": []}),
    ("add_elements", {"type": "append", "elements": [{"content": "no tag"}]}),
    ("delete_elements", {}),
    ("delete_elements", {"element_ids": []}),
    ("delete_elements", {"element_ids": "e"}),
    ("partial_update_element", {"element_id": "e"}),
    ("partial_update_element", {"partial_element": {}}),
    ("update_element", {"element_id": "e"}),
    ("update_element", {"element_id": "e", "element": {"content": "no tag"}}),
    ("update_element", {"element": {"tag": "hr"}}),
]


class CardBodies(Judged):
    def test_documented_example(self):
        """The example of the documentation, every action of it, is accepted by both clients."""
        client = self.client()
        text = json.dumps(DOCUMENTED, ensure_ascii=False)
        card, uuid = "7355439197428236291", "191857678434"
        self.assert_success(client.card(card, 1, text, uuid))
        self.assert_success(client.card(card, 2, text, uuid + "-2", is_async=True))

    def test_good_actions(self):
        """Every documented form of an action is accepted."""
        client = self.client(*UNLIMITED)
        for sequence, (action, params) in enumerate(GOOD, 1):
            with self.subTest(action=action, params=params):
                text = json.dumps([{"action": action, "params": params}])
                self.assert_success(client.card("card", sequence, text))

    def test_bad_actions(self):
        """An action of another form is answered 10002, and the whole batch with it."""
        client = self.client(*UNLIMITED)
        good = json.loads(ACTIONS)[0]
        for action, params in BAD:
            with self.subTest(action=action, params=params):
                text = json.dumps([good, {"action": action, "params": params}])
                answer = client.card("card", 1, text)
                self.assert_refused(answer, 400, 10002, "action 1")
        self.assert_success(client.card("card", 1))

    def test_actions_of_another_form(self):
        """Actions that are no list of actions are answered 10002."""
        client = self.client(*UNLIMITED)
        for text in ("", "[", "[]", "{}", "null", "7", '["a"]', "[{}]", '[{"action":"add"}]'):
            with self.subTest(actions=text):
                self.assert_refused(client.card("card", 1, text), 400, 10002)

    def test_other_bodies(self):
        """A body of another form is answered 10002: sequence is a number, actions a text."""
        sandbox, client = self.sandbox_and_client(*UNLIMITED)
        path = CARD.format("card")
        for body in (
            None,
            [],
            {},
            {"sequence": 1},
            {"actions": ACTIONS},
            {"sequence": "1", "actions": ACTIONS},
            {"sequence": 1.5, "actions": ACTIONS},
            {"sequence": 1, "actions": json.loads(ACTIONS)},
            {"sequence": 1, "actions": ACTIONS, "uuid": 7},
            {"data": {"sequence": 1, "actions": ACTIONS}},
        ):
            with self.subTest(body=body):
                self.assert_refused(client.request("POST", path, body), 400, 10002)
        answer = send_bytes(sandbox, "POST", path, client.access_token(), b'{"sequence":')
        self.assertEqual(answer, (400, 10002))

    def test_length_of_actions(self):
        """Actions have up to 1,000,000 characters."""
        client = self.client()
        head, tail = ACTIONS[:-1], ACTIONS[-1:]

        def padded(length):
            return head + " " * (length - len(ACTIONS)) + tail

        self.assert_refused(client.card("card", 1, padded(1_000_001)), 400, 10002, "1000001")
        self.assert_success(client.card("card", 1, padded(1_000_000)))

    def test_what_a_character_is(self):
        """A character is a Unicode scalar, a unit of UTF-16, or a byte, as the option says."""
        balloon = "\U0001f388"
        for unit, largest in (
            (None, 64),
            ("scalars", 64),
            ("utf16", 32),
            ("bytes", 16),
        ):
            with self.subTest(unit=unit or "left to the sandbox"):
                options = ("--characters", unit) if unit else ()
                client = self.client(*options)
                too_long = client.card("card", 1, uuid=balloon * (largest + 1))
                self.assert_refused(too_long, 400, 10002, "uuid")
                self.assert_success(client.card("card", 1, uuid=balloon * largest))
