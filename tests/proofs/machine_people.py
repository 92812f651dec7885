"""What people do in both systems, in the histories of the machine."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.proofs.machine_play import NotPossible, Play
from tests.proofs.machine_stage import Row

SIDES = ("scoro", "quickbooks")
CENTS = 0.29
"""Of 5 % of these, QuickBooks makes another cent for two lines together than Scoro does for each."""


def documents(play: Play) -> str:
    """Invoices where the history is about sales, else bills."""
    return "invoices" if "invoices" in play.stage.setting.sources else "bills"


def _type(play: Play, side: str, what: str) -> str:
    """The type of a party, product, document or payment in one of the systems."""
    sales = documents(play) == "invoices"
    if side == "scoro":
        return {"party": "contacts", "product": "products", "document": documents(play), "payment": "receipts"}[what]
    names = {"party": ("Vendor", "Customer"), "product": ("Item", "Item"), "document": ("Bill", "Invoice")}
    return (names | {"payment": ("BillPayment", "Payment")})[what][sales]


def side_of_the_day(play: Play) -> str:
    """One of the two systems."""
    return play.random.choice(SIDES)


def some(play: Play, side: str, what: str) -> tuple[str, str, Row]:
    """Some living record: type, id, as it reads."""
    type = _type(play, side, what)
    if type == "Invoice" and play.random.random() < 0.15:
        type = "CreditMemo" if play.stage.rows(side, "CreditMemo") else type
    rows = play.stage.rows(side, type)
    id = play.pick(rows)
    return type, id, rows[id]


def _edit(play: Play, side: str, type: str, id: str, **fields: Any) -> None:
    play.tell(f"    somebody edits {type} {id} in {side}: {fields}"[:200])
    if side == "scoro":
        play.stage.in_scoro(action="edit", module=type, id=id, fields=fields)
    else:
        play.stage.in_quickbooks(action="edit", entity=type, id=id, body=fields)


def new_party(play: Play, side: str = "") -> None:
    """A new client or supplier on one side."""
    side, sales = side or side_of_the_day(play), documents(play) == "invoices"
    name = f"Acme K{play.fresh()}"
    if side == "scoro":
        both = play.random.random() < 0.2
        fields = {"name": name, "contact_type": "company", "is_client": int(sales or both)}
        play.stage.in_scoro(action="create", module="contacts", fields=fields | {"is_supplier": int(not sales or both)})
    else:
        entity = _type(play, side, "party")
        play.stage.in_quickbooks(action="create", entity=entity, body={"DisplayName": name, "CompanyName": name})


def new_product(play: Play) -> None:
    """A new service on one side."""
    number, price = play.fresh(), play.random.randint(5, 500)
    if documents(play) == "bills":
        raise NotPossible("no products here")
    if side_of_the_day(play) == "scoro":
        fields = {"name": f"Work K{number}", "code": f"K{number}", "price": price, "is_service": 1}
        play.stage.in_scoro(action="create", module="products", fields=fields)
    else:
        account = next(row.id for row in play.stage.company.all("Account") if row.data["AccountType"] == "Income")
        body = {"Name": f"Work K{number}", "Sku": f"K{number}", "Type": "Service", "UnitPrice": price}
        play.stage.in_quickbooks(action="create", entity="Item", body=body | {"IncomeAccountRef": {"value": account}})


def same_party_twice(play: Play) -> None:
    """Somebody makes the same contact on both sides: they are one, and somebody has to say so."""
    number = play.markers
    new_party(play, "scoro")
    play.markers = number
    new_party(play, "quickbooks")


def new_document(play: Play) -> None:
    """A new invoice or bill on one side."""
    side, number = side_of_the_day(play), play.fresh()
    _, party, _ = some(play, side, "party")
    prices = [play.random.randint(10, 400) for _ in range(play.random.randint(1, 3))]
    lines = [_new_line(play, side, f"K{number}.{part} Work", price) for part, price in enumerate(prices, 1)]
    today = play.world.clock.now().date()
    if side == "scoro":
        due = (today + timedelta(days=14)).isoformat()
        fields = {"company_id": int(party), "date": today.isoformat(), "deadline": due, "lines": lines}
        play.stage.in_scoro(action="create", module=documents(play), fields=fields)
    else:
        type = _type(play, side, "document")
        ref = "CustomerRef" if type == "Invoice" else "VendorRef"
        body = {ref: {"value": party}, "Line": lines, "TxnDate": today.isoformat()}
        play.stage.in_quickbooks(action="create", entity=type, body=body)


def _new_line(play: Play, side: str, text: str, price: int) -> Row:
    sales = documents(play) == "invoices"
    if side == "scoro":
        line: Row = {
            "comment": text,
            "price": price,
            "amount": 1,
            "vat_code_id": _vat(play, "0%" if sales else "5.0% R"),
        }
        return line | {"product_id": int(some(play, side, "product")[1])} if sales else line
    if sales:
        about: Row = {"ItemRef": {"value": some(play, side, "product")[1]}, "Qty": 1, "UnitPrice": price}
        detail = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": about | {"TaxCodeRef": {"value": "NON"}}}
    else:
        account = next(row.id for row in play.stage.company.all("Account") if row.data["AccountType"] == "Expense")
        about = {"AccountRef": {"value": account}, "TaxCodeRef": {"value": _code(play, "5.0% R")}}
        detail = {"DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": about}
    return {"Amount": price, "Description": text, **detail}


def _vat(play: Play, name: str) -> int:
    """Scoro's tax rate of a name; a name that is "0%" is any without tax. Nobody finds one that was renamed."""
    rows = play.stage.rows("scoro", "vatCodes").values()
    for row in rows:
        if Decimal(str(row["percent"])) == 0 if name == "0%" else row["vat_name"] == name:
            return int(row["vat_code_id"])
    raise NotPossible(f"no tax rate {name}")


