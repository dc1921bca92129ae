"""Rows that are inserted into both queues. Each is taken or refused alike, with the same sentence."""

EVERYONE = '{"everyone":true}'
PLAIN = '{"action":"delete_elements","params":{"element_ids":["a"]}}'
ACCOUNTS = {
    "shop": {"store_app": True},
    "shop.tenant1": {"app": "shop"},
    "plain": {"viewers_most": 2},
}
"""Configured accounts and their limits. `shop` is a store app."""


def preview(body=EVERYONE, lane="t", **more):
    return {"lane": lane, "body": body, **more}


def people(*open_ids):
    return preview('{"open_ids":[%s]}' % ",".join(open_ids))


def card(body=f'{{"actions":[{PLAIN}]}}', lane="7355439197428236291", **more):
    return {"kind": "card", "lane": lane, "body": body, **more}


def action(text):
    return card(f'{{"actions":[{PLAIN},{PLAIN},{text}]}}')


def named(key, value):
    return card(f'{{"actions":[{PLAIN}],"{key}":{value}}}')


def session(body='{"metadata":""}', lane="session_4dfunz7sp1g8m", **more):
    return {"kind": "session", "lane": lane, "body": body, **more}


def key(body=EVERYONE, lane="ticket-1041", **more):
    return {"kind": "key", "lane": lane, "body": body, **more}


def url(body=EVERYONE, lane="https://example.com/tickets/1041", **more):
    return {"kind": "url", "lane": lane, "body": body, **more}


def batch(length, character):
    """A batch whose text is this long without the blanks between its values."""
    start = (
        '[{"action":"update_element","params":{"element_id":"a","element":{"tag":"t","content":"'
    )
    end = '"}}}]'
    return start + character * (length - len(start) - len(end)) + end


FIELDS = [
    (field, text)
    for field in ("channel_context", "metadata")
    for text in ("x", "票", "😀", r"\ud83d\ude00", r"\"")
]
TOKENS = [
    "eyJhbGciOi.eyJzdWIi/x.SflKxw",
    "a/b.c",
    "a.b",
    "abc.de",
    "%2Fabc",
    "a%s",
    "yourself",
    "0.5/7=",
    "w00aGVsbG8_d29ybGQ",
    "a/b+c==",
    "</script>",
    "~'`{}[]",
    "x" * 256,
    "{",
    "$1",
    "%S",
    "a" + ":" * 3,
]
NO_TOKENS = [
    "x" * 257,
    "a b",
    "a\n",
    "\x1b[31m",
    "票",
    "<token>",
    "{token}",
    "{{token}}",
    "$TOKEN",
    "${TOKEN}",
    "$(x)",
    "%s",
    "YOUR_TOKEN",
    "your-token",
    "https://x/1",
    "example.com/1",
    "www.feishu.cn/docx/abc",
    "a.example.com/",
]

