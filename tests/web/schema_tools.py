"""As much of JSON Schema as the API's description uses: values that fit it, and whether a value does."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
PLAIN = st.characters(min_codepoint=32, exclude_categories=["Cs"])


class Description:
    """A served description."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.schemas: dict[str, Schema] = document["components"]["schemas"]

    def whole(self, schema: Schema) -> Schema:
        """The schema behind a reference."""
        return self.schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def values(self, schema: Schema) -> st.SearchStrategy[Any]:
        """Values that fit."""
        schema = self.whole(schema)
        if "anyOf" in schema:
            return st.one_of([self.values(one) for one in schema["anyOf"]])
        if "enum" in schema or "const" in schema:
            return st.sampled_from(schema.get("enum") or [schema["const"]])
        match schema.get("type"):
            case "string":
                return _texts(schema)
            case "integer":
                return st.integers(schema.get("minimum", -(2**31)), schema.get("maximum", 2**31))
            case "boolean":
                return st.booleans()
            case "null":
                return st.none()
            case "array":
                return st.lists(self.values(schema["items"]), min_size=schema.get("minItems", 0), max_size=3)
            case "object":
                return self._objects(schema)
        raise AssertionError(f"the tests do not know {schema}")

    def _objects(self, schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
        if "properties" not in schema:
            return st.dictionaries(st.text(PLAIN, max_size=20), self.values(schema["additionalProperties"]), max_size=3)
        required = set(schema.get("required", ()))
        members = {name: self.values(one) for name, one in schema["properties"].items()}
        return st.fixed_dictionaries(
            {name: one for name, one in members.items() if name in required},
            optional={name: one for name, one in members.items() if name not in required},
        )

    def misfit(self, schema: Schema, value: Any, place: str = "answer") -> str:
        """Where and how a value does not fit; empty when it does."""
        schema = self.whole(schema)
        if "anyOf" in schema:
            found = [self.misfit(one, value, place) for one in schema["anyOf"]]
            return "" if "" in found else f"{place}: none of {found}"
        if "enum" in schema:
            return "" if value in schema["enum"] else f"{place}: {value!r} is none of {schema['enum']}"
        if "type" not in schema:
            return ""
        if not _is_a(schema["type"], value):
            return f"{place}: {value!r} is no {schema['type']}"
        if schema["type"] == "array":
            return self._misfit_items(schema, value, place)
        return self._misfit_members(schema, value, place) if schema["type"] == "object" else ""

    def _misfit_items(self, schema: Schema, value: list[Any], place: str) -> str:
        found = (self.misfit(schema.get("items", {}), one, f"{place}[{at}]") for at, one in enumerate(value))
        return next(filter(None, found), "")

    def _misfit_members(self, schema: Schema, value: dict[str, Any], place: str) -> str:
        if "properties" not in schema:
            rest = schema.get("additionalProperties", {})
            rest = rest if isinstance(rest, dict) else {}
            return next(filter(None, (self.misfit(rest, one, f"{place}.{name}") for name, one in value.items())), "")
        missing = set(schema.get("required", ())) - value.keys()
        unknown = value.keys() - schema["properties"].keys()
        if missing or unknown:
            return f"{place}: missing {sorted(missing)}, unknown {sorted(unknown)}"
        members = schema["properties"]
        return next(
            filter(None, (self.misfit(members[name], one, f"{place}.{name}") for name, one in value.items())), ""
        )


def _texts(schema: Schema) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
    return st.text(PLAIN, min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 30), 30))


def _is_a(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,), "integer": (int,), "number": (int, float), "array": (list,), "object": (dict,), "null": (type(None),),
        "boolean": (bool,),
    }  # fmt: skip
    return isinstance(value, kinds[kind])
