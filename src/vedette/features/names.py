"""Texts as small numbers, in order of first occurrence, and as 64-bit hashes that last."""

from __future__ import annotations

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

    def has(self, text: str) -> bool:
        """Say whether the text has a number."""
        return text in self._numbers

    def __len__(self) -> int:
        return len(self.texts)


def stable_hash(text: str) -> int:
    """Return a 64-bit hash that is the same in every process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
