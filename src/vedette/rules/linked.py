"""Correlations from the parser's form, joined to the rules that they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sigma import correlations as parsed

from vedette.rules.compile import Unsupported
from vedette.rules.model import And, Atom, Condition, Correlation, Head, Kind, Not, Or, Rule, RuleSet, quiet


def correlation_of(rule: parsed.SigmaCorrelationRule, head: Head) -> Correlation:
    """Return our own form of a correlation; its rules are still named as its author named them.

    Raises
    ------
    Unsupported
        If it counts nothing, or names no rule.
    """
    kind = rule.type.name.lower()
    names = [one.reference for one in rule.rules or ()]
    condition, threshold, expression, percentile = rule.condition, ("gte", 1.0), None, 50
    fields: tuple[str, ...] = ()
    if isinstance(condition, parsed.SigmaExtendedCorrelationCondition):
        expression = _expression(condition.parsed)
        names = names or condition.get_referenced_rules()
    else:
        threshold = (condition.op.name.lower(), float(condition.count))
        found = condition.fieldref or ()
        fields = (found,) if isinstance(found, str) else tuple(found)
        percentile = 50 if condition.percentile is None else condition.percentile
    if not names:
        raise Unsupported("it names no rules")
    if not 0 <= percentile <= 100:
        raise Unsupported(f"got the percentile '{percentile}', expected 0 to 100")
    return Correlation(
        head=head,
        type=kind,
        rules=tuple(names),
        seconds=rule.timespan.seconds,
        group_by=tuple(rule.group_by or ()),
        threshold=threshold,
        fields=fields,
        percentile=percentile,
        generate=rule.generate,
        expression=expression,
        aliases=tuple((one.alias, ref.reference, name) for one in rule.aliases for ref, name in one.mapping.items()),
    )


def _expression(node: Any) -> Condition:
    if isinstance(node, parsed.SigmaRuleReference):
        return Atom(node.reference, Kind.EXISTS)
    parts = tuple(_expression(part) for part in node.args)
    if isinstance(node, parsed.CorrelationConditionNOT):
        return Not(parts[0])
    return And(parts) if isinstance(node, parsed.CorrelationConditionAND) else Or(parts)


def linked(rules: Sequence[Rule], correlations: Sequence[Correlation]) -> tuple[RuleSet, dict[str, str]]:
    """Return rules and the correlations whose rules are all there, in an order in which they can be computed.

    Names are replaced by ids. The second value says why each correlation that is missing is not there: a rule is
    missing, or it refers to itself.
    """
    ids = {rule.head.name: rule.head.id for rule in rules if rule.head.name}
    ids |= {one.head.name: one.head.id for one in correlations if one.head.name}
    known = {rule.head.id for rule in rules}
    waiting = [_renamed(one, ids) for one in correlations]
    kept: list[Correlation] = []
    while ready := [one for one in waiting if set(one.rules) <= known]:
        kept += ready
        known |= {one.head.id for one in ready}
        waiting = [one for one in waiting if one not in ready]
    named = {one.head.id for one in waiting}
    causes = {}
    for one in waiting:
        missing = [rule for rule in one.rules if rule not in known and rule not in named]
        what = f"its rule '{missing[0]}' is not here" if missing else "it needs itself, or one that can't be used"
        causes[one.head.id] = what
    silent = {rule for one in kept if not one.generate for rule in one.rules}
    return RuleSet(
        tuple(replace(rule, head=quiet(rule.head)) if rule.head.id in silent else rule for rule in rules),
        tuple(replace(one, head=quiet(one.head)) if one.head.id in silent else one for one in kept),
    ), causes


def _renamed(one: Correlation, ids: dict[str, str]) -> Correlation:
    return replace(
        one,
        rules=tuple(ids.get(rule, rule) for rule in one.rules),
        aliases=tuple((alias, ids.get(rule, rule), name) for alias, rule, name in one.aliases),
        expression=None if one.expression is None else _renamed_in(one.expression, ids),
    )


def _renamed_in(condition: Condition, ids: dict[str, str]) -> Condition:
    if isinstance(condition, Atom):
        return replace(condition, field=ids.get(condition.field, condition.field))
    if isinstance(condition, Not):
        return Not(_renamed_in(condition.part, ids))
    return type(condition)(tuple(_renamed_in(part, ids) for part in condition.parts))
