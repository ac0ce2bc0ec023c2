"""What is strange about a session, in words: what it lacks, has, or does in another order, and what is usual."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from vedette.detectors.order import Steps
from vedette.detectors.sequence import LEAST_SUPPORT, Sequences, Shape, Verdict
from vedette.records.session import Remark

SHOWN: Final = 10
"""Lines of a strange session that are shown."""

WORDS: Final = 80
"""Characters of a template in a sentence."""

NAMED: Final = 2
"""Templates named in a sentence, of those that are missing and those that are there."""

Text = Callable[[int], str]


def remark_on(model: Sequences, steps: Steps, shape: Shape, verdict: Verdict, text: Text) -> Remark:
    """Return what is said of a session that `model` finds strange, before it learns it.

    Parameters
    ----------
    steps, shape
        Templates of the session's lines, in order and counted.
    verdict
        Of the model, with the reason.
    text
        Gives a template by its number.
    """
    say = {"template": _new, "set": _other, "rare set": _other, "counts": _counts, "order": _order}[verdict.reason]
    item, told = say(model, steps, shape, lambda template: f"“{_cut(text(template))}”")
    lines = tuple(f"{number}. {_cut(text(step))}" for number, step in enumerate(steps[:SHOWN], 1))
    return Remark("sequence", item, f"a session {told}", lines, 10.0**-verdict.decades)


def _new(model: Sequences, steps: Steps, shape: Shape, name: Text) -> tuple[str, str]:
    del steps
    new = [template for template, _ in shape if model.support(template) < LEAST_SUPPORT]
    known = max(model.support(template) for template in new)
    has = _list(map(name, new))
    return f"has {has}", f"has {has}, as {_share(known, model.sessions)} had"


def _other(model: Sequences, steps: Steps, shape: Shape, name: Text) -> tuple[str, str]:
    lacks, more = model.nearest(shape)
    parts, told = [], []
    for verb, verb_past, templates in (("lacks", "had", sorted(lacks)), ("has", "had", sorted(more))):
        if templates:
            parts.append(f"{verb} {_list(map(name, templates))}")
            told.append(f"{parts[-1]}, which {_share(model.support(templates[0]), model.sessions)} {verb_past}")
    if not parts:  # a usual set that has become rare
        kinds = _list(name(template) for template in dict.fromkeys(steps))
        return f"is made of {kinds}", f"is made of {kinds}, as few of {model.sessions:,} are"
    return " and ".join(parts), " and ".join(told)


def _counts(model: Sequences, steps: Steps, shape: Shape, name: Text) -> tuple[str, str]:
    del steps
    usual = dict(model.twin(shape))
    other = [(name(template), count, usual.get(template, 0)) for template, count in shape]
    differ = [one for one in other if one[1] != one[2]] or other
    has = _list(f"{template} {count} times" for template, count, _ in differ)
    normal = ", ".join(str(count) for *_, count in differ[:NAMED])
    return f"has {has}", f"has {has}, where such sessions mostly have {normal}"


def _order(model: Sequences, steps: Steps, shape: Shape, name: Text) -> tuple[str, str]:
    del shape
    (one, other), *more = model.rare_pairs(steps)
    item = f"goes from {name(one)} to {name(other)}"
    told = f"{item}, which {_share(model.followed((one, other)), model.sessions)} did"
    return item, f"{told}{f', and {len(more)} more pairs that are as rare' if more else ''}"


def _share(count: int, total: int) -> str:
    return f"{count:,} of {total:,} before" if count else f"none of {total:,} before"


def _list(names: Iterable[str]) -> str:
    every = list(names)
    rest = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + rest


def _cut(text: str) -> str:
    return text if len(text) <= WORDS else f"{text[: WORDS - 1]}…"
