"""Notices as JSON-able documents, the form in which journal, snapshot, files and API have them."""

from __future__ import annotations

from dataclasses import asdict
from math import inf, isinf
from typing import Any, Final

from vedette.records.context import (
    Cause,
    Confirmation,
    EventKind,
    Notice,
    PlannedEvent,
    RulesInForce,
    Suppression,
    Verdict,
    Withdrawal,
)
from vedette.records.segment import Segment

Document = dict[str, Any]

_NAMES: Final = {
    PlannedEvent: "event",
    Suppression: "suppression",
    Confirmation: "confirmation",
    Withdrawal: "withdrawal",
    RulesInForce: "rules",
}


def notice_to_document(notice: Notice) -> Document:
    """Return a notice as JSON-able values, times in ns.

    >>> notice_to_document(Withdrawal("a"))
    {'notice': 'withdrawal', 'id': 'a'}
    """
    document = {"notice": _NAMES[type(notice)], **asdict(notice)}
    if isinstance(notice, Suppression | Confirmation):
        document["causes"] = [_cause(cause) for cause in notice.causes]
    return document


def notice_from_document(document: Document) -> Notice:
    """Return the notice that `notice_to_document` described; raises `KeyError` and `ValueError` for anything else."""
    match document["notice"]:
        case "event":
            return event_from_document(document)
        case "suppression":
            return suppression_from_document(document)
        case "confirmation":
            return confirmation_from_document(document)
        case "withdrawal":
            return Withdrawal(document["id"])
        case "rules":
            return RulesInForce(tuple(document["parts"]))
    raise ValueError(f"notice: got {document['notice']!r}, expected {', '.join(_NAMES.values())}")


def event_from_document(document: Document) -> PlannedEvent:
    """Return the event that a document describes."""
    fields = {name: value for name, value in document.items() if name != "notice"}
    return PlannedEvent(**{**fields, "kind": EventKind(fields["kind"]), "segments": tuple(fields["segments"])})


def suppression_from_document(document: Document) -> Suppression:
    """Return the suppression that a document describes."""
    fields = {name: value for name, value in document.items() if name != "notice"}
    causes = tuple(_from_cause(cause) for cause in fields["causes"])
    return Suppression(**{**fields, "verdict": Verdict(fields["verdict"]), "causes": causes})


def confirmation_from_document(document: Document) -> Confirmation:
    """Return the confirmation that a document describes."""
    return Confirmation(document["id"], tuple(_from_cause(cause) for cause in document["causes"]), document["until"])


def _cause(cause: Cause) -> Document:
    """Return a cause; a side without a bound is null, as JSON has no infinity."""
    bounds = {"lower": cause.lower, "upper": cause.upper}
    return {**asdict(cause), **{name: None if isinf(value) else value for name, value in bounds.items()}}


def _from_cause(document: Document) -> Cause:
    return Cause(
        segment=Segment(**document["segment"]),
        feature=document["feature"],
        item=document["item"],
        lower=-inf if document["lower"] is None else document["lower"],
        upper=inf if document["upper"] is None else document["upper"],
        entities=tuple(document["entities"]),
    )
