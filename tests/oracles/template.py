"""Masking a line, slowly: a list of pieces, of which the last ones are looked at when a word ends."""

from __future__ import annotations

import re

from vedette.kernels.template import HEX, LONGEST, MARKS, UNITS, VALUES

ANY = "<*>"
EDGES = re.compile("([" + re.escape(MARKS.decode()) + " \t])")


class Slow:
    """One line being masked."""

    def __init__(self) -> None:
        self.out: list[str] = []  # words, marks, ANY
        self.wild: int | None = None  # index of the value that nothing but marks followed
        self.host: int | None = None
        self.path: int | None = None
        self.slashes = 0
        self.opened = 0

    def blank(self, at: int) -> None:
        if at > 0 and self.out[at - 1] == "<":
            at -= 1
        del self.out[at:]
        self.out.append(ANY)
        self.wild = at

    def word(self, word: str, after: str) -> None:
        low, at = "".join(c.lower() if c.isascii() else c for c in word), len(self.out)
        hexed = re.fullmatch(f"[a-f]{{1,{HEX}}}", low) is not None
        before = self.out[-1] if self.out else ""
        tail = self.out[self.wild + 1 :] if self.wild is not None else None
        value = bool(re.search("[0-9]", word)) or before == "="
        value |= len(word.encode()) <= LONGEST and low in VALUES
        value |= hexed and tail == [":"]
        value |= "." in word and tail is not None and len(tail) == 2 and tail[1] == "("
        if value:
            if self.wild is not None:
                self.opened += self.out[self.wild :].count("(")
                at = self.wild
            elif self.host is not None and before == ":":
                at = self.host
            self.blank(at)
            self.host = None
            if self.path is not None and self.wild is not None:
                self.path = min(self.path, self.wild)
        elif tail is not None and len(tail) == 1 and low in UNITS:
            self.out.pop()
        else:
            self.wild = None
            self.host = at if ("." in word or hexed) and after == ":" else None
            self.out.append(word)

    def mark(self, mark: str, worded: bool) -> None:
        if not worded and mark != ":":
            self.host = None
        if self.path is not None and mark != "/":
            if self.slashes > 1:
                self.blank(self.path)
            self.path = None
        if mark == "/":
            if self.path is None and (not self.out or self.out[-1] in (" ", "\t", "(")):
                self.path, self.slashes = len(self.out), 0
            self.slashes += 1
        if mark == ")" and self.opened:
            self.opened -= 1
            return
        if mark == ")" and (self.out[-1:] == ["("] or (self.out[-2:] == ["(", ANY] and self.wild == len(self.out) - 1)):
            del self.out[-1 if self.out[-1] == "(" else -2 :]
            self.wild = None
            if self.out and self.out[-1] in (" ", "\t"):
                self.out.pop()
            return
        self.out.append(mark)


def mask(line: str) -> str:
    """Return the line with its values as ``<*>``."""
    slow, word = Slow(), ""
    for piece in [piece for piece in EDGES.split(line) if piece] + ["\n"]:
        edge = piece == "\n" or EDGES.fullmatch(piece) is not None
        if not edge:
            word = piece
            continue
        after = " " if piece == "\n" else piece
        if word:
            slow.word(word, after)
        slow.mark(after, bool(word))
        word = ""
    return "".join(slow.out[:-1])
