"""Runs the server: listens first, opens the product behind it, ends in order."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from threading import Thread, current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI

from vedette.api.app import build_app
from vedette.api.server import Server
from vedette.api.session import Sessions, let_in, session_routes
from vedette.cli.rules import rules_sentence
from vedette.config.schema import Config
from vedette.errors import ConfigError, VedetteError
from vedette.journal.lock import DataLock
from vedette.receive.base import Decode, DecodeAlerts, Decoders
from vedette.receive.keys import Keys
from vedette.ui.page import page_app

if TYPE_CHECKING:
    from vedette.api.live import LiveReader
    from vedette.records.batch import Decoded


PATIENCE = 1.0
"""Seconds that the end waits for a product that is just being opened."""


def listening_socket(config: Config, keys: Keys) -> socket.socket:
    """Return a bound socket; refuses other machines until there is a key, and a port that is taken.

    Raises
    ------
    ConfigError
        Naming the address and what to do.
    """
    host, _, port = config.server.listen.rpartition(":")
    host = host.strip("[]")
    if not _is_loopback(host) and not keys.all():
        raise ConfigError(
            [f"server.listen: got {config.server.listen}, allowed loopback only until a key is set: vedette key create"]
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, int(port)))
        bound.listen(512)
    except OSError as error:
        bound.close()
        raise ConfigError(
            [f"server.listen: got {config.server.listen}: {error.strerror}; choose another with --listen HOST:PORT"]
        ) from error
    return bound


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Service:
    """A server and the product behind it.

    Parameters
    ----------
    config
        In force.
    say
        Told what happens, in sentences.
    """

    def __init__(self, config: Config, say: Callable[[str], None]) -> None:
        folder = Path(config.data.folder)
        self._config = config
        self._say = say
        self._keys = Keys(folder / "keys.json")
        self._socket = listening_socket(config, self._keys)
        try:
            self._lock = DataLock(folder)
        except VedetteError:
            self._socket.close()
            raise
        self._closing = False
        self.failed: VedetteError | None = None

    @property
    def url(self) -> str:
        """Address of the page."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self) -> None:
        """Serve until interrupted."""
        from vedette.api.live import LiveReader

        reader = LiveReader()
        self._heed_hangup(reader)
        server = Server(self._app(reader))
        opener = Thread(target=self._open, args=(reader, server), name="opener", daemon=True)
        opener.start()
        try:
            asyncio.run(server.serve([self._socket]))
        finally:
            self._closing = True
            opener.join(PATIENCE)  # compiling can't be interrupted; nothing was taken in before it is done
            if reader.product is not None:
                reader.product.close()
            self._lock.release()
        if self.failed:
            raise self.failed

    def _heed_hangup(self, reader: LiveReader) -> None:
        """Read rules and suppressions again at SIGHUP, aside from what is served; only the main thread hears it."""

        def reload() -> None:
            if reader.product is None:
                return
            try:
                told = reader.product.rules.reload()
                sentences = [rules_sentence(told), *told["left_out"], *reader.product.announcer.synchronize()]
            except VedetteError as error:
                sentences = [f"nothing was changed: {error}"]
            for sentence in sentences:
                self._say(sentence)

        def heard(number: int, frame: FrameType | None) -> None:
            del number, frame
            Thread(target=reload, name="reload", daemon=True).start()

        if current_thread() is main_thread():
            signal.signal(signal.SIGHUP, heard)

    def _app(self, reader: LiveReader) -> FastAPI:
        keys = self._keys
        sessions = Sessions(lambda key: keys.check(f"Bearer {key}", "read"), keys.permit)
        may_read = let_in(sessions, keys.check)
        return build_app(
            reader,
            ingest=_ingest(reader, keys, self._config),
            auth=may_read,
            session=session_routes(sessions),
            admit=may_read,
            page=page_app(),
            lifespan=_lifespan,
            hook_secret=self._config.server.webhook_secret,
        )

    def _open(self, reader: LiveReader, server: Server) -> None:
        """Open the product and compile kernels once the server listens."""
        while not (server.started or server.should_exit):
            time.sleep(0.005)
        from vedette.engine.product import Product
        from vedette.engine.warm import warm

        try:
            product = Product(self._config)
        except VedetteError as error:
            self.failed = error
            server.should_exit = True
            return
        reader.message = "loading kernels"
        warm(lambda done, total: _told(reader, done, total))
        if self._closing:
            return
        product.start()
        reader.product = product
        reader.message = ""
        self._say("ready")


def _told(reader: LiveReader, done: int, total: int) -> None:
    reader.message = f"compiling kernels, this is done once: {100 * done // total} %"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    del app
    yield


def _ingest(reader: LiveReader, keys: Keys, config: Config) -> APIRouter:
    from vedette.engine.clock import now
    from vedette.receive.http import Door, ingest_routes

    return ingest_routes(Door(reader, keys, decoders(), config.server.max_request, now))


def decoders() -> Decoders:
    """Return the decoders of the HTTP receivers, imported at their first use."""

    def otlp(module: str, signal: str) -> Decode:
        def decode(data: bytes, observed: int) -> Decoded:
            from importlib import import_module

            function: Decode = getattr(import_module(f"vedette.decode.{module}"), f"decode_{signal}")
            return function(data, observed)

        return decode

    def lines(service: str) -> Decode:
        from vedette.decode.json_lines import JsonLines

        return JsonLines(service).decode

    def alerts(tool: str) -> DecodeAlerts:
        def decode(data: bytes, observed: int, service: str, is_new: Callable[[str], bool]) -> Decoded:
            from vedette.decode import alerts

            function: DecodeAlerts = getattr(alerts, f"decode_{tool}")
            return function(data, observed, service, is_new)

        return decode

    names = {"logs": "logs", "traces": "spans", "metrics": "metrics"}
    return Decoders(
        protobuf={signal: otlp("otlp", name) for signal, name in names.items()},
        json={signal: otlp("otlp_json", name) for signal, name in names.items()},
        lines=lines,
        alerts={tool: alerts(tool) for tool in ("alertmanager", "crowdsec")},
    )