def _code(play: Play, name: str) -> str:
    return next(row.id for row in play.stage.company.all("TaxCode") if row.data["Name"] == name)


def edit_party(play: Play, side: str = "") -> None:
    """A phone number, an address or a name changes."""
    side = side or side_of_the_day(play)
    type, id, row = some(play, side, "party")
    number = play.fresh()
    what = play.random.choice(("phone", "phone", "email", "name"))
    if what == "name":
        old = str(row["name" if side == "scoro" else "DisplayName"]).replace(" (v)", "")
        name = f"{old} {number}"
        fields: Row = {"name": name} if side == "scoro" else {"DisplayName": name, "CompanyName": name}
    elif side == "scoro":
        means = row["means_of_contact"] if isinstance(row["means_of_contact"], dict) else {}
        fields = {"means_of_contact": {**means, what: [_contact_text(what, number)]}}
    else:
        text = _contact_text(what, number)
        fields = (
            {"PrimaryPhone": {"FreeFormNumber": text}} if what == "phone" else {"PrimaryEmailAddr": {"Address": text}}
        )
    _edit(play, side, type, id, **fields)


def _contact_text(what: str, number: int) -> str:
    return f"+1 555 {number:04}" if what == "phone" else f"p{number}@example.com"


def edit_product(play: Play) -> None:
    """A price or a text changes."""
    side = side_of_the_day(play)
    type, id, _ = some(play, side, "product")
    price, number = play.random.randint(5, 500), play.fresh()
    if play.random.random() < 0.5:
        _edit(play, side, type, id, **({"price": price} if side == "scoro" else {"UnitPrice": price}))
    else:
        text = f"Text {number}"
        _edit(play, side, type, id, **({"description": text} if side == "scoro" else {"Description": text}))


def reword(play: Play) -> None:
    """The message of a document changes."""
    side = side_of_the_day(play)
    type, id, _ = some(play, side, "document")
    _reword(play, side, type, id, f"Words {play.fresh()}")


def _reword(play: Play, side: str, type: str, id: str, text: str) -> None:
    if side == "scoro":
        _edit(play, side, type, id, description=text)
    elif type == "Bill":
        _edit(play, side, type, id, PrivateNote=text)
    else:
        _edit(play, side, type, id, CustomerMemo={"value": text})


def reword_both(play: Play) -> None:
    """Two people word one document at the same time; sometimes they say the same."""
    texts = [f"Words {play.fresh()}"] * 2 if play.random.random() < 0.25 else [f"Words {play.fresh()}" for _ in SIDES]
    for (side, type, id), text in zip(_pair(play), texts, strict=True):
        _reword(play, side, type, id, text)