GOOD_ASKS = [
    preview(),
    people('"ou_1"'),
    people('"ou_1"', '"ou_2"', '"ou_1"'),
    people('"ou_%s"' % ("x" * 61)),
    people(r'"\u006fu_1"'),
    people('"ou_a@b"'),
    people(r'"ou_\"x"'),
    preview(' {\n"everyone" : true }\t'),
    preview(after_ms=600000),
    preview(after_ms=315360000000),
    preview(after_ms=8, expires_in_ms=9),
    preview(expires_in_ms=315360000000),
    preview(urgent=1),
    preview(urgent=0),
    preview(asked_ms=0),
    preview(asked_ms=253402300799000),
    preview(account="a"),
    preview(account="A.b-c_9" + "x" * 57),
    preview(account="shop.tenant1"),
    preview(id=None),
    card(lane="1"),
    card(lane="12345678901234567890"),
    card(lane="..."),
    card(f'{{"uuid":"build-1041-done","sequence":5,"actions":[{PLAIN}]}}'),
    card(f'{{ "actions" : [ {PLAIN} ,\n{PLAIN} ] }}'),
    card(
        '{"actions":[{"action":"delete_elements","params":{"element_ids":["a b","\\u7968\\"","😀"],"n":1.50}}]}'
    ),
    card('{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]},"x":"\\ud83d"}]}'),
    card('{"actions":[{"action":"delete_elements","params":{"element_ids":["a\\\\u0000"]}}]}'),
    card(
        '{"actions":[{"\\u0061ction":"x","action":"delete_elements","params":{"element_ids":["a"]}}]}'
    ),
    *[named(name, '"%s"' % ("票" * 64)) for name in ("uuid", r"u\u0075id")],
    named("uuid", r'"\ud83d\ude00"'),
    named("uuid", '"' + r"\ud83d\ude00" * 64 + '"'),
    *[
        named(name, number)
        for name in ("sequence", r"sequenc\u0065")
        for number in ("1", "2147483647")
    ],
    action('{"action":"partial_update_setting","params":{"config":{"streaming_mode":true}}}'),
    action('{"action":"partial_update_setting","params":{"card_link":{"url":"https://a"}}}'),
    action('{"action":"partial_update_setting","params":{"settings":{"config":{}}}}'),
    action(
        '{"action":"partial_update_setting","params":{"settings":{"card_link":{},"config":{}}}}'
    ),
    action('{"action":"add_elements","params":{"type":"append","elements":[{"tag":"hr"}]}}'),
    action(
        '{"action":"add_elements","params":{"type":"insert_before","target_element_id":"t",'
        '"elements":[{"tag":"markdown","id":"md_1"},{"tag":"markdown","element_id":"md_2"}]}}'
    ),
    action(
        '{"action":"add_elements","params":{"type":"insert_after","target_element_id":"t",'
        '"elements":[{"tag":"hr"}]}}'
    ),
    action('{"action":"delete_elements","params":{"element_ids":["a","b"]}}'),
    action('{"action":"partial_update_element","params":{"element_id":"a","partial_element":{}}}'),
    action('{"action":"update_element","params":{"element_id":"a","element":{"tag":"hr"}}}'),
    action('{"action":"delete_elements","params":{"element_ids":["a"],"more":1},"more":2}'),
    # The first of two fields counts.
    action('{"action":"delete_elements","action":"x","params":{"element_ids":["a"]}}'),
    *[card('{ "actions" : %s }' % batch(1_000_000, character)) for character in ("x", "票", "😀")],
    *[
        session(body)
        for body in (
            '{"channel_context":""}',
            '{"metadata":"{}"}',
            '{"channel_context":"a","metadata":"b"}',
            r'{"metadata":"\ud83d\ude00"}',
            r'{"metadata":"\ufffd"}',
            r'{"metadata":"\\u0000"}',
            r'{"metadata":"\\ud83d"}',
        )
    ],
    *[session('{"%s":"%s"}' % (field, text * 255)) for field, text in FIELDS],
    session(lane="session_1"),
    session(lane="session_0123456789abcdefghjkmnpq"),
    key(),
    key('{"viewers":true}'),
    key(lane="x" * 256),
    key(lane="~"),
    key(' { "viewers" : true } '),
    url(),
    url('{"viewers":true}'),
    url(lane="https://a.example/ü"),
    url(lane="票" * 2048),
    url(lane="not a URL"),
    *[preview(lane=token) for token in TOKENS],
]

