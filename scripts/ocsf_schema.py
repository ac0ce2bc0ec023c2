"""Makes a JSON Schema of OCSF's Detection Finding from OCSF's own source files; used by tests only.

``python scripts/ocsf_schema.py OCSF_FOLDER > tests/unit/notify/detection_finding.schema.json``, where the folder
is a checkout of github.com/ocsf/ocsf-schema (Apache-2.0).

The schema is stricter than OCSF: an attribute that is deprecated, that only an unused profile adds, or that is
unknown is refused, so that a misspelled name can't pass as an extra one. Requirements, types, patterns, enums
and constraints are OCSF's.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Json = dict[str, Any]

CLASS = "findings/detection_finding"
CATEGORY = 2
PLAIN = {"boolean_t": "boolean", "integer_t": "integer", "long_t": "integer", "float_t": "number", "string_t": "string"}


class Sources:
    """OCSF's files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        dictionary = self.read("dictionary")
        self.dictionary: Json = dictionary["attributes"]
        self.types: Json = dictionary["types"]["attributes"]
        self.objects = {one["name"]: one for one in map(_load, sorted((folder / "objects").glob("*.json")))}

    def read(self, name: str) -> Json:
        """Return a file's content."""
        return _load(self.folder / f"{name}.json")

    def attributes(self, item: Json) -> Json:
        """Return the attributes of a class or object with those that it inherits; profiles' are left out."""
        found = self.attributes(self.base(item)) if "extends" in item else {}
        for name, own in item["attributes"].items():
            if name != "$include":
                found[name] = _merged(found.get(name, {}), own)
        return found

    def base(self, item: Json) -> Json:
        """Return what a class or object extends."""
        name = item["extends"]
        if "category" not in item and "uid" not in item:
            return self.objects[name]
        return self.read("events/base_event" if name == "base_event" else f"events/findings/{name}")

    def constraints(self, item: Json) -> Json:
        """Return the constraints, inherited where there are none of its own."""
        if "constraints" in item or "extends" not in item:
            found: Json = item.get("constraints", {})
            return found
        return self.constraints(self.base(item))

    def observable_ids(self) -> set[int]:
        """Return the numbers of all types of observables: each is declared where the type is."""
        kinds = [*self.types.values(), *self.objects.values(), *self.dictionary.values()]
        inner = [part for item in self.objects.values() for part in item["attributes"].values()]
        return {one["observable"] for one in (*kinds, *inner) if isinstance(one, dict) and "observable" in one}


def schema(sources: Sources) -> Json:
    """Return the JSON Schema of the class with the definitions of all objects that it reaches."""
    event = sources.read(f"events/{CLASS}")
    uid = CATEGORY * 1000 + event["uid"]
    whole = _object(sources, event)
    activities = whole["properties"]["activity_id"]["enum"]
    whole["properties"] |= {
        "category_uid": {"const": CATEGORY},
        "class_uid": {"const": uid},
        "type_uid": {"enum": [uid * 100 + one for one in activities]},
    }
    definitions: Json = {}
    waiting = _referred(whole)
    while waiting:
        name = waiting.pop()
        if name not in definitions:
            definitions[name] = _definition(sources, name)
            waiting |= _referred(definitions[name])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"Made by scripts/ocsf_schema.py of OCSF {sources.read('version')['version']}; OCSF is Copyright "
        "© OCSF a Series of LF Projects, LLC, licensed under the Apache License 2.0.",
        **whole,
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }


def _definition(sources: Sources, name: str) -> Json:
    if name == "object":
        return {"type": "object"}
    made = _object(sources, sources.objects[name])
    if name == "observable":
        made["properties"]["type_id"]["enum"] = sorted({0, 99} | sources.observable_ids())
    return made


def _object(sources: Sources, item: Json) -> Json:
    shown = {name: one for name, one in sorted(sources.attributes(item).items()) if _is_ours(sources, name, one)}
    made: Json = {
        "type": "object",
        "properties": {name: _attribute(sources, name, one) for name, one in shown.items()},
        "required": [name for name, one in shown.items() if one.get("requirement") == "required"],
        "additionalProperties": False,
    }
    rules = sources.constraints(item)
    if "at_least_one" in rules:
        made["anyOf"] = [{"required": [name]} for name in rules["at_least_one"] if name in shown]
    if "just_one" in rules:
        made["oneOf"] = [{"required": [name]} for name in rules["just_one"] if name in shown]
    return made


def _is_ours(sources: Sources, name: str, own: Json) -> bool:
    deprecated = "@deprecated" in own or "@deprecated" in sources.dictionary[name]
    return not deprecated and own.get("profile") is None


def _attribute(sources: Sources, name: str, own: Json) -> Json:
    entry = _merged(sources.dictionary[name], own)
    made = _typed(sources, entry["type"])
    if "enum" in entry:
        keys = list(entry["enum"])
        made["enum"] = keys if made.get("type") == "string" else sorted(map(int, keys))
    return {"type": "array", "items": made} if entry.get("is_array") else made


def _typed(sources: Sources, kind: str) -> Json:
    if kind == "json_t":
        return {}
    if kind not in sources.types:
        return {"$ref": f"#/$defs/{kind}"}
    declared = sources.types[kind]
    made: Json = {"type": PLAIN[kind]} if kind in PLAIN else _typed(sources, declared["type"])
    if "regex" in declared:
        made["pattern"] = declared["regex"]
    if "max_len" in declared:
        made["maxLength"] = declared["max_len"]
    if "range" in declared:
        made["minimum"], made["maximum"] = declared["range"]
    return made


def _merged(base: Json, own: Json) -> Json:
    merged = {**base, **own}
    if "enum" in base and "enum" in own:
        merged["enum"] = {**base["enum"], **own["enum"]}
    return merged


def _referred(part: Any) -> set[str]:
    if isinstance(part, dict):
        here = {part["$ref"].rpartition("/")[2]} if "$ref" in part else set()
        return here.union(*map(_referred, part.values()))
    return set().union(*map(_referred, part)) if isinstance(part, list) else set()


def _load(path: Path) -> Json:
    loaded: Json = json.loads(path.read_text())
    return loaded


if __name__ == "__main__":
    made = schema(Sources(Path(sys.argv[1])))
    sys.stdout.write(json.dumps(made, separators=(",", ":"), ensure_ascii=False) + "\n")
