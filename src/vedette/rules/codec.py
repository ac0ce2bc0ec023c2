"""A rule set as JSON and back: what the cache of compiled rules holds. No pickle: a cache file can't run code."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

import orjson

from vedette.errors import StateCorrupt
from vedette.rules.model import And, Atom, Condition, Correlation, Head, Kind, Not, Or, Problem, Rule, RuleSet, Source

FORM: Final = 2
"""Of what is written here; a cache of another form is made again."""


def encode(rules: RuleSet) -> bytes:
    """Return a rule set as JSON."""
    return orjson.dumps(
        {
            "form": FORM,
            "rules": [[_plain(rule.head), _plain(rule.source), _down(rule.condition)] for rule in rules.rules],
            "correlations": [
                _plain(one) | {"head": _plain(one.head), "expression": one.expression and _down(one.expression)}
                for one in rules.correlations
            ],
            "problems": [_plain(problem) for problem in rules.problems],
        }
    )


def decode(data: bytes) -> RuleSet:
    """Return what `encode` wrote.

    Raises
    ------
    StateCorrupt
        If it was not written by `encode`, or in another form.
    """
    try:
        found = orjson.loads(data)
        if found["form"] != FORM:
            raise StateCorrupt(f"got rules of form {found['form']}, expected {FORM}")
        return RuleSet(
            tuple(Rule(_head(head), Source(**source), _up(tree)) for head, source, tree in found["rules"]),
            tuple(_correlation(one) for one in found["correlations"]),
            tuple(Problem(**one) for one in found["problems"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise StateCorrupt(f"compiled rules can't be read: {error}") from error


def _plain(thing: Any) -> dict[str, Any]:
    return {one.name: getattr(thing, one.name) for one in fields(thing)}


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def _head(found: dict[str, Any]) -> Head:
    return Head(**{name: _tuples(value) for name, value in found.items()})


def _correlation(found: dict[str, Any]) -> Correlation:
    tree = found.pop("expression")
    head = _head(found.pop("head"))
    rest = {name: _tuples(value) for name, value in found.items()}
    return Correlation(head=head, expression=None if tree is None else _up(tree), **rest)


def _down(condition: Condition) -> list[Any]:
    if isinstance(condition, Atom):
        return ["=", condition.field, condition.kind, condition.value, condition.cased, condition.part, condition.guard]
    if isinstance(condition, Not):
        return ["!", _down(condition.part)]
    return ["&" if isinstance(condition, And) else "|", *(_down(part) for part in condition.parts)]


def _up(found: list[Any]) -> Condition:
    sign, *rest = found
    if sign == "=":
        field, kind, value, cased, part, guard = rest
        return Atom(field, Kind(kind), value, cased, part, tuple(guard))
    if sign == "!":
        return Not(_up(rest[0]))
    return And(tuple(map(_up, rest))) if sign == "&" else Or(tuple(map(_up, rest)))
