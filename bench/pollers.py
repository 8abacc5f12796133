"""python -m bench.pollers URL TOKEN PATH…: fifty panels that look once a second each.

In a process of its own, so that it isn't the measuring one that is kept busy.  Ends when
its stdin does, and says on stdout once all have had a first answer.
"""

from __future__ import annotations

import asyncio
import sys
import threading

from tornado.httpclient import AsyncHTTPClient
from tornado.simple_httpclient import SimpleAsyncHTTPClient

PANELS = 50
_EVERY = 1.0


async def _panel(number: int, url: str, token: str, paths: list[str]) -> None:
    client: AsyncHTTPClient = SimpleAsyncHTTPClient(force_instance=True, max_clients=1)
    await asyncio.sleep(_EVERY * number / PANELS)
    turn = number
    while True:
        path = paths[turn % len(paths)]
        await client.fetch(f"{url}{path}", headers={"Authorization": f"token {token}"})
        turn += 1
        await asyncio.sleep(_EVERY)


async def _all(url: str, token: str, paths: list[str]) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def until_told() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=until_told, daemon=True).start()
    panels = [asyncio.create_task(_panel(n, url, token, paths)) for n in range(PANELS)]
    await asyncio.sleep(_EVERY)
    print("polling", flush=True)
    await asyncio.wait([asyncio.create_task(ended.wait()), *panels], return_when="FIRST_COMPLETED")
    for one in panels:
        if one.done():
            one.result()  # a poller that failed is none


if __name__ == "__main__":
    asyncio.run(_all(sys.argv[1], sys.argv[2], sys.argv[3:]))
