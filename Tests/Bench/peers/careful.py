"""A careful script: packs by ten, makes five calls a second, sends no token twice in five seconds,
joins the asks for one that waits, and heeds 99991400. Asks come as lines on standard input."""

import asyncio, collections, json, os, sys, time
import aiohttp

URL = os.environ["FEISHU_BASE_URL"] + "/open-apis/"
APP = {"app_id": os.environ["FEISHU_APP_ID"], "app_secret": os.environ["FEISHU_APP_SECRET"]}
EVERYONE = frozenset()
waiting = {}  # token: whom it shall reach
free_again = collections.defaultdict(float)  # token: when it may be in a call again
calls = collections.deque([0.0] * 5, 5)  # when the last five left
paused_until = 0.0


def want(token, people):
    is_new, everyone = token not in waiting, not people or waiting.get(token) == EVERYONE
    waiting[token] = EVERYONE if everyone else people if is_new else people | waiting[token]


async def read():
    lines = asyncio.StreamReader()
    pipe = lambda: asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(pipe, sys.stdin)
    async for line in lines:
        ask = json.loads(line)
        want(ask["token"], frozenset(ask["people"] or ()))


async def send(session, tokens, people):
    global paused_until
    body = {"preview_tokens": tokens} | ({"open_ids": sorted(people)} if people else {})
    async with session.post(URL + "im/v2/url_previews/batch_update", json=body) as answer:
        code = (await answer.json())["code"]
    free_again.update(dict.fromkeys(tokens, time.monotonic() + 5))
    if code == 99991400:
        paused_until = time.monotonic() + int(answer.headers.get("x-ogw-ratelimit-reset", 1))
        free_again.update(dict.fromkeys(tokens, 0.0))
    if code != 0:
        print(code, tokens, file=sys.stderr)
        for token in tokens:
            want(token, people)


async def main():
    async with aiohttp.ClientSession() as session:
        login = URL + "auth/v3/tenant_access_token/internal"
        async with session.post(login, json=APP) as answer:
            access_token = (await answer.json())["tenant_access_token"]
        session.headers["Authorization"] = "Bearer " + access_token
        reading, sending = asyncio.create_task(read()), set()
        while waiting or sending or not reading.done():
            now = time.monotonic()
            free = [token for token in waiting if free_again[token] <= now]
            if free and now >= max(paused_until, calls[0] + 1.03):
                people = waiting[free[0]]
                tokens = [token for token in free if waiting[token] == people][:10]
                for token in tokens:
                    del waiting[token]
                    free_again[token] = float("inf")
                calls.append(now)
                sending.add(task := asyncio.create_task(send(session, tokens, people)))
                task.add_done_callback(sending.discard)
            await asyncio.sleep(0.005)


asyncio.run(main())
