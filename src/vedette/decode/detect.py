"""Which format is this? Found from a sample, by trying."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedette.decode.access import AccessLog
from vedette.decode.base import Decoder
from vedette.decode.json_lines import JsonLines
from vedette.decode.text import TextLines
from vedette.errors import BadInput
from vedette.records.batch import Decoded

SAMPLE: Final = 65_536
"""Bytes from which a format is found."""

ENOUGH: Final = 0.5
"""Share of sample lines that a format must read; hostile or broken lines may be many."""

_CONTROL: Final = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))


def detect(sample: bytes, service: str) -> Decoder:
    """Return the decoder that reads most of the sample; plain text when none reads half of it.

    Raises
    ------
    BadInput
        For binary data: more than a hundredth of control bytes, or any NUL.
    """
    if _is_binary(sample):
        raise BadInput("binary_file", detail=f"starts with {sample[:8].hex(' ')}, expected lines of text")
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    best: Decoder = TextLines(service)
    most = ENOUGH
    for decoder in (JsonLines(service), AccessLog(service)):
        decoded = decoder.decode(whole, 0)
        total = decoded.accepted + len(decoded.dead)
        if total and decoded.accepted / total > most:
            best, most = decoder, decoded.accepted / total
    return best


def detecting(service: str) -> Callable[[bytes, int], Decoded]:
    """Return a decoder that finds its format in the first payload that is text, and keeps it."""
    found: list[Decoder] = []

    def decode(data: bytes, observed: int) -> Decoded:
        if not found:
            found.append(detect(data[:SAMPLE], service))
        return found[0].decode(data, observed)

    return decode


def _is_binary(sample: bytes) -> bool:
    stray = len(sample) - len(sample.translate(None, _CONTROL))
    return b"\0" in sample or stray > len(sample) / 100
