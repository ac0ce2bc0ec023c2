"""Runs rules on the events of their test files, on the engine that production runs, and says what went wrong.

References
----------
The report follows ``promtool test rules``; the XML is JUnit's, as continuous integration reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from vedette.errors import BadInput
from vedette.rules.correlate import Correlator, Match
from vedette.rules.flat import table_of
from vedette.rules.load import TEST, load
from vedette.rules.match import Matcher
from vedette.rules.model import Head, RuleSet
from vedette.testing.cases import FIRE, Case, read_cases

BEGINNING: Final = 1_795_651_200.0
"""Epoch seconds of every stream's beginning, 2026-11-26; rules that ask for the time of day see midnight."""

_NOT_XML: Final = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\N{REPLACEMENT CHARACTER}"
)
"""Characters that XML 1.0 has no way to write."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case and what came of it; an empty ``problem`` is success."""

    case: Case
    problem: str


def files_at(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the test files at a path, a file or a folder, and what to call each.

    Raises
    ------
    BadInput
        Where there is none.
    """
    if path.is_file():
        found = [(path, path.name)]
    else:
        found = [(one, one.relative_to(path).as_posix()) for one in sorted(path.rglob(f"*{TEST}"))]
    if not found or not found[0][1].endswith(TEST):
        raise BadInput("no_tests", detail=f"got {path}, expected a file or folder with names that end in {TEST}")
    yield from found


def rules_for(path: Path, sources: Sequence[Path]) -> RuleSet:
    """Return the rules to test: those of some sources, else of the folder that the tests are in.

    Raises
    ------
    BadInput
        Where a rule can't be used, naming every one and its cause: a test of it would prove nothing.
    """
    rules = load(list(sources) or [path.parent if path.is_file() else path])
    if rules.problems:
        raise BadInput("bad_rules", detail="; ".join(map(str, rules.problems)))
    return rules


def run(cases: Iterable[Case], rules: RuleSet) -> list[Outcome]:
    """Run cases, each on a state of its own."""
    matcher = Matcher(rules)
    known = {name for head in _heads(rules) for name in (head.id, head.name) if name}
    return [Outcome(case, _problem(case, matcher, known)) for case in cases]


def run_file(path: Path, name: str, rules: RuleSet) -> list[Outcome]:
    """Run the cases of a file, called `name`; raises `BadInput` where it can't be read."""
    return run(read_cases(path, name), rules)


def untested(rules: RuleSet, outcomes: Iterable[Outcome]) -> list[str]:
    """Return the rules that no case makes fire, by name or id."""
    tested = {outcome.case.rule for outcome in outcomes if outcome.case.fires}
    return [head.name or head.id for head in _heads(rules) if head.name not in tested and head.id not in tested]


def fired(case: Case, matcher: Matcher) -> dict[str, Head]:
    """Return what fires on a case's events, by id; rules that only other rules ask for are told as well."""
    table = table_of(case.events)
    hits = matcher.match(table)
    heads = [rule.head for rule in matcher.rules.rules]
    found = {heads[rule].id: heads[rule] for rule in hits.rules.tolist()}
    correlator = Correlator(matcher.rules)
    values = matcher.fields(table, sorted(correlator.fields))
    matches = [
        Match(BEGINNING + case.times[row], row, heads[rule].id, {name: values[name][row] for name in values})
        for row, rule in zip(hits.rows.tolist(), hits.rules.tolist(), strict=True)
        if heads[rule].id in correlator.wanted
    ]
    return found | {one.correlation.head.id: one.correlation.head for one in correlator.feed(matches)}


def _problem(case: Case, matcher: Matcher, known: set[str]) -> str:
    if case.rule not in known:
        return "there is no rule of this name or id among those loaded"
    found = fired(case, matcher)
    names = {name for head in found.values() for name in (head.id, head.name)}
    if (case.rule in names) == case.fires:
        return ""
    if not case.fires:
        return f"fired on {len(case.events)} events, expected silence"
    others = ", ".join(sorted(head.name or head.id for head in found.values())) or "nothing"
    return f"did not fire on {len(case.events)} events; what fired: {others}"


def _heads(rules: RuleSet) -> list[Head]:
    return [*(rule.head for rule in rules.rules), *(one.head for one in rules.correlations)]


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield the lines of a report, a file at a time."""
    for file, mine in _by_file(outcomes).items():
        bad = [outcome for outcome in mine if outcome.problem]
        yield f"Unit Testing:  {file}"
        yield "  FAILED:" if bad else f"  SUCCESS ({len(mine)} cases)"
        yield from (f"    {outcome.case.name}: {outcome.problem}" for outcome in bad)


def junit(outcomes: Sequence[Outcome]) -> bytes:
    """Return a report as JUnit XML: a suite a file, a case a stream of events."""
    failed = sum(bool(outcome.problem) for outcome in outcomes)
    top = ElementTree.Element("testsuites", name="vedette", tests=str(len(outcomes)), failures=str(failed))
    for name, mine in _by_file(outcomes).items():
        file = name.translate(_NOT_XML)
        bad = sum(bool(outcome.problem) for outcome in mine)
        suite = ElementTree.SubElement(top, "testsuite", name=file, tests=str(len(mine)), failures=str(bad))
        for outcome in mine:
            case = ElementTree.SubElement(suite, "testcase", classname=file, name=outcome.case.name.translate(_NOT_XML))
            if outcome.problem:
                ElementTree.SubElement(case, "failure", message=outcome.problem.translate(_NOT_XML), type=FIRE)
    written: bytes = ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)
    return written


def _by_file(outcomes: Iterable[Outcome]) -> Mapping[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.case.file, []).append(outcome)
    return found
