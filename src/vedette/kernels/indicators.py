"""Finds in texts what may be an indicator, and looks it up: one pass, whatever the number of indicators.

Exact values are in a hash table, addresses in a sorted list of disjoint ranges; what is read decides what it can be.
The oracle is ``tests/oracles/indicators.py``.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit

from vedette.kernels.bytes import HIGHS, ONES, PAD, hash64, load64, same, trailing_zeros

LONGEST: Final = 2048
"""Bytes of a token that is looked up; longer ones are none."""
SUFFIXES: Final = 16
"""Domains that are looked up of one name, from the right."""
LOCAL: Final = 64
"""Characters of an e-mail address before its sign (RFC 5321, 4.5.3.1.1)."""
MAPPED: Final = np.uint64(0xFFFF << 32)
"""IPv4 addresses are ``::ffff:a.b.c.d``."""
SHIFT: Final = np.uint64(16)
"""Bits of an IPv4 address that its first level leaves out."""

DOTS: Final = ONES * np.uint64(46)
COLONS: Final = ONES * np.uint64(58)
AMPERSAND: Final = np.uint64(int.from_bytes(b"\\u0026", "little"))

DOMAIN: Final = 2
URL: Final = 3
HASH: Final = 4
EMAIL: Final = 5
"""As `vedette.indicators.model.Kind` numbers them."""

_WORD: Final = 1
_HEX: Final = 2
_DIGIT: Final = 4
_ALNUM: Final = 8
_ALPHA: Final = 16
_LOCAL: Final = 32
_IN_URL: Final = 64


def _classes() -> Any:
    table = np.zeros(256, np.uint8)
    for byte in range(33, 127):
        if chr(byte) not in "\"'<>\\`^{}|":
            table[byte] |= _IN_URL
    for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        table[ord(letter)] |= _WORD | _ALNUM | _ALPHA | _LOCAL | (_HEX if letter in "abcdefABCDEF" else 0)
    for digit in "0123456789":
        table[ord(digit)] |= _WORD | _ALNUM | _DIGIT | _HEX | _LOCAL
    for mark in "._-":
        table[ord(mark)] |= _WORD | _LOCAL
    for mark in "%+":
        table[ord(mark)] |= _LOCAL
    return table


CLASS: Final = _classes()


class Values(NamedTuple):
    """Exact values: value `i` is ``data[ends[i]:ends[i + 1]]``, of kind ``kinds[i]``; `build` makes the table."""

    data: Any
    ends: Any
    kinds: Any
    table: Any


class Ranges(NamedTuple):
    """Disjoint pieces of addresses: start of each, ascending, as two halves of 128 bits, and whose it is, or -1.

    ``first`` is the place of the first piece that starts at ``::ffff:x.y.0.0`` or later, by the number of ``x.y``,
    shape ``(65537,)``.
    """

    highs: Any
    lows: Any
    owner: Any
    first: Any


@njit(cache=True, nogil=True)
def build(values: Any, wanted: Any, following: Any) -> None:
    """Fill the hash table of exact values; equal values are chained in order.

    Parameters
    ----------
    values
        `Values`, its table zeros, twice as many as values or more, a power of two; an entry gets a tag of the hash
        above the value's number + 1. `PAD` bytes follow the data.
    wanted
        Which values are for the table.
    following
        -1 for each value; gets the next one that is equal.
    """
    mask = np.uint64(values.table.shape[0] - 1)
    for i in range(values.kinds.shape[0] - 1, -1, -1):
        if not wanted[i]:
            continue
        start, size = values.ends[i], values.ends[i + 1] - values.ends[i]
        hashed = hash64(values.data, start, start + size, np.uint64(values.kinds[i]))
        tag = hashed >> np.uint64(32)
        at = hashed & mask
        while values.table[at] != np.uint64(0):
            known = np.int64(values.table[at] & np.uint64(0xFFFFFFFF)) - 1
            other = values.ends[known]
            alike = values.table[at] >> np.uint64(32) == tag and values.kinds[known] == values.kinds[i]
            if alike and values.ends[known + 1] - other == size and same(values.data, start, values.data, other, size):
                following[i] = known
                break
            at = (at + np.uint64(1)) & mask
        values.table[at] = tag << np.uint64(32) | np.uint64(i + 1)


@njit(cache=True, nogil=True)
def flatten(starts: Any, stops: Any, order: Any, owner: Any, following: Any) -> None:
    """Cut nested ranges into disjoint pieces, each owned by the narrowest range around it.

    Parameters
    ----------
    starts, stops
        First piece of each range and the first behind it; ranges are nested or disjoint, as CIDR are.
    order
        Ranges by start, wider ones first, equal ones in order.
    owner
        -1 for each piece; gets the range that owns it.
    following
        -1 for each range; gets the next one around it, the equal ones after it included.
    """
    stack = np.empty(order.shape[0] + 1, np.int64)
    depth = 0
    piece = 0
    for number in order:
        while depth > 0 and stops[stack[depth - 1]] <= starts[number]:
            top = stack[depth - 1]
            while piece < stops[top]:
                owner[piece] = top
                piece += 1
            depth -= 1
        if depth > 0:
            while piece < starts[number]:
                owner[piece] = stack[depth - 1]
                piece += 1
            following[number] = stack[depth - 1]
        piece = max(piece, starts[number])
        stack[depth] = number
        depth += 1
    while depth > 0:
        top = stack[depth - 1]
        while piece < stops[top]:
            owner[piece] = top
            piece += 1
        depth -= 1


@njit(cache=True, nogil=True)
def find(data: Any, size: Any, kind: Any, values: Any) -> Any:
    """Return the first value that equals the first `size` bytes, or -1."""
    mask = np.uint64(values.table.shape[0] - 1)
    hashed = hash64(data, 0, size, np.uint64(kind))
    tag = hashed >> np.uint64(32)
    at = hashed & mask
    while values.table[at] != np.uint64(0):
        if values.table[at] >> np.uint64(32) == tag:
            known = np.int64(values.table[at] & np.uint64(0xFFFFFFFF)) - 1
            start = values.ends[known]
            alike = values.kinds[known] == kind and values.ends[known + 1] - start == size
            if alike and same(data, 0, values.data, start, size):
                return known
        at = (at + np.uint64(1)) & mask
    return -1


@njit(cache=True, nogil=True)
def locate(high: Any, low: Any, ranges: Any) -> Any:
    """Return the narrowest range around an address of two halves, or -1."""
    left, right = 0, ranges.highs.shape[0]
    if high == np.uint64(0) and low & ~np.uint64(0xFFFFFFFF) == MAPPED:
        part = np.int64((low & np.uint64(0xFFFFFFFF)) >> SHIFT)
        left, right = ranges.first[part], ranges.first[part + 1]
    while left < right:
        middle = (left + right) >> 1
        if ranges.highs[middle] < high or (ranges.highs[middle] == high and ranges.lows[middle] <= low):
            left = middle + 1
        else:
            right = middle
    return ranges.owner[left - 1] if left > 0 else -1


@njit(cache=True, nogil=True)
def _ipv4(data: Any, start: Any, end: Any) -> Any:
    """Return an IPv4 address as a number, or -1; leading zeros are refused, since nobody agrees what they mean."""
    value = 0
    part = 0
    digits = 0
    dots = 0
    for i in range(start, end):
        byte = data[i]
        if byte == 46:
            if digits == 0 or part > 255:
                return -1
            value = value << 8 | part
            dots += 1
            part = 0
            digits = 0
        else:
            if byte < 48 or byte > 57 or digits == 3 or (digits == 1 and part == 0):
                return -1
            part = part * 10 + int(byte) - 48
            digits += 1
    if dots != 3 or digits == 0 or part > 255:
        return -1
    return value << 8 | part


@njit(cache=True, nogil=True)
def _ipv6(data: Any, start: Any, end: Any, groups: Any) -> bool:
    """Write the eight groups of an IPv6 address; false if it is none."""
    count = 0
    gap = -1
    at = start
    if end - start >= 2 and data[at] == 58 and data[at + 1] == 58:
        gap = 0
        at += 2
    while at < end:
        if count == 8:
            return False
        stop = at
        value = 0
        while stop < end and CLASS[data[stop]] & _HEX and stop - at < 5:
            byte = int(data[stop])
            value = value * 16 + (byte - 48 if byte < 58 else (byte | 32) - 87)
            stop += 1
        if stop < end and data[stop] == 46:
            last = _ipv4(data, at, end)
            if last < 0 or count > 6:
                return False
            groups[count] = last >> 16
            groups[count + 1] = last & 0xFFFF
            count += 2
            break
        if stop == at or stop - at > 4:
            return False
        groups[count] = value
        count += 1
        at = stop
        if at == end:
            break
        if data[at] != 58 or at + 1 == end:
            return False
        at += 1
        if data[at] == 58:
            if gap >= 0:
                return False
            gap = count
            at += 1
    if gap < 0:
        return count == 8
    if count > 7:
        return False
    moved = count - gap
    for k in range(moved):
        groups[7 - k] = groups[count - 1 - k]
    for k in range(gap, 8 - moved):
        groups[k] = 0
    return True


@njit(cache=True, nogil=True)
def _lower(data: Any, start: Any, end: Any, out: Any, at: Any) -> Any:
    """Copy bytes in small letters; returns the place behind them."""
    for i in range(start, end):
        byte = data[i]
        out[at] = byte + 32 if 65 <= byte <= 90 else byte
        at += 1
    return at


@njit(cache=True, nogil=True)
def _plain(data: Any, at: Any, stop: Any) -> Any:
    r"""Return a byte of a URL, and how many bytes it takes: JSON may have ``\/`` for a slash, ``\u0026`` for ``&``."""
    byte = data[at]
    if byte != 92:
        return byte, 1
    if at + 1 < stop and data[at + 1] == 47:
        return data[at + 1], 2
    if at + 5 < stop and load64(data, at) & np.uint64(0xFFFFFFFFFFFF) == AMPERSAND:
        return np.uint8(38), 6
    return byte, 1


@njit(cache=True, nogil=True)
def _url(data: Any, colon: Any, start: Any, stop: Any, out: Any) -> Any:
    """Write the URL around a colon as `vedette.indicators.values.url` does; returns its size, 0 if it is none."""
    left = colon
    while left > start and CLASS[data[left - 1]] & _ALPHA:
        left -= 1
    scheme = colon - left
    if scheme == 0 or scheme > 32:
        return 0
    size = _lower(data, left, colon + 1, out, 0)
    at = colon + 1
    while at < stop and size <= LONGEST:
        byte, step = _plain(data, at, stop)
        if not CLASS[byte] & _IN_URL or byte == 35:
            break
        out[size] = byte
        size += 1
        at += step
    if size > LONGEST or size < scheme + 4 or out[scheme + 1] != 47 or out[scheme + 2] != 47:
        return 0
    if at == stop or data[at] != 35:
        while size > scheme + 3 and out[size - 1] in (33, 41, 44, 46, 58, 59, 93):  # ! ) , . : ; ]
            size -= 1
    query = scheme + 3
    while query < size and out[query] != 63:
        query += 1
    size -= query == size - 1
    return _host(out, scheme, size)


@njit(cache=True, nogil=True)
def _host(out: Any, scheme: Any, size: Any) -> Any:
    """Put the host of a URL in small letters, leave out its scheme's own port, give it a path; returns the new size."""
    end = scheme + 3
    while end < size and out[end] != 47 and out[end] != 63:
        if out[end] == 64:
            return 0
        end += 1
    if end == scheme + 3:
        return 0
    _lower(out, scheme + 3, end, out, scheme + 3)
    port = end
    while 48 <= out[port - 1] <= 57:
        port -= 1
    gone = 0
    if out[port - 1] == 58:
        number = 0
        for i in range(port, min(end, port + 6)):
            number = number * 10 + int(out[i]) - 48
        plain = number == 80 and scheme == 4 and out[0] == 104
        secure = number == 443 and scheme == 5 and out[0] == 104
        if plain or secure or (number == 21 and scheme == 3 and out[0] == 102):
            gone = end - port + 1
    slash = end == size or out[end] == 63
    moved = int(slash) - gone
    if moved < 0:
        for i in range(end, size):
            out[i + moved] = out[i]
    elif moved > 0:
        for i in range(size - 1, end - 1, -1):
            out[i + moved] = out[i]
    if slash:
        out[end - gone] = 47
    return size + moved


