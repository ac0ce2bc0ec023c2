"""Texts as small numbers, in order of first occurrence, and as 64-bit hashes that last."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b


class Names:
    """Numbers texts 0, 1, 2 …, and remembers a stable 64-bit hash of each."""

    def __init__(self, texts: list[str] | None = None) -> None:
        self.texts: list[str] = []
        self.hashes: list[int] = []
        self._numbers: dict[str, int] = {}
        for text in texts or []:
            self.number(text)

    def number(self, text: str) -> int:
        """Return the number of a text, new if need be."""
        number = self._numbers.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
            self.hashes.append(stable_hash(text))
        return number

    def numbers(self, texts: Sequence[str | None], limit: int | None = None) -> list[int]:
        """Return the numbers of texts, new ones in order; -1 for None, and for new ones beyond `limit`."""
        known = self._numbers
        found = [known.get(text, -1) for text in texts]  # type: ignore[arg-type]
        for place, text in enumerate(texts):
            if found[place] < 0 and text is not None and (limit is None or len(self.texts) < limit):
                found[place] = self.number(text)
        return found

    def __len__(self) -> int:
        return len(self.texts)


def stable_hash(text: str) -> int:
    """Return a 64-bit hash that is the same in every process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
