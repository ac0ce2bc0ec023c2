"""pySigma's conditions to our own: the one place that knows the parser's classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import re2
from sigma import conditions as parsed
from sigma import types as sigma

from vedette.rules.expressions import regex
from vedette.rules.guards import guard_of
from vedette.rules.model import KEYWORD, And, Atom, Condition, Kind, Not, Or

MULTI, SINGLE = sigma.SpecialChars.WILDCARD_MULTI, sigma.SpecialChars.WILDCARD_SINGLE
DEPTH: Final = 200
"""Levels of a condition; deeper ones are refused, as every walk over them is a recursion."""
_COMPARE: Final = {
    sigma.CompareOperators.LT: Kind.LESS,
    sigma.CompareOperators.LTE: Kind.AT_MOST,
    sigma.CompareOperators.GT: Kind.MORE,
    sigma.CompareOperators.GTE: Kind.AT_LEAST,
}


class Unsupported(ValueError):
    """A rule that parses and still can't be evaluated; its text says why."""


def condition_of(node: Any, depth: int = 0) -> Condition:
    """Return our own form of a parsed condition.

    Raises
    ------
    Unsupported
        For a placeholder that nobody fills, a regex that RE2 does not take, or a condition that is too deep.
    """
    if depth > DEPTH:
        raise Unsupported(f"the condition is nested deeper than {DEPTH} levels")
    if isinstance(node, parsed.ConditionAND):
        return And(tuple(condition_of(part, depth + 1) for part in node.args))
    if isinstance(node, parsed.ConditionOR):
        return Or(tuple(condition_of(part, depth + 1) for part in node.args))
    if isinstance(node, parsed.ConditionNOT):
        return Not(condition_of(node.args[0], depth + 1))
    if isinstance(node, parsed.ConditionFieldEqualsValueExpression):
        return _value(node.field, node.value)
    if isinstance(node, parsed.ConditionValueExpression):
        return _value(KEYWORD, node.value)
    raise Unsupported(f"got a condition of type {type(node).__name__}, expected fields and values")


def _value(field: str, value: Any) -> Condition:
    if isinstance(value, sigma.SigmaExpansion):
        return Or(tuple(_value(field, one) for one in value.values))
    if isinstance(value, sigma.SigmaString):
        return _text(field, value)
    if isinstance(value, sigma.SigmaRegularExpression):
        return _regex(field, value)
    if isinstance(value, sigma.SigmaCompareExpression):
        return Atom(field, _COMPARE[value.op], str(value.number.number))
    if isinstance(value, sigma.SigmaTimestampPart):
        return Atom(field, Kind.TIME, str(value.number), part=value.timestamp_part.name.lower())
    if isinstance(value, sigma.SigmaNumber | sigma.SigmaBool):
        kind = Kind.EQUALS if field != KEYWORD else Kind.CONTAINS
        return Atom(field, kind, str(value).lower())
    if isinstance(value, sigma.SigmaCIDRExpression):
        return Atom(field, Kind.CIDR, str(value.network))
    return _presence(field, value)


def _presence(field: str, value: Any) -> Condition:
    if isinstance(value, sigma.SigmaNull):
        return Atom(field, Kind.NULL)
    if isinstance(value, sigma.SigmaExists):
        return Atom(field, Kind.EXISTS if value.exists else Kind.NULL)
    if isinstance(value, sigma.SigmaFieldReference):
        ways = {(False, False): "equals", (True, False): "startswith", (False, True): "endswith"}
        part = ways.get((value.starts_with, value.ends_with), "contains")
        return Atom(field, Kind.SAME, value.field, part=part)
    raise Unsupported(f"{field}: got a value of type {type(value).__name__}, which can't be evaluated")


def _text(field: str, value: sigma.SigmaString) -> Atom:
    parts = list(_merged(value.s))
    placeholder = next((part for part in parts if isinstance(part, sigma.Placeholder)), None)
    if placeholder is not None:
        raise Unsupported(f"{field}: the placeholder '%{placeholder.name}%' is filled by nobody")
    cased = isinstance(value, sigma.SigmaCasedString)
    if field == KEYWORD:
        parts = [MULTI, *parts, MULTI]
    starts = bool(parts) and parts[0] is MULTI
    ends = bool(parts) and parts[-1] is MULTI
    inner = list(parts)
    while inner and inner[0] is MULTI:
        inner.pop(0)
    while inner and inner[-1] is MULTI:
        inner.pop()
    if not inner:
        return Atom(field, Kind.EXISTS if starts else Kind.EQUALS)
    if len(inner) == 1 and isinstance(inner[0], str):
        kinds = {(False, False): Kind.EQUALS, (False, True): Kind.STARTS, (True, False): Kind.ENDS}
        text = inner[0] if cased else inner[0].lower()
        return Atom(field, kinds.get((starts, ends), Kind.CONTAINS), text, cased)
    return _wildcard(field, inner, starts, ends, cased)


def _merged(parts: list[Any]) -> Iterator[Any]:
    """Yield parts with neighboring texts joined; an empty text is none."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        text = ""
        yield part
    if text:
        yield text


def _wildcard(field: str, inner: list[Any], starts: bool, ends: bool, cased: bool) -> Atom:
    pieces = [re2.escape(part) if isinstance(part, str) else ".*" if part is MULTI else "." for part in inner]
    flags = "(?s)" if cased else "(?is)"
    pattern = f"{flags}{'' if starts else '^'}{''.join(pieces)}{'' if ends else '$'}"
    longest = max((part for part in inner if isinstance(part, str)), key=len, default="").lower()
    return Atom(field, Kind.REGEX, checked(pattern), True, guard=(longest,) if longest else ())


def _regex(field: str, value: sigma.SigmaRegularExpression) -> Atom:
    if value.contains_placeholder():
        raise Unsupported(f"{field}: a placeholder in a regex is filled by nobody")
    flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
    pattern = str(value.regexp)
    return Atom(field, Kind.REGEX, checked(f"(?{flags}){pattern}" if flags else pattern), True, guard=guard_of(pattern))


def checked(pattern: str) -> str:
    """Return the pattern if RE2 takes it; a regex that needs back-tracking or too much memory is refused.

    Raises
    ------
    Unsupported
        Naming the pattern and RE2's reason.
    """
    try:
        regex(pattern)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise Unsupported(f"the regex {pattern!r} is none of RE2: {reason}") from None
    return pattern