@njit(cache=True, nogil=True)
def _add(out: Any, count: Any, text: Any, entry: Any) -> Any:
    if entry < 0:
        return count
    out[count, 0] = text
    out[count, 1] = entry
    return count + 1


@njit(cache=True, nogil=True)
def scan(data: Any, starts: Any, stops: Any, begin: Any, values: Any, ranges: Any, out: Any) -> Any:
    """Write ``(text, value)`` of what texts hold, from text `begin` on; returns how many, and the text to go on at.

    Names and addresses have a dot or a colon, which are looked for by eight bytes at once; what is as long as a hash
    has a hexadecimal digit in every 32nd place: 0.85 µs an event of 320 bytes, where looking at each byte took 1.4
    (``python -m bench indicators``).

    Parameters
    ----------
    data, starts, stops
        The texts; `PAD` bytes follow the data.
    values, ranges
        `Values` and `Ranges`.
    out
        Shape ``(n, 2)``, `n` no less than the longest text's bytes: a text has fewer finds than bytes, and one whose
        finds might not fit any more is left for the next call.
    """
    token = np.zeros(LONGEST + 2 * PAD, np.uint8)
    groups = np.zeros(8, np.int64)
    count = 0
    for text in range(begin, starts.shape[0]):
        start, stop = starts[text], stops[text]
        if count + stop - start > out.shape[0]:
            return count, text
        count = _hashes(data, start, stop, text, token, values, out, count)
        done = start
        i = _mark(data, start, stop)
        while i < stop:
            if data[i] == 46:
                left = i
                while left > done and CLASS[data[left - 1]] & _WORD:
                    left -= 1
                end = i + 1
                while end < stop and CLASS[data[end]] & _WORD:
                    end += 1
                count = _named(data, start, left, end, text, token, values, ranges, out, count)
                done = i = end
            elif data[i + 1] == 47 or data[i + 1] == 92:
                size = _url(data, i, start, stop, token)
                if size > 0:
                    count = _add(out, count, text, find(token, size, URL, values))
                i += 1
            else:
                if data[i + 1] == 58 or CLASS[data[i + 1]] & _HEX:
                    count = _add(out, count, text, _colons(data, start, i, stop, groups, ranges))
                i += 1
            i = _mark(data, i, stop)
    return count, starts.shape[0]


