"""Texts of rules to a `RuleSet`: what is wrong with one rule costs that rule only, and is told with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from uuid import UUID

import yaml
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.modifiers import SigmaWideModifier, modifier_mapping
from sigma.rule import SigmaRule, SigmaRuleBase

from vedette.rules.compile import Unsupported, condition_of
from vedette.rules.linked import correlation_of, linked
from vedette.rules.model import LARGEST, And, Correlation, Head, Or, Problem, Rule, RuleSet, Source

ALIASES: Final = 16
"""Aliases of a document: with n of them merged into one another, no more than e^(n/e) = 360 copies can arise."""
DEEPEST: Final = 30
_STACKED: Final = re.compile(r"(?:[-?:]\s+){6}")
"""Levels of nesting on one line; deep nesting takes these, brackets, or blanks at the beginning of a line."""
UNUSED: Final = ("deprecated", "unsupported")
"""Statuses whose rules are left out, as their authors ask."""

modifier_mapping.setdefault("utf16le", SigmaWideModifier)  # the specification has both names for it


class _Loader(yaml.CSafeLoader):
    """YAML's safe loader, without keys that occur twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in names:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is there twice", key.start_mark
                )
            names.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class _Document:
    file: str
    first: int
    content: Mapping[str, Any]
    lines: Sequence[str]

    def problem(self, cause: str) -> Problem:
        title = self.content.get("title") or self.content.get("id") or self.content.get("name") or ""
        return Problem(self.file, self._line(cause), str(title), cause)

    def _line(self, cause: str) -> int:
        """Return the line that holds what the cause quotes, else the document's first."""
        for quoted in re.findall(r"'([^']{2,})'", cause):
            for number, line in enumerate(self.lines):
                if quoted.strip() in line:
                    return self.first + number
        return self.first


def parse(texts: Mapping[str, str]) -> RuleSet:
    """Return the rules of some texts, by the names of their files.

    Never raises for what a text contains: a rule with a syntax error, an unknown modifier, a regex that RE2 does not
    take, a correlation of rules that are missing, and the like becomes a `Problem`.
    """
    documents: list[_Document] = []
    problems: list[Problem] = []
    for file, text in texts.items():
        _read(file, text, documents, problems)
    rules: list[Rule] = []
    filters: list[tuple[_Document, SigmaFilter]] = []
    correlations: list[tuple[_Document, Correlation]] = []
    for document in documents:
        try:
            made = _made(document)
        except (SigmaError, Unsupported, RecursionError) as error:
            problems.append(document.problem(_cause(error)))
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            problems.append(document.problem(f"not a Sigma rule: {error}"))
        else:
            if isinstance(made, SigmaFilter):
                filters.append((document, made))
            elif isinstance(made, Correlation):
                correlations.append((document, made))
            elif made is not None:
                rules.append(made)
    taken: dict[str, str] = {}
    rules = [rule for rule in rules if _first(rule.head, taken, problems)]
    correlations = [(document, made) for document, made in correlations if _first(made.head, taken, problems)]
    for document, one in filters:
        rules = _filtered(rules, document, one, problems)
    kept, causes = linked(rules, [made for _, made in correlations])
    problems += [document.problem(causes[made.head.id]) for document, made in correlations if made.head.id in causes]
    return RuleSet(tuple(kept.rules), tuple(kept.correlations), tuple(problems))


