"""The query language: a lexer and a parser with the service's own errors (reference section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.sandbox.quickbooks import faults
from app.sandbox.quickbooks.company import Company
from app.sandbox.quickbooks.entities import KINDS, Kind
from app.sandbox.quickbooks.fields import Shape
from app.sandbox.quickbooks.wire import parse_moment

DEFAULT_PAGE = 100
LARGEST_PAGE = 1000
_LOWER = {name.lower(): kind for name, kind in KINDS.items()}
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>'(?:\\.|[^'\\])*')
      | (?P<word>[A-Za-z_][\w.]*)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<sign><=|>=|<|>|=|\(|\)|,|\*)""",
    re.VERBOSE,
)


_IMAGES = {"word": "<IDENTIFIER>", "text": "<STRING>", "number": "<NUMBER>"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Condition:
    path: str
    operator: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Order:
    path: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed query; `columns` empty means every property. Paging is as asked, 1-based."""

    kind: Kind
    columns: tuple[str, ...] = ()
    counting: bool = False
    conditions: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    start: int = 1
    size: int = DEFAULT_PAGE


def _lex(text: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _lexical(text, position)
        if match.lastgroup != "space":
            tokens.append(Token(str(match.lastgroup), match.group(), position + 1))
        position = match.end()
    return tokens


def _lexical(text: str, position: int) -> faults.Fault:
    found = text[position]
    return faults.unparsable_query(
        f"QueryParserError: Invalid content. Lexical error at line 1, column {position + 1}.  "
        f'Encountered: "{found}" ({ord(found)}), after : ""'
    )


def _unexpected(token: Token | None, wanted: str, end: int) -> faults.Fault:
    if token is None:
        seen, column = "<EOF>", end
    else:
        image = _IMAGES.get(token.kind, f'"{token.text.lower()}"')
        seen, column = f' {image} "{token.text} "', token.column
    return faults.unparsable_query(
        f'QueryParserError: Encountered "{seen}" at line 1, column {column}.\nWas expecting one of:\n    {wanted}'
    )


class _Parser:
    def __init__(self, text: str, today: str) -> None:
        self.today = today
        self.tokens = _lex(text)
        self.at = 0
        self.end = len(text) + 1

    def statement(self) -> Statement:
        self._keyword("SELECT")
        columns, counting = self._columns()
        self._keyword("FROM")
        kind = self._entity()
        conditions = self._conditions(kind) if self._take("WHERE") else ()
        order = self._order(kind)
        start, size = self._paging()
        if self.at < len(self.tokens):
            raise _unexpected(self._peek(), "<EOF> ...", self.end)
        checked = tuple(_property(kind, column) for column in columns)
        return Statement(kind, checked, counting, conditions, order, start, size)

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self, wanted: str) -> Token:
        token = self._peek()
        if token is None:
            raise _unexpected(None, wanted, self.end)
        self.at += 1
        return token

    def _take(self, word: str) -> bool:
        token = self._peek()
        if token is not None and token.kind in {"word", "sign"} and token.text.upper() == word:
            self.at += 1
            return True
        return False

    def _keyword(self, word: str) -> None:
        if not self._take(word):
            raise _unexpected(self._peek(), f'"{word.lower()}" ...', self.end)

    def _word(self) -> str:
        token = self._next("<IDENTIFIER> ...")
        if token.kind != "word":
            raise _unexpected(token, "<IDENTIFIER> ...", self.end)
        return token.text

    def _columns(self) -> tuple[list[str], bool]:
        if self._take("COUNT"):
            for sign in ("(", "*", ")"):
                self._keyword(sign)
            return [], True
        every, columns = False, []
        while True:
            if self._take("*"):
                every = True
            else:
                columns.append(self._word())
            if not self._take(","):
                return ([], False) if every else (columns, False)

    def _entity(self) -> Kind:
        name = self._word()
        kind = _LOWER.get(name.lower())
        if kind is None:
            raise faults.bad_query(f"invalid context declaration: {name}")
        return kind

    def _conditions(self, kind: Kind) -> tuple[Condition, ...]:
        found = [self._condition(kind)]
        while self._take("AND"):
            found.append(self._condition(kind))
        return tuple(found)

    def _condition(self, kind: Kind) -> Condition:
        path = _filterable(kind, self._word())
        token = self._next('"=" ...')
        operator = token.text.upper()
        if operator == "IN":
            values = self._values()
        elif operator in {"=", "<", ">", "<=", ">=", "LIKE"}:
            values = (self._value(),)
        else:
            raise _unexpected(token, '"=" ...', self.end)
        return _typed(kind, Condition(path, operator, values))

    def _values(self) -> tuple[str, ...]:
        self._keyword("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._keyword(")")
        return tuple(values)

    def _value(self) -> str:
        token = self._next("<STRING> ...")
        if token.kind == "text":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.text.upper() == "CURRENT_DATE":
            return self.today
        if token.kind == "number" or token.text.lower() in {"true", "false"}:
            return token.text
        raise _unexpected(token, "<STRING> ...", self.end)

    def _order(self, kind: Kind) -> tuple[Order, ...]:
        if self._take("ORDER"):
            self._keyword("BY")
        elif not self._take("ORDERBY"):
            return ()
        found = [self._one_order(kind)]
        while self._take(","):
            found.append(self._one_order(kind))
        return tuple(found)

    def _one_order(self, kind: Kind) -> Order:
        path = _filterable(kind, self._word())
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        return Order(path, descending)

    def _paging(self) -> tuple[int, int]:
        start, size = 1, DEFAULT_PAGE
        while True:
            if self._take("STARTPOSITION"):
                start = self._count()
            elif self._take("MAXRESULTS"):
                size = self._count()
            else:
                return start, size

    def _count(self) -> int:
        token = self._next("<NUMBER> ...")
        text = token.text.strip("'")
        if not text.lstrip("-").isdigit():
            raise _unexpected(token, "<NUMBER> ...", self.end)
        value = int(text)
        if value < 1:
            raise faults.bad_query(f"value {value} is too small. Min allowed value is 1")
        return value


def _property(kind: Kind, name: str) -> str:
    """The exact spelling of a property path; raises 4001 when the entity has no such property."""
    head, _, rest = name.partition(".")
    found = {field.lower(): field for field in kind.fields}.get(head.lower())
    if found is None:
        raise faults.bad_query(f"property '{name}' not found for entity '{kind.name}'")
    if found == "MetaData" and rest:
        inner = {"createtime": "CreateTime", "lastupdatedtime": "LastUpdatedTime"}.get(rest.lower())
        if inner is None:
            raise faults.bad_query(f"property '{name}' not found for entity '{kind.name}'")
        return f"MetaData.{inner}"
    return f"{found}.{rest}" if rest else found


def _filterable(kind: Kind, name: str) -> str:
    path = _property(kind, name)
    path = path.removesuffix(".value")
    if path not in kind.queryable:
        raise faults.bad_query(f"property '{name}' is not queryable")
    return path


def _typed(kind: Kind, condition: Condition) -> Condition:
    if condition.path == "Id" and condition.operator not in {"=", "IN"}:
        raise faults.bad_query("operator not supported for property 'Id'")
    return Condition(
        condition.path, condition.operator, tuple(_convert(kind, condition.path, value) for value in condition.values)
    )


def _convert(kind: Kind, path: str, value: str) -> Any:
    if path.startswith("MetaData."):
        return _moment(value)
    shape = kind.fields[path].shape
    try:
        if shape is Shape.NUMBER:
            return Decimal(value)
        if shape is Shape.FLAG:
            return {"true": True, "false": False}[value.lower()]
    except (InvalidOperation, KeyError):
        raise faults.bad_query(f"invalid value '{value}' for property '{path}'") from None
    return value.casefold()


def _moment(value: str) -> datetime:
    try:
        return parse_moment(value)
    except ValueError:
        raise faults.bad_query(f"invalid date or time '{value}'") from None


def parse(text: str, company: Company) -> Statement:
    """Raises 4000 or 4001. CURRENT_DATE becomes the company's day."""
    if not text.strip():
        raise faults.unparsable_query("The query provided was empty")
    statement = _Parser(text, company.today().isoformat()).statement()
    if statement.size > LARGEST_PAGE:
        if company.behaviours.large_page_refused:
            raise faults.bad_query(f"value {statement.size} is too large. Max allowed value is {LARGEST_PAGE}")
        return replace(statement, size=LARGEST_PAGE)
    return statement