@njit(cache=True, nogil=True)
def _mark(data: Any, at: Any, stop: Any) -> Any:
    """Return the place of the next dot or colon, or one that is not before `stop`."""
    while at < stop:
        word = load64(data, at)
        dots, colons = word ^ DOTS, word ^ COLONS
        hit = ((dots - ONES) & ~dots | (colons - ONES) & ~colons) & HIGHS
        if hit != np.uint64(0):
            return at + np.int64(trailing_zeros(hit) >> np.uint64(3))
        at += 8
    return at


@njit(cache=True, nogil=True)
def _hashes(data: Any, start: Any, stop: Any, text: Any, token: Any, values: Any, out: Any, count: Any) -> Any:
    """Look up what is as long as a hash, and hexadecimal, between what is neither letter nor digit."""
    probe = start + 31
    while probe < stop:
        if not CLASS[data[probe]] & _HEX:
            probe += 32
            continue
        left = probe
        while left > start and CLASS[data[left - 1]] & _HEX:
            left -= 1
        end = probe + 1
        while end < stop and CLASS[data[end]] & _HEX:
            end += 1
        size = end - left
        alone = (left == start or not CLASS[data[left - 1]] & _ALNUM) and (end == stop or not CLASS[data[end]] & _ALNUM)
        if alone and (size == 32 or size == 40 or size == 64):
            _lower(data, left, end, token, 0)
            count = _add(out, count, text, find(token, size, HASH, values))
        probe = end + 32
    return count


