"""Real receivers on loopback: HTTP, SMTP and syslog, that answer as told and keep what they get."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Inbox:
    """What came, as bytes, and what the receiver does next."""

    port: int = 0
    mood: str = "well"
    """``well``, ``broken`` (refuses), ``silent`` (never answers), ``dripping`` (a byte now and then)."""
    got: list[bytes] = field(default_factory=list)


@contextmanager
def http() -> Iterator[Inbox]:
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if inbox.mood == "silent":
                time.sleep(4)
                return
            if inbox.mood == "dripping":
                self._drip()
                return
            if inbox.mood == "well":
                inbox.got.append(body)
            said = b"" if inbox.mood == "well" else f"no: {self.path} {self.headers} {body!r}".encode()[:3000]
            self.send_response(200 if inbox.mood == "well" else 500)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def _drip(self) -> None:
            try:
                for char in b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100:
                    self.wfile.write(bytes([char]))
                    self.wfile.flush()
                    time.sleep(0.1)
            except OSError:
                pass

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    inbox.port = server.server_port
    yield inbox
    server.shutdown()
    server.server_close()


@contextmanager
def smtp() -> Iterator[Inbox]:
    inbox = Inbox()

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            import asyncio

            if inbox.mood == "silent":
                await asyncio.sleep(4)
            if inbox.mood != "well":
                return f"554 no: {envelope.content[:100]!r}"
            inbox.got.append(envelope.content)
            return "250 taken"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        inbox.port = probe.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=inbox.port)
    controller.start()
    yield inbox
    controller.stop()


@contextmanager
def syslog() -> Iterator[Inbox]:
    inbox = Inbox()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if inbox.mood != "well":
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.request.close()  # a reset, as of a server that dies
                return
            parts = []
            while part := self.request.recv(65_536):
                parts.append(part)
            inbox.got.append(b"".join(parts))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        inbox.port = server.server_address[1]
        yield inbox
        server.shutdown()