BAD_ASKS = [
    preview(lane=""),
    *[preview(lane=token) for token in NO_TOKENS],
    *[
        preview(body)
        for body in (
            "open_ids",
            "",
            " ",
            "[]",
            "1",
            "null",
            '"x"',
            "{",
            "{'everyone':true}",
            '{"everyone":true,}',
            "{everyone:true}",
            '{"everyone":true} x',
            '{"everyone":TRUE}',
            '{"a":01}',
            r'{"a":"\x"}',
            r'{"a":"\u12"}',
            '{"a":"\n"}',
            "[" * 5000,
            "{}",
            '{"open_ids":[]}',
            '{"open_ids":"ou_1"}',
            '{"open_ids":null}',
            '{"open_ids":{}}',
            '{"everyone":false}',
            '{"everyone":1}',
            '{"everyone":null}',
            '{"everyone":"true"}',
            '{"everyone":true,"open_ids":["a"]}',
            '{"everyone":true,"everyone":true}',
            '{"openids":["a"]}',
            r'{"open\u005fids":["ou_1"]}',
            r'{"ever\u0079one":true}',
            '{"":true}',
            '{"open_ids":["ou_1"],"n":1}',
        )
    ],
    people("1"),
    people("null"),
    people('"ou_1"', "{}"),
    people('""'),
    people(r'"a\nb"'),
    people(r'"ou_a\u0000b"'),
    people('"ou_%s"' % ("x" * 62)),
    people('"ou_票"'),
    people('"ou_1,ou_2"'),
    people('"ou_1;"'),
    people('"on_1"'),
    people('"ou_1"', '"on_1"'),
    people('"a@b.example"'),
    people('"ou_a@b"', '"x"'),
    people('"ou_"'),
    people('"OU_1"'),
    people('"7d8a6e6d"'),
    people(r'"ou_\ud83d"'),
    people(r'"ou_\\u0000"'),
    preview(asked_ms=-1),
    preview(asked_ms=253402300799001),
    preview(kind="chat"),
    preview(kind=""),
    preview(kind="Preview"),
    preview(account=""),
    preview(account="a b"),
    preview(account="x" * 65),
    preview(account="ü"),
    preview(after_ms=-1),
    preview(after_ms=315360000001),
    preview(expires_in_ms=0),
    preview(expires_in_ms=-1),
    preview(expires_in_ms=315360000001),
    preview(after_ms=9, expires_in_ms=9),
    preview(urgent=2),
    preview(urgent=-1),
    preview(urgent=None),
    preview(body=None),
    preview(outcome="dead"),
    preview(outcome="delivered"),
    preview(reason="x"),
    preview(refused="[]"),
    preview(ended_ms=1),
    preview(id=0),
    preview(id=1),
    preview(id=-1),
    preview(id=10**15),
    preview(account="shop"),
    key(account="shop"),
    card(account="shop"),
    session(account="shop.tenant1"),
    preview(' {"everyone":true}' + " " * 4_000_000),
    card(f'{{"actions":[{PLAIN}]}}' + " " * 5_000_000),
    key(EVERYONE + " " * 1000),
    url(EVERYONE + " " * 1000),
    *[card(lane=lane) for lane in ("", "123456789012345678901", "a b", "票", ".", "..", "a\n")],
    *[
        card(body)
        for body in (
            "[]",
            "{",
            "{}",
            '{"actions":{}}',
            '{"actions":"[]"}',
            '{"actions":null}',
            '{"actions":[]}',
            f'{{"actions":[{PLAIN}],"actions":[]}}',
            f'{{"actions":[{PLAIN}],"n":1}}',
            r'{"act\u0069ons":[1]}',
            f'{{"actions":{batch(1_000_001, "x")}}}',
            f'{{"actions":{batch(1_000_001, "票")}}}',
            '{"actions":[{"action":"delete_elements","params":{"element_ids":["a"]},"x":"\\u0000"}]}',
        )
    ],
    *[
        named(name, value)
        for name in ("uuid", r"u\u0075id")
        for value in (
            '""',
            '"%s"' % ("票" * 65),
            "7",
            "null",
            r'"a\u0000b"',
            r'"\u0000"',
            '"' + r"\ud83d\ude00" * 65 + '"',
        )
    ],
    *[
        named(name, value)
        for name in ("sequence", r"sequenc\u0065")
        for value in ("0", "-1", "2147483648", "99999999999999999999", "1.0", "1e3", '"1"', "null")
    ],
    *[
        action(text)
        for text in (
            "1",
            '"abc"',
            "null",
            "[]",
            "{}",
            '{"action":7,"params":{}}',
            '{"action":"delete_elements"}',
            '{"action":"delete_elements","params":[]}',
            '{"action":"delete","params":{}}',
            '{"action":"","params":{}}',
            r'{"\u0061ction":"delete_elements","params":{"element_ids":["a"]}}',
            '{"action":"partial_update_setting","params":{}}',
            '{"action":"partial_update_setting","params":{"config":1}}',
            '{"action":"partial_update_setting","params":{"settings":{}}}',
            '{"action":"partial_update_setting","params":{"settings":"{}"}}',
            '{"action":"partial_update_setting","params":{"config":{},"settings":1}}',
            '{"action":"partial_update_setting","params":{"config":{},"settings":{"card_link":1}}}',
            '{"action":"partial_update_setting","params":{"config":{},"card_link":"x"}}',
            '{"action":"add_elements","params":{"elements":[{"tag":"hr"}]}}',
            '{"action":"add_elements","params":{"type":7}}',
            '{"action":"add_elements","params":{"type":"on_top"}}',
            '{"action":"add_elements","params":{"type":"insert_after","elements":[{"tag":"hr"}]}}',
            '{"action":"add_elements","params":{"type":"insert_after","target_element_id":""}}',
            '{"action":"add_elements","params":{"type":"append","target_element_id":1}}',
            '{"action":"add_elements","params":{"type":"append","target_element_id":null}}',
            '{"action":"add_elements","params":{"type":"append"}}',
            '{"action":"add_elements","params":{"type":"append","elements":[]}}',
            '{"action":"add_elements","params":{"type":"append","elements":["x"]}}',
            '{"action":"add_elements","params":{"type":"append","elements":[{}]}}',
            '{"action":"add_elements","params":{"type":"append","elements":[{"tag":"hr"},{"tag":1}]}}',
            '{"action":"delete_elements","params":{}}',
            '{"action":"delete_elements","params":{"element_ids":[]}}',
            '{"action":"delete_elements","params":{"element_ids":"a"}}',
            '{"action":"delete_elements","params":{"element_ids":["a",1]}}',
            '{"action":"delete_elements","params":{"element_ids":[""]}}',
            '{"action":"partial_update_element","params":{"partial_element":{}}}',
            '{"action":"partial_update_element","params":{"element_id":"a","partial_element":"{}"}}',
            '{"action":"partial_update_element","params":{"element_id":"a"}}',
            '{"action":"update_element","params":{"element_id":"","element":{"tag":"hr"}}}',
            '{"action":"update_element","params":{"element_id":7,"element":{"tag":"hr"}}}',
            '{"action":"update_element","params":{"element_id":"a"}}',
            '{"action":"update_element","params":{"element_id":"a","element":[]}}',
            '{"action":"update_element","params":{"element_id":"a","element":{}}}',
            # The first of two fields counts.
            '{"action":"x","action":"delete_elements","params":{"element_ids":["a"]}}',
        )
    ],
    *[
        session(body)
        for body in (
            "[]",
            "{}",
            '{"metadata":1}',
            '{"metadata":{}}',
            '{"metadata":null}',
            '{"metadata":"a","metadata":"b"}',
            '{"metadata":"a","meta_data":"b"}',
            '{"actions":[]}',
            r'{"metadata":"a\u0000b"}',
            r'{"metadata":"a\ud83d"}',
            r'{"metadata":"\ufffd\ude00"}',
            r'{"metadata":"\ud83d\u0041"}',
            r'{"metadat\u0061":"x"}',
        )
    ],
    *[session('{"%s":"%s"}' % (field, text * 256)) for field, text in FIELDS],
    *[
        session(lane=lane)
        for lane in (
            "session_0123456789abcdefghjkmnpqr",
            "session_",
            "session",
            "Session_1",
            "session_A",
            "session_i",
            "session_l",
            "session_o",
            "session_a-b",
            "session_a/..",
            "",
            " session_1",
            "session_1 ",
            "session_1\n",
        )
    ],
    *[key(lane=lane) for lane in ("", "x" * 257, "a b", "工单", "a\n")],
    *[url(lane=lane) for lane in ("", "x" * 2049, "票" * 2049)],
    *[
        make(body)
        for make in (key, url)
        for body in (
            "[]",
            "{",
            "{}",
            '{"viewers":false}',
            '{"everyone":1}',
            '{"everyone":true,"viewers":true}',
            '{"everyone":true,"everyone":true}',
            '{"open_ids":["ou_1"]}',
            r'{"view\u0065rs":true}',
        )
    ],
]