def _pair(play: Play) -> list[tuple[str, str, str]]:
    """A document that is on both sides."""
    places: dict[Any, dict[str, tuple[str, str, str]]] = {}
    for (system, type, id), (key, _) in play.ledger.records.items():
        if key[0] in {"invoice", "bill", "credit"} and id in play.stage.rows(system, type):
            places.setdefault(key, {})[system] = (system, type, id)
    key = play.pick([key for key, found in places.items() if len(found) == 2])
    return [places[key][side] for side in SIDES]


def change_line(play: Play) -> None:
    """A quantity or a price of one line changes."""
    side = side_of_the_day(play)
    type, id, row = some(play, side, "document")
    _change_line(play, side, type, id, row)


def change_line_both(play: Play) -> None:
    """Two people change lines of one document at the same time."""
    for side, type, id in _pair(play):
        _change_line(play, side, type, id, play.stage.rows(side, type)[id])


def _change_line(play: Play, side: str, type: str, id: str, row: Row) -> None:
    lines = _lines(side, row)
    line = play.random.choice(lines)
    number = play.random.randint(2, 9)
    if side == "scoro":
        sign = -1 if row.get("credited_invoices") else 1
        is_quantity = (
            type == "invoices" and play.random.random() < 0.5
        )  # QuickBooks tells the amount of a bill's line only
        line |= {"amount": sign * number} if is_quantity else {"price": number * 7}
    elif "SalesItemLineDetail" in line:
        detail = line["SalesItemLineDetail"]
        detail |= {"Qty": number} if play.random.random() < 0.5 else {"UnitPrice": number * 7}
        line["Amount"] = Decimal(str(detail.get("Qty", 1))) * Decimal(str(detail.get("UnitPrice", 0)))
    else:
        line["Amount"] = number * 11
    _edit(play, side, type, id, **{"lines" if side == "scoro" else "Line": lines})


def _lines(side: str, row: Row) -> list[Row]:
    if side == "scoro":
        return [dict(line) for line in row["lines"]]
    return [dict(line) for line in row["Line"] if "Id" in line]


def add_line(play: Play) -> None:
    """A line is added."""
    side = side_of_the_day(play)
    type, id, row = some(play, side, "document")
    known = play.ledger.key_of(side, type, id)
    if known is None or known[0] == "credit":
        raise NotPossible("not this one")
    line = _new_line(play, side, f"{known[1]}.{play.fresh()} Work", play.random.randint(10, 200))
    _edit(play, side, type, id, **{"lines" if side == "scoro" else "Line": [*_lines(side, row), line]})


def drop_line(play: Play) -> None:
    """A line is taken out, unless it is the only one."""
    side = side_of_the_day(play)
    type, id, row = some(play, side, "document")
    lines = _lines(side, row)
    if len(lines) < 2:
        raise NotPossible("the only line")
    lines.remove(play.random.choice(lines))
    _edit(play, side, type, id, **{"lines" if side == "scoro" else "Line": lines})


def change_tax(play: Play) -> None:
    """Another tax rate on every line of a bill; in QuickBooks with prices that leave something to round."""
    if documents(play) == "invoices":
        raise NotPossible("no taxes here")
    side, name = side_of_the_day(play), play.random.choice(("20.0% S", "5.0% R"))
    type, id, row = some(play, side, "document")
    lines = _lines(side, row)
    for line in lines:
        if side == "scoro":
            line["vat_code_id"] = _vat(play, name)
        else:
            line["AccountBasedExpenseLineDetail"]["TaxCodeRef"] = {"value": _code(play, name)}
            line["Amount"] = int(line["Amount"]) + CENTS
    _edit(play, side, type, id, **{"lines" if side == "scoro" else "Line": lines})


def change_due(play: Play) -> None:
    """Another due date."""
    side = side_of_the_day(play)
    type, id, _ = some(play, side, "document")
    day = (play.world.clock.now().date() + timedelta(days=play.random.randint(20, 90))).isoformat()
    if type == "CreditMemo":
        raise NotPossible("credits have none")
    _edit(play, side, type, id, **({"deadline": day} if side == "scoro" else {"DueDate": day}))