@njit(cache=True, nogil=True)
def _named(
    data: Any,
    begin: Any,
    start: Any,
    end: Any,
    text: Any,
    token: Any,
    values: Any,
    ranges: Any,
    out: Any,
    count: Any,
) -> Any:
    """Look up a word with dots: an IPv4 address, or a domain with all that it is under, and the e-mail address there.

    The text begins at `begin`.
    """
    while end > start and not CLASS[data[end - 1]] & _ALNUM:
        end -= 1
    bare = start
    while bare < end and not CLASS[data[bare]] & _ALNUM:
        bare += 1
    if end - bare < 4 or end - bare > 253:
        return count
    if CLASS[data[end - 1]] & CLASS[data[bare]] & _DIGIT:
        address = _ipv4(data, bare, end)
        if address >= 0:
            return _add(out, count, text, locate(np.uint64(0), MAPPED | np.uint64(address), ranges))
    last = end
    letters = np.uint8(255)
    while last > bare and data[last - 1] != 46:
        last -= 1
        letters &= CLASS[data[last]]
    coded = end - last > 4 and data[last] | 32 == 120 and data[last + 1] | 32 == 110 and data[last + 2] == 45
    if last < bare + 2 or end - last < 2 or not (letters & _ALPHA or coded):
        return count
    at = last - 1
    tried = 0
    while at > bare and tried < SUFFIXES:
        at -= 1
        if at == bare or data[at - 1] == 46:
            size = _lower(data, at, end, token, 0)
            count = _add(out, count, text, find(token, size, DOMAIN, values))
            tried += 1
    if start > begin and data[start - 1] == 64 and bare == start:
        left = start - 1
        while left > begin and start - left <= LOCAL and CLASS[data[left - 1]] & _LOCAL:
            left -= 1
        if left < start - 1:
            size = _lower(data, left, end, token, 0)
            count = _add(out, count, text, find(token, size, EMAIL, values))
    return count


