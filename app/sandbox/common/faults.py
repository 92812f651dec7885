"""A seedable script of the faults that real services have."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from app.sandbox.common.calls import Call


class FaultKind(StrEnum):
    THROTTLE_MINUTE = "throttle_minute"
    THROTTLE_SECOND = "throttle_second"
    THROTTLE_BATCH = "throttle_batch"
    THROTTLE_DAILY = "throttle_daily"
    HTTP_408 = "http_408"
    HTTP_500 = "http_500"
    HTTP_502 = "http_502"
    HTTP_503 = "http_503"
    HTTP_504 = "http_504"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SLOW = "slow"
    TRUNCATE_BODY = "truncate_body"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105  # the name of a fault, not a secret
    REVOKED_TOKEN = "revoked_token"  # noqa: S105  # the name of a fault, not a secret
    STALE_TOKEN = "stale_token"  # noqa: S105  # the name of a fault, not a secret
    WRONG_DELETED = "wrong_deleted"
    REPEAT_PAGE = "repeat_page"
    TRUNCATE_PAGE = "truncate_page"
    ROW_SHIFT = "row_shift"
    LOCALISED = "localised"
    ERROR_WITH_200 = "error_with_200"
    HTML_BODY = "html_body"
    FORBIDDEN_AGENT = "forbidden_agent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FaultRule:
    """When a fault happens. Empty match fields match everything.

    It lets `after` matching calls pass, then strikes with `probability` until it has struck `count` times
    (None: for ever). `body` chooses a variant of the answer (`json`, `xml`, `html`, `empty`; for `refused` the
    code of the system's own catalogue), `seconds` a delay or a retry time, `language` the language of a localised text.
    """

    kind: FaultKind
    endpoint: str = ""
    entity: str = ""
    operation: str = ""
    reference: str = ""
    count: int | None = 1
    probability: float = 1.0
    after: int = 0
    body: str = ""
    seconds: float = 0.0
    language: str = ""

    def matches(self, call: Call) -> bool:
        return all(
            wanted in ("", actual)
            for wanted, actual in (
                (self.endpoint, call.endpoint),
                (self.entity, call.entity),
                (self.operation, call.operation),
                (self.reference, call.reference),
            )
        )


@dataclass(slots=True)
class _Armed:
    rule: FaultRule
    passed: int = 0
    struck: int = 0

    def spent(self) -> bool:
        return self.rule.count is not None and self.struck >= self.rule.count

    def strikes(self, dice: random.Random) -> bool:
        self.passed += 1
        if self.passed <= self.rule.after or dice.random() >= self.rule.probability:
            return False
        self.struck += 1
        return True


class FaultScript:
    """The armed rules, asked once per call. The same seed and the same calls give the same faults."""

    def __init__(self, rules: Iterable[FaultRule] = (), seed: int = 0) -> None:
        self._armed: list[_Armed] = []
        self.arm(rules, seed)

    def arm(self, rules: Iterable[FaultRule], seed: int = 0) -> None:
        """Replace the script."""
        self._seed = seed
        self._dice = random.Random(seed)
        self._armed = [_Armed(rule) for rule in rules]

    def add(self, rule: FaultRule) -> None:
        self._armed.append(_Armed(rule))

    def clear(self) -> None:
        self.arm(())

    def strike(self, call: Call, among: Collection[FaultKind] = tuple(FaultKind)) -> FaultRule | None:
        """The first rule that strikes this call; only kinds in `among` are considered and counted."""
        for armed in self._armed:
            rule = armed.rule
            if rule.kind in among and not armed.spent() and rule.matches(call) and armed.strikes(self._dice):
                return rule
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self._seed,
            "rules": [asdict(armed.rule) | {"passed": armed.passed, "struck": armed.struck} for armed in self._armed],
        }


def rules_from_json(body: object) -> tuple[list[FaultRule], int]:
    """Rules and seed from `[rule, …]` or `{"seed": n, "rules": [rule, …]}`; ValueError gives the reason."""
    seed, rules = (body.get("seed", 0), body.get("rules", [])) if isinstance(body, dict) else (0, body)
    if not isinstance(rules, list):
        raise ValueError("faults are a list of rules")
    return [_rule_from_json(rule) for rule in rules], int(seed)


def _rule_from_json(body: object) -> FaultRule:
    if not isinstance(body, Mapping):
        raise ValueError("a fault rule is an object with at least a kind")
    flat = {**body.get("match", {}), **{key: value for key, value in body.items() if key != "match"}}
    try:
        return FaultRule(**(flat | {"kind": FaultKind(flat["kind"])}))
    except KeyError as missing:
        raise ValueError("a fault rule needs a kind") from missing
    except TypeError as unknown:
        raise ValueError(f"a fault rule has no such field: {unknown}") from unknown
