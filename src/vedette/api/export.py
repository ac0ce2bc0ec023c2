"""``python -m vedette.api.export > web/openapi.json``: the contract that the page's types come from."""

from __future__ import annotations

import json
import sys
from typing import Any, cast

from vedette.api.app import build_app
from vedette.api.reader import Reader
from vedette.api.session import Sessions, session_routes


def contract() -> dict[str, Any]:
    """Return the OpenAPI document of the API itself, without ingest."""
    sessions = Sessions(str, lambda identity, scope: None)
    return build_app(cast(Reader, None), session=session_routes(sessions)).openapi()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(contract(), indent=1) + "\n")