@njit(cache=True, nogil=True)
def _colons(data: Any, start: Any, colon: Any, stop: Any, groups: Any, ranges: Any) -> Any:
    """Return the range around the IPv6 address whose first colon this is, or -1."""
    left = colon
    while left > start and colon - left < 5 and CLASS[data[left - 1]] & _HEX:
        left -= 1
    if left > start and (CLASS[data[left - 1]] & _ALNUM or data[left - 1] == 58 or data[left - 1] == 46):
        return -1
    end = colon
    colons = 0
    gaps = 0
    while end < stop and (CLASS[data[end]] & _HEX or data[end] == 58 or data[end] == 46):
        if data[end] == 58:
            colons += 1
            gaps += data[end - 1] == 58 if end > colon else 0
        end += 1
    if end < stop and CLASS[data[end]] & _ALNUM:
        return -1
    if data[end - 1] == 46:
        end -= 1
    if data[end - 1] == 58 and colons > 1 and data[end - 2] != 58:
        end -= 1
        colons -= 1
    if colons < 2 or (gaps == 0 and colons < 6) or not _ipv6(data, left, end, groups):
        return -1
    high = np.uint64(0)
    low = np.uint64(0)
    for k in range(4):
        high = high << np.uint64(16) | np.uint64(groups[k])
        low = low << np.uint64(16) | np.uint64(groups[k + 4])
    return locate(high, low, ranges)


@njit(cache=True, nogil=True)
def exact(data: Any, starts: Any, stops: Any, kind: Any, values: Any, out: Any) -> None:
    """Write for each text the value of a kind that it is as a whole, whatever the case, or -1, into `out`."""
    token = np.zeros(LONGEST + PAD, np.uint8)
    for text in range(starts.shape[0]):
        size = stops[text] - starts[text]
        out[text] = -1
        if 0 < size <= LONGEST:
            _lower(data, starts[text], stops[text], token, 0)
            out[text] = find(token, size, kind, values)
