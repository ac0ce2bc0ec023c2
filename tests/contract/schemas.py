"""The published limits of what chat and paging services take, as JSON schemas."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]


def text(most: int, kind: str) -> Schema:
    """Return Slack's text object."""
    return {
        "type": "object",
        "required": ["type", "text"],
        "properties": {"type": {"const": kind}, "text": {"type": "string", "minLength": 1, "maxLength": most}},
    }


def block(kind: str, required: list[str], **properties: Schema) -> Schema:
    name = {"type": "string", "maxLength": 255}
    return {
        "required": ["type", *required],
        "properties": {"type": {"const": kind}, "block_id": name, **properties},
        "additionalProperties": False,
    }


_BUTTON: Final = {
    "required": ["type", "text"],
    "properties": {"type": {"const": "button"}, "text": text(75, "plain_text"), "url": {"maxLength": 3000}},
}

SLACK: Final[Schema] = {
    "required": ["text", "attachments"],
    "properties": {
        "text": {"type": "string", "maxLength": 40_000},
        "attachments": {
            "maxItems": 20,
            "items": {
                "properties": {
                    "color": {"pattern": "^#[0-9a-f]{6}$"},
                    "blocks": {
                        "maxItems": 50,
                        "items": {
                            "oneOf": [
                                block("header", ["text"], text=text(150, "plain_text")),
                                block("section", ["text"], text=text(3000, "mrkdwn")),
                                block("section", ["fields"], fields={"maxItems": 10, "items": text(2000, "mrkdwn")}),
                                block(
                                    "context", ["elements"], elements={"maxItems": 10, "items": text(3000, "mrkdwn")}
                                ),
                                block("actions", ["elements"], elements={"maxItems": 25, "items": _BUTTON}),
                            ]
                        },
                    },
                }
            },
        },
    },
}

PAGERDUTY: Final[Schema] = {
    "required": ["routing_key", "event_action", "dedup_key", "payload"],
    "properties": {
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
        "payload": {
            "required": ["summary", "source", "severity"],
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "source": {"type": "string", "minLength": 1},
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": {"type": "string", "format": "date-time"},
                "custom_details": {"type": "object"},
            },
            "additionalProperties": {"type": "string"},
        },
        "links": {"items": {"required": ["href"]}},
    },
}

_ELEMENTS: Final = ["TextBlock", "FactSet", "ColumnSet", "Container"]

TEAMS: Final[Schema] = {
    "required": ["type", "attachments"],
    "properties": {
        "type": {"const": "message"},
        "attachments": {
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "required": ["contentType", "content"],
                "properties": {
                    "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                    "content": {
                        "required": ["type", "version", "body"],
                        "properties": {
                            "type": {"const": "AdaptiveCard"},
                            "version": {"const": "1.4"},
                            "body": {"items": {"required": ["type"], "properties": {"type": {"enum": _ELEMENTS}}}},
                            "actions": {"items": {"properties": {"type": {"const": "Action.OpenUrl"}}}},
                        },
                    },
                },
            },
        },
    },
}

CLOUDEVENT: Final[Schema] = {
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time"},
    },
    "propertyNames": {"pattern": "^[a-z0-9]+$"},
}
