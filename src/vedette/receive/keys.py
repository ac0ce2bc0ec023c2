"""API keys: ``vdt_<id>_<secret>``, only a hash of which is stored; without any, the server is for this machine."""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import asdict, dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_hex
from typing import Final

from vedette.errors import ConfigError, Unauthorized

SCOPES: Final = ("ingest", "read", "respond", "admin")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored; a hash of 256 random bits needs no stretching."""

    id: str
    name: str
    scopes: tuple[str, ...]
    digest: str


class Keys:
    """The keys of an installation, in one file of mode 0600.

    Parameters
    ----------
    path
        Of the file; it need not exist. It is read anew when it has changed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = -1
        self._keys: dict[str, Key] = {}

    def all(self) -> list[Key]:
        """Return all keys, oldest first."""
        stamp = self._path.stat().st_mtime_ns if self._path.exists() else 0
        if stamp != self._read_at:
            rows = json.loads(self._path.read_text()) if stamp else []
            self._keys = {row["id"]: Key(row["id"], row["name"], tuple(row["scopes"]), row["digest"]) for row in rows}
            self._read_at = stamp
        return list(self._keys.values())

    def create(self, name: str, scopes: tuple[str, ...]) -> str:
        """Make a key and return it; it can't be shown again.

        Raises
        ------
        ConfigError
            For a scope that does not exist.
        """
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or not scopes:
            raise ConfigError([f"scopes: got {', '.join(unknown) or 'none'}, allowed {', '.join(SCOPES)}"])
        identity, secret = token_hex(4), token_hex(32)
        self._write([*self.all(), Key(identity, name, scopes, _digest(secret))])
        return f"vdt_{identity}_{secret}"

    def revoke(self, identity: str) -> bool:
        """Remove a key; False if there is none of that id."""
        kept = [key for key in self.all() if key.id != identity]
        found = len(kept) < len(self._keys)
        self._write(kept)
        return found

    def check(self, authorization: str, scope: str) -> str:
        """Return the id of the key in an ``Authorization`` header, ``""`` where no key exists at all.

        ``Bearer``, ``ApiKey``, ``Splunk`` and the password of ``Basic`` are understood.

        Raises
        ------
        Unauthorized
            For a missing, unknown or revoked key, or one without the scope.
        """
        if not self.all():
            return ""
        identity, _, secret = _token(authorization).removeprefix("vdt_").partition("_")
        key = self._keys.get(identity)
        if key is None or not compare_digest(key.digest, _digest(secret)):
            raise Unauthorized("wrong_key", detail="got no known key, expected 'Authorization: Bearer vdt_…'")
        if scope not in key.scopes and "admin" not in key.scopes:
            raise Unauthorized("missing_scope", detail=f"key {identity} has {', '.join(key.scopes)}, expected {scope}")
        return identity

    def _write(self, keys: list[Key]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(self._path.name + ".tmp")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps([asdict(key) for key in keys], indent=1))
        draft.replace(self._path)


def _token(authorization: str) -> str:
    kind, _, value = authorization.strip().partition(" ")
    if kind.lower() != "basic":
        return value.strip() or kind
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except (Base64Error, UnicodeDecodeError):
        return ""


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
