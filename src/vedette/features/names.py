"""Texts as small numbers, in order of first occurrence."""

from __future__ import annotations

from collections.abc import Sequence


class Names:
    """Numbers few texts 0, 1, 2 …; `vedette.kernels.vocabulary` does so for many."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.texts = list(texts)
        self._numbers = {text: number for number, text in enumerate(self.texts)}

    def number(self, text: str, limit: int) -> int:
        """Return the number of a text, new if need be; -1 for a new one beyond `limit`."""
        number = self._numbers.get(text, -1)
        if number >= 0 or len(self.texts) >= limit:
            return number
        self._numbers[text] = len(self.texts)
        self.texts.append(text)
        return len(self.texts) - 1

    def __len__(self) -> int:
        return len(self.texts)