def _cause(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return str(error.args[0]) if error.args else type(error).__name__


def _read(file: str, text: str, documents: list[_Document], problems: list[Problem]) -> None:
    if len(text) > LARGEST:
        problems.append(Problem(file, 1, "", f"{len(text)} bytes, expected at most {LARGEST}"))
        return
    lines = text.splitlines()
    try:
        _bounded(text)
        for first, content in _contents(text):
            if isinstance(content, Mapping) and {"detection", "correlation", "filter"} & set(content):
                documents.append(_Document(file, first, content, lines[first - 1 :]))
            elif content is not None:
                cause = "not a Sigma rule: no detection, correlation or filter in it"
                problems.append(Problem(file, first, "", cause))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.append(Problem(file, mark.line + 1 if mark else 1, "", f"not YAML: {error.problem or error.context}"))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        problems.append(Problem(file, 1, "", f"not YAML: {error}"))


def _contents(text: str) -> Iterator[tuple[int, Any]]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            yield cast(Any, node).start_mark.line + 1, loader.construct_document(node)
    finally:
        loader.dispose()


def _bounded(text: str) -> None:
    """Refuse documents whose aliases could unfold without end, or that are nested too deeply, before they are built."""
    flow = text.count("[") + text.count("{")
    if "&" not in text and flow < DEEPEST and "\n" + " " * DEEPEST not in text and not _STACKED.search(text):
        return
    depth = aliases = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.DocumentStartEvent):
            depth = aliases = 0
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if aliases > ALIASES or depth > DEEPEST:
            what = f"more than {ALIASES} aliases" if aliases > ALIASES else f"nested deeper than {DEEPEST} levels"
            raise yaml.MarkedYAMLError(None, None, what, cast(Any, event.start_mark))


def _made(document: _Document) -> Rule | Correlation | SigmaFilter | None:
    content = dict(document.content)
    if "action" in content:
        raise Unsupported("'action' was removed from Sigma 2: write each rule out")
    if "correlation" in content:
        rule = SigmaCorrelationRule.from_dict(content)
        return correlation_of(rule, _head(rule, document))
    if "filter" in content:
        return SigmaFilter.from_dict(content)
    parsed = SigmaRule.from_dict(content)
    head = _head(parsed, document)
    if head.status in UNUSED:
        return None
    conditions = [condition_of(one.parsed) for one in parsed.detection.parsed_condition]
    return Rule(head, _source(parsed.logsource), conditions[0] if len(conditions) == 1 else Or(tuple(conditions)))


def _source(found: Any) -> Source:
    return Source(*(one.lower() if one else None for one in (found.product, found.category, found.service)))


def _head(rule: SigmaRuleBase, document: _Document) -> Head:
    tags = [tag.name.lower() for tag in rule.tags if tag.namespace.lower() == "attack"]
    named = str(rule.id) if isinstance(rule.id, UUID) else rule.name or f"{document.file}:{document.first}"
    return Head(
        id=named,
        title=rule.title or named,
        level=rule.level.name.lower() if rule.level else "medium",
        techniques=tuple(tag.upper() for tag in tags if re.fullmatch(r"t\d{4}(\.\d{3})?", tag)),
        tactics=tuple(tag for tag in tags if not re.match(r"[tgs]\d{4}", tag)),
        author=rule.author or "",
        license=rule.license or "",
        references=tuple(str(one) for one in rule.references or ()),
        falsepositives=tuple(str(one) for one in rule.falsepositives or ()),
        status=rule.status.name.lower() if rule.status else "",
        name=rule.name or "",
        file=document.file,
    )


def _first(head: Head, taken: dict[str, str], problems: list[Problem]) -> bool:
    """Say whether an id is new; a second rule of the same is a problem."""
    if head.id in taken:
        problems.append(Problem(head.file, 1, head.title, f"the id {head.id} is already that of {taken[head.id]}"))
        return False
    taken[head.id] = head.file
    return True


def _filtered(rules: list[Rule], document: _Document, made: SigmaFilter, problems: list[Problem]) -> list[Rule]:
    """Return the rules with a filter's condition joined to those that it names, or to all of its log source."""
    try:
        parts = [condition_of(one.parsed) for one in made.filter.parsed_condition]
    except (SigmaError, Unsupported) as error:
        problems.append(document.problem(_cause(error)))
        return rules
    named = None if isinstance(made.filter.rules, str) else {one.reference for one in made.filter.rules}
    source, result, joined = _source(made.logsource), [], 0
    for rule in rules:
        if source.covers(rule.source) and (named is None or named & {rule.head.id, rule.head.name}):
            result.append(replace(rule, condition=And((rule.condition, *parts))))
            joined += 1
        else:
            result.append(rule)
    if not joined:
        wanted = "any" if named is None else ", ".join(sorted(named))
        problems.append(document.problem(f"no rule here is one that it names, of its log source: {wanted}"))
    return result
