"""The server ends although a stream is open."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
from fastapi import FastAPI

from vedette.api.server import Server


def test_an_open_stream_does_not_keep_the_server(app: FastAPI, reader: Any) -> None:
    events = asyncio.run(_serve(app, reader))
    assert "event: tick" in events


async def _serve(app: FastAPI, reader: Any) -> str:
    """Open a stream, stop the server, and return what the stream said until it ended."""
    reader.subscribe = _silence
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(app)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1/stream"
    told = ""
    async with httpx.AsyncClient() as client, client.stream("GET", address) as response:
        assert "server" not in response.headers
        async for text in response.aiter_text():
            told += text
            server.should_exit = True
    await asyncio.wait_for(running, 10)
    return told


async def _silence(after: int | None) -> Any:
    del after
    await asyncio.Event().wait()
    yield 1, "lanes", {}
