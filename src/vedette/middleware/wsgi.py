"""WSGI middleware: puts the structure of request bodies on the server's span."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, Final

from vedette.middleware.shape import form_shape, json_shape

SHAPE: Final = "vedette.request.shape"
SIZE: Final = "http.request.body.size"

MAX_BODY: Final = 64 * 1024
"""Bytes of a body beyond which it passes untouched and unseen."""

_SHAPES: Final[dict[str, Callable[[bytes], str]]] = {
    "application/json": json_shape,
    "application/x-www-form-urlencoded": form_shape,
}

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class StructureMiddleware:
    """Wraps a WSGI application that is instrumented with OpenTelemetry.

    JSON and form bodies of a known length up to `MAX_BODY` are read, described, and handed on as they
    were; all others pass untouched. The structure is set on the span that is current when the
    response starts, which is the server's own.

    Examples
    --------
    ``app.wsgi_app = StructureMiddleware(app.wsgi_app)``
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve a request."""
        shape, size = self._look(environ)
        if not shape:
            return self._app(environ, start_response)

        def start(*arguments: Any, **options: Any) -> Any:
            _note(shape, size)
            return start_response(*arguments, **options)

        return self._app(environ, start)

    def _look(self, environ: Environ) -> tuple[str, int]:
        """Return structure and size of a body that is to be described, else ``("", 0)``."""
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        describe = _SHAPES.get(kind)
        length = environ.get("CONTENT_LENGTH") or ""
        if describe is None or not length.isdecimal() or not 0 < int(length) <= MAX_BODY:
            return "", 0
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(body)
        return describe(body), len(body)


def _note(shape: str, size: int) -> None:
    from opentelemetry import trace

    span = trace.get_current_span()
    span.set_attribute(SHAPE, shape)
    span.set_attribute(SIZE, size)
