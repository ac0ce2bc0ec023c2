"""uvicorn, made to end open streams when it is told to stop."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

GRACE = 3
"""Seconds for requests under way when the server stops."""


class Server(uvicorn.Server):
    """Serves an application of `vedette.api.app.build_app`.

    Notes
    -----
    uvicorn waits for open responses before it ends the application, and a stream never ends by
    itself; so streams are told first.
    """

    def __init__(self, app: FastAPI, **options: object) -> None:
        settings: dict[str, object] = {
            "log_config": None,
            "access_log": False,
            "server_header": False,
            "timeout_graceful_shutdown": GRACE,
        }
        super().__init__(uvicorn.Config(app, **{**settings, **options}))  # type: ignore[arg-type]
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then all else."""
        self._app.state.pulse.closing.set()
        await super().shutdown(sockets)