def change_currency(play: Play) -> None:
    """Somebody tries another currency on a contact, or on a document."""
    side = side_of_the_day(play)
    if side == "scoro":
        type, id, row = some(play, side, "document")
        other = play.random.choice([code for code in play.stage.desk.entity.currencies if code != row["currency"]])
        _edit(play, side, type, id, currency=other)
    else:
        type, id, _ = some(play, side, "party")
        _edit(play, side, type, id, CurrencyRef={"value": "EUR"})


def pay(play: Play) -> None:
    """A payment of its own amount, in part; now and then of all that is due."""
    side = side_of_the_day(play)
    type, id, _ = some(play, side, "document")
    amount = float(f"{1 + play.fresh() / 100:.2f}")
    if side == "scoro":
        play.stage.in_scoro(action="receipt", module=type, id=id, sum=amount)
    elif type == "CreditMemo":
        raise NotPossible("credits are not paid")
    else:
        play.stage.in_quickbooks(action="payment", entity=type, id=id, amount=amount)


def unpay(play: Play) -> None:
    """A payment is deleted."""
    side = side_of_the_day(play)
    type, id, _ = some(play, side, "payment")
    _delete(play, side, type, id)


def void(play: Play) -> None:
    """An invoice or a payment is voided in QuickBooks."""
    type, id, _ = some(play, "quickbooks", play.random.choice(("document", "document", "payment")))
    play.stage.in_quickbooks(action="void", entity=type, id=id)


def credit(play: Play) -> None:
    """An invoice is credited in Scoro, once."""
    if documents(play) == "bills":
        raise NotPossible("bills are not credited")
    rows = play.stage.rows("scoro", "invoices")
    credited = {str(id) for row in rows.values() for id in row["credited_invoices"]}
    id = play.pick(id for id, row in rows.items() if id not in credited and not row["credited_invoices"])
    play.stage.in_scoro(action="credit", id=id)


def delete(play: Play) -> None:
    """Something is deleted."""
    side = side_of_the_day(play)
    what = play.random.choice(("document", "document", "document", "party", "product"))
    if what == "product" and documents(play) == "bills":
        what = "document"
    type, id, _ = some(play, side, what)
    _delete(play, side, type, id)


def _delete(play: Play, side: str, type: str, id: str) -> None:
    play.tell(f"    somebody deletes {type} {id} in {side}")
    if side == "scoro":
        play.stage.in_scoro(action="delete", module=type, id=id)
    elif type in {"Customer", "Vendor", "Item"}:
        play.stage.in_quickbooks(action="deactivate", entity=type, id=id)
    else:
        play.stage.in_quickbooks(action="delete", entity=type, id=id)


def restore(play: Play) -> None:
    """A deletion is taken back."""
    if side_of_the_day(play) == "scoro":
        module = play.random.choice((documents(play), "contacts"))
        ids = list(play.stage.desk.entity.table(module).deleted())
        play.stage.in_scoro(action="restore", module=module, id=play.pick(ids))
    else:
        type = play.random.choice((_type(play, "quickbooks", "party"), "Item"))
        ids = [int(row.id) for row in play.stage.company.all(type) if not row.data.get("Active", True)]
        play.stage.in_quickbooks(action="reactivate", entity=type, id=str(play.pick(ids)))


def merge(play: Play) -> None:
    """Two contacts turn out to be one."""
    side = side_of_the_day(play)
    type, kept, _ = some(play, side, "party")
    _, lost, _ = some(play, side, "party")
    if kept == lost:
        raise NotPossible("one is enough")
    for id in (kept, lost):
        key = play.ledger.key_of(side, type, id)
        if key is not None:
            play.ledger.merged.add(key)
    if side == "scoro":
        play.stage.in_scoro(action="merge", module="contacts", id=lost, into=kept)
    else:
        play.stage.in_quickbooks(action="merge", entity=type, id=lost, into=kept)


def deposit(play: Play) -> None:
    """Received payments are brought to the bank."""
    ids = [row.id for row in play.stage.company.all("Payment") if row.data["TotalAmt"]]
    play.stage.in_quickbooks(action="deposit", ids=[play.pick(ids)])


def edit_reference(play: Play) -> None:
    """Somebody renames a tax rate in Scoro, which QuickBooks owns (R4)."""
    rows = play.stage.rows("scoro", "vatCodes")
    play.stage.in_scoro(
        action="edit", module="vatCodes", id=play.pick(rows), fields={"vat_name": f"Mine {play.fresh()}"}
    )
