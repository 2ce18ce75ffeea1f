import asyncio

from nlp.service.guarding import Bodies
from nlp.service.settings import load_service_settings

SCOPE = {"type": "http", "method": "POST", "path": "/", "headers": []}


def answer(receive, settings) -> list[dict]:
    sent: list[dict] = []

    async def app(scope, receive, send) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(Bodies(app, settings)(SCOPE, receive, send))
    return sent


def test_a_body_that_stands_still_is_ended() -> None:
    async def receive() -> dict:
        await asyncio.sleep(60)
        return {"type": "http.request"}

    assert answer(receive, load_service_settings(idle_seconds=0.05))[0]["status"] == 408


def test_a_slow_body_that_goes_on_is_read() -> None:
    parts = iter([b"a", b"b", b"c"])

    async def receive() -> dict:
        await asyncio.sleep(0.03)
        part = next(parts)
        return {"type": "http.request", "body": part, "more_body": part != b"c"}

    assert answer(receive, load_service_settings(idle_seconds=0.5))[0]["status"] == 200