# Refused by each engine in its own words: constraints, types, and zero bytes, which PostgreSQL cannot hold at all.
# (A zero byte after the JSON of a body is the one thing that only SQLite takes: its JSON ends there.)
BAD_FOR_THE_ENGINE = [
    preview(lane=None),
    preview(account=None),
    preview(kind=None),
    preview(after_ms=None),
    preview(after_ms="soon"),
    preview(lane="a\0b"),
    preview(account="a\0"),
    card(lane="a\0"),
    session(lane="session_1\0"),
    key(lane="a\0"),
    url(lane="a\0"),
]

GOOD_SIGHTINGS = [
    {"token": "t", "key": "k", "url": "https://x/1", "chat": "oc_1", "open_id": "ou_1"},
    {"token": "t", "key": "k", "url": "https://x/1", "chat": "oc_1", "open_id": "ou_1"},
    {"token": "t", "key": "k"},
    {"token": "t", "key": "K", "open_id": "ou_2"},
    {"token": "T", "key": "k"},
    {"token": "a", "key": "k", "url": "", "chat": "", "open_id": ""},
    {"token": "a", "key": "k", "url": "https://x/2"},
    {"token": "a", "key": "k", "chat": "oc_2"},
    {"token": "p", "key": "k", "account": "plain", "open_id": "ou_1"},
    {"token": "p", "key": "k", "account": "plain", "open_id": "ou_2"},
    {"token": "p", "key": "k", "account": "plain", "open_id": "ou_3"},
    {"token": "p", "key": "k", "account": None},
    {"token": "n", "key": "x" * 256, "account": "shop.tenant1"},
    {"token": "u", "key": "k", "url": "票" * 2048, "chat": "c" * 128, "open_id": "ou_" + "x" * 61},
    *[{"token": "many", "key": f"k{number}"} for number in range(16)],
    {"token": "many", "key": "k3"},
    *[{"token": token, "key": "k"} for token in TOKENS],
]

BAD_SIGHTINGS = [
    {"key": "k"},
    {"token": "", "key": "k"},
    {"token": None, "key": "k"},
    *[{"token": token, "key": "k"} for token in NO_TOKENS],
    {"token": "t"},
    {"token": "t", "key": ""},
    {"token": "t", "key": "x" * 257},
    {"token": "t", "key": "a b"},
    {"token": "t", "key": "工单"},
    {"token": "t", "key": "k", "account": ""},
    {"token": "t", "key": "k", "account": "a b"},
    {"token": "t", "key": "k", "account": "x" * 65},
    {"token": "t", "key": "k", "url": "x" * 2049},
    {"token": "t", "key": "k", "url": "票" * 2049},
    {"token": "t", "key": "k", "chat": "a b"},
    {"token": "t", "key": "k", "chat": "票"},
    {"token": "t", "key": "k", "chat": "c" * 129},
    *[
        {"token": "t", "key": "k", "open_id": open_id}
        for open_id in (
            "on_1",
            "ou_",
            "ou_1,ou_2",
            "ou_1;",
            "ou_ 1",
            "ou_票",
            "ou_" + "x" * 62,
            "a@b",
        )
    ],
    {"token": "many", "key": "k16"},
]

BAD_SIGHTINGS_FOR_THE_ENGINE = [
    {"token": "a\0", "key": "k"},
    {"token": "t", "key": "a\0"},
    {"token": "t", "key": "k", "account": "a\0"},
    {"token": "t", "key": "k", "url": "a\0"},
    {"token": "t", "key": "k", "chat": "a\0"},
    {"token": "t", "key": "k", "open_id": "ou_1\0"},
]
