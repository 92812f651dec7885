"""Everything that can happen in a history: what people do in both systems and in Concord, and what goes wrong meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.sandbox.common.faults import FaultKind, FaultRule
from app.sandbox.common.webhooks import DeliveryMode
from engine.core.records import System
from engine.errors import ConcordError, Refused
from engine.services import directions, matching, objects, push, resolve, setup, sync
from engine.store.tables import Object
from tests.proofs.machine_play import HOURS, NotPossible, Play
from tests.proofs.machine_stage import Died, Row
from tests.support.world import PERSON

Do = Callable[[Play], None]
SIDES = ("scoro", "quickbooks")


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can happen, and how often."""

    name: str
    weight: int
    do: Do


# People in both systems.


def _documents(play: Play) -> str:
    return "invoices" if "invoices" in play.stage.setting.sources else "bills"


def _type(play: Play, side: str, what: str) -> str:
    """The type of a party, product, document or payment in one of the systems."""
    sales = _documents(play) == "invoices"
    if side == "scoro":
        return {"party": "contacts", "product": "products", "document": _documents(play), "payment": "receipts"}[what]
    names = {"party": ("Vendor", "Customer"), "product": ("Item", "Item"), "document": ("Bill", "Invoice")}
    return (names | {"payment": ("BillPayment", "Payment")})[what][sales]


def _side(play: Play) -> str:
    return play.random.choice(SIDES)


def _some(play: Play, side: str, what: str) -> tuple[str, str, Row]:
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
    side, sales = side or _side(play), _documents(play) == "invoices"
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
    if _documents(play) == "bills":
        raise NotPossible("no products here")
    if _side(play) == "scoro":
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
    side, number = _side(play), play.fresh()
    _, party, _ = _some(play, side, "party")
    prices = [play.random.randint(10, 400) for _ in range(play.random.randint(1, 3))]
    lines = [_new_line(play, side, f"K{number}.{part} Work", price) for part, price in enumerate(prices, 1)]
    today = play.world.clock.now().date()
    if side == "scoro":
        due = (today + timedelta(days=14)).isoformat()
        fields = {"company_id": int(party), "date": today.isoformat(), "deadline": due, "lines": lines}
        play.stage.in_scoro(action="create", module=_documents(play), fields=fields)
    else:
        type = _type(play, side, "document")
        ref = "CustomerRef" if type == "Invoice" else "VendorRef"
        body = {ref: {"value": party}, "Line": lines, "TxnDate": today.isoformat()}
        play.stage.in_quickbooks(action="create", entity=type, body=body)


def _new_line(play: Play, side: str, text: str, price: int) -> Row:
    sales = _documents(play) == "invoices"
    if side == "scoro":
        line: Row = {
            "comment": text,
            "price": price,
            "amount": 1,
            "vat_code_id": _vat(play, "0%" if sales else "5.0% R"),
        }
        return line | {"product_id": int(_some(play, side, "product")[1])} if sales else line
    if sales:
        about: Row = {"ItemRef": {"value": _some(play, side, "product")[1]}, "Qty": 1, "UnitPrice": price}
        detail = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": about | {"TaxCodeRef": {"value": "NON"}}}
    else:
        account = next(row.id for row in play.stage.company.all("Account") if row.data["AccountType"] == "Expense")
        about = {"AccountRef": {"value": account}, "TaxCodeRef": {"value": _code(play, "5.0% R")}}
        detail = {"DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": about}
    return {"Amount": price, "Description": text, **detail}


def _vat(play: Play, name: str) -> int:
    """Scoro's tax rate of a name; a name that is "0%" is any without tax."""
    rows = play.stage.rows("scoro", "vatCodes").values()
    if name == "0%":
        return next(int(row["vat_code_id"]) for row in rows if Decimal(str(row["percent"])) == 0)
    return next(int(row["vat_code_id"]) for row in rows if row["vat_name"] == name)


def _code(play: Play, name: str) -> str:
    return next(row.id for row in play.stage.company.all("TaxCode") if row.data["Name"] == name)


def edit_party(play: Play, side: str = "") -> None:
    """A phone number, an address or a name changes."""
    side = side or _side(play)
    type, id, row = _some(play, side, "party")
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
    side = _side(play)
    type, id, _ = _some(play, side, "product")
    price, number = play.random.randint(5, 500), play.fresh()
    if play.random.random() < 0.5:
        _edit(play, side, type, id, **({"price": price} if side == "scoro" else {"UnitPrice": price}))
    else:
        text = f"Text {number}"
        _edit(play, side, type, id, **({"description": text} if side == "scoro" else {"Description": text}))


def reword(play: Play) -> None:
    """The message of a document changes."""
    side = _side(play)
    type, id, _ = _some(play, side, "document")
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
    side = _side(play)
    type, id, row = _some(play, side, "document")
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
    side = _side(play)
    type, id, row = _some(play, side, "document")
    known = play.ledger.key_of(side, type, id)
    if known is None or known[0] == "credit":
        raise NotPossible("not this one")
    line = _new_line(play, side, f"{known[1]}.{play.fresh()} Work", play.random.randint(10, 200))
    _edit(play, side, type, id, **{"lines" if side == "scoro" else "Line": [*_lines(side, row), line]})


def drop_line(play: Play) -> None:
    """A line is taken out, unless it is the only one."""
    side = _side(play)
    type, id, row = _some(play, side, "document")
    lines = _lines(side, row)
    if len(lines) < 2:
        raise NotPossible("the only line")
    lines.remove(play.random.choice(lines))
    _edit(play, side, type, id, **{"lines" if side == "scoro" else "Line": lines})


def change_tax(play: Play) -> None:
    """Another tax rate on every line of a bill."""
    if _documents(play) == "invoices":
        raise NotPossible("no taxes here")
    side, name = _side(play), play.random.choice(("20.0% S", "5.0% R"))
    type, id, row = _some(play, side, "document")
    lines = _lines(side, row)
    for line in lines:
        if side == "scoro":
            line["vat_code_id"] = _vat(play, name)
        else:
            line["AccountBasedExpenseLineDetail"]["TaxCodeRef"] = {"value": _code(play, name)}
    _edit(play, side, type, id, **{"lines" if side == "scoro" else "Line": lines})


def change_due(play: Play) -> None:
    """Another due date."""
    side = _side(play)
    type, id, _ = _some(play, side, "document")
    day = (play.world.clock.now().date() + timedelta(days=play.random.randint(20, 90))).isoformat()
    if type == "CreditMemo":
        raise NotPossible("credits have none")
    _edit(play, side, type, id, **({"deadline": day} if side == "scoro" else {"DueDate": day}))


def change_currency(play: Play) -> None:
    """Somebody tries another currency on a contact, or on a document."""
    side = _side(play)
    if side == "scoro":
        type, id, row = _some(play, side, "document")
        other = play.random.choice([code for code in play.stage.desk.entity.currencies if code != row["currency"]])
        _edit(play, side, type, id, currency=other)
    else:
        type, id, _ = _some(play, side, "party")
        _edit(play, side, type, id, CurrencyRef={"value": "EUR"})


def pay(play: Play) -> None:
    """A payment of its own amount, in part; now and then of all that is due."""
    side = _side(play)
    type, id, _ = _some(play, side, "document")
    amount = float(f"{1 + play.fresh() / 100:.2f}")
    if side == "scoro":
        play.stage.in_scoro(action="receipt", module=type, id=id, sum=amount)
    elif type == "CreditMemo":
        raise NotPossible("credits are not paid")
    else:
        play.stage.in_quickbooks(action="payment", entity=type, id=id, amount=amount)


def unpay(play: Play) -> None:
    """A payment is deleted."""
    side = _side(play)
    type, id, _ = _some(play, side, "payment")
    _delete(play, side, type, id)


def void(play: Play) -> None:
    """An invoice or a payment is voided in QuickBooks."""
    type, id, _ = _some(play, "quickbooks", play.random.choice(("document", "document", "payment")))
    play.stage.in_quickbooks(action="void", entity=type, id=id)


def credit(play: Play) -> None:
    """An invoice is credited in Scoro, once."""
    if _documents(play) == "bills":
        raise NotPossible("bills are not credited")
    rows = play.stage.rows("scoro", "invoices")
    credited = {str(id) for row in rows.values() for id in row["credited_invoices"]}
    id = play.pick(id for id, row in rows.items() if id not in credited and not row["credited_invoices"])
    play.stage.in_scoro(action="credit", id=id)


def delete(play: Play) -> None:
    """Something is deleted."""
    side = _side(play)
    what = play.random.choice(("document", "document", "document", "party", "product"))
    if what == "product" and _documents(play) == "bills":
        what = "document"
    type, id, _ = _some(play, side, what)
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
    if _side(play) == "scoro":
        module = play.random.choice((_documents(play), "contacts"))
        ids = list(play.stage.desk.entity.table(module).deleted())
        play.stage.in_scoro(action="restore", module=module, id=play.pick(ids))
    else:
        type = play.random.choice((_type(play, "quickbooks", "party"), "Item"))
        ids = [int(row.id) for row in play.stage.company.all(type) if not row.data.get("Active", True)]
        play.stage.in_quickbooks(action="reactivate", entity=type, id=str(play.pick(ids)))


def merge(play: Play) -> None:
    """Two contacts turn out to be one."""
    side = _side(play)
    type, kept, _ = _some(play, side, "party")
    _, lost, _ = _some(play, side, "party")
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


# People and processes of Concord.


def run(play: Play) -> None:
    """Synchronize now."""
    play.run()


def work(play: Play) -> None:
    """What the scheduler and a worker do: whatever is due, or was woken."""
    play.ledger.observe_begins()
    for run_id in sync.start_due(play.world.deps):
        ended = sync.run_to_end(play.world.deps, run_id)
        play.happened[f"scheduled run {ended.state}"] += 1


def crash(play: Play) -> None:
    """A run that dies at some boundary; the process is started anew."""
    play.stage.start_anew()
    play.stage.nerves.at = play.random.randint(1, 140)
    play.run(play.stage.mortal)


def paused(play: Play) -> None:
    """A worker is paused somewhere in its run for longer than its lease; people and another worker go on without it."""
    meanwhile = [play.random.choice(MEANWHILE) for _ in range(play.random.randint(1, 3))]
    salts = [play.random.randint(0, 999) for _ in meanwhile]

    def world_goes_on() -> None:
        play.listen()
        play.world.tick(200 + play.random.choice((0, 200)))
        for act, salt in zip(meanwhile, salts, strict=True):
            play.act(f"  meanwhile {act.name}", act.do, salt)
        play.happened["paused"] += 1

    play.stage.start_anew()
    play.stage.nerves.interrupt, play.stage.nerves.interrupt_at = world_goes_on, play.random.randint(1, 120)
    ended = play.run(play.stage.mortal)
    if ended.state == "running":
        play.happened["overtaken"] += 1


def interrupted(play: Play) -> None:
    """People do something in the middle of a run."""
    act, salt = play.random.choice(PEOPLE), play.random.randint(0, 999)

    def somebody_acts() -> None:
        play.listen()
        play.act(f"  meanwhile {act.name}", act.do, salt)
        play.happened["interrupted"] += 1

    play.stage.start_anew()
    play.stage.nerves.interrupt, play.stage.nerves.interrupt_at = somebody_acts, play.random.randint(1, 120)
    play.run(play.stage.mortal)


def push_by_hand(play: Play) -> None:
    """Somebody sends or pulls one object."""
    _push(play, play.random.choice((System.SCORO, System.QUICKBOOKS)), dies=0)


def push_and_die(play: Play) -> None:
    """The same, in a process that dies on the way."""
    _push(play, play.random.choice((System.SCORO, System.QUICKBOOKS)), dies=play.random.randint(1, 30))


def _push(play: Play, to: System, *, dies: int) -> None:
    row = _object(play)
    play.tell(f"    push {row.kind} {row.title} to {to.value}")
    keys = [key for key in (play.key_of(row.id), *_dependencies(play, row)) if key is not None]
    before = {key: play.ledger.decided.get(key, frozenset()) for key in keys}
    was = set(play.ledger.explicit)
    for key in keys:
        play.ledger.decide(key, everything=True)
    play.stage.start_anew()
    play.stage.nerves.at = dies
    try:
        outcome = push.push(play.stage.mortal.deps, row.id, to, PERSON)  # type: ignore[union-attr]  # set by start_anew
        play.happened[f"push {outcome.state}"] += 1
    except Refused:
        play.ledger.explicit, play.ledger.decided = was, {**play.ledger.decided, **before}
        raise
    except Died:
        play.stage.mortal.deps.database.dispose()  # type: ignore[union-attr]  # set by start_anew
        play.happened["died pushing"] += 1


def _dependencies(play: Play, row: Object) -> list[Any]:
    """What goes along with it."""
    ids = {str(value) for path, value in row.fields.items() if path.rsplit("/", 1)[-1] in {"contact", "product"}}
    lines = {path.split("/")[1] for path in row.fields if path.startswith("lines/")} if row.kind == "receipt" else set()
    return [play.key_of(id) for id in sorted(ids | lines)]


def _object(play: Play, *dispositions: str) -> Object:
    rows = {row.id: row for row in play.objects() if not dispositions or row.disposition in dispositions}
    found: Object = rows[play.pick(rows)]
    return found


def _decided(play: Play, row: Object) -> None:
    key = play.key_of(row.id)
    if key is not None:
        play.ledger.decide(key)


def settle_conflict(play: Play) -> None:
    """Somebody chooses a side for each contested field."""
    row = _object(play, "conflict")
    view = resolve.conflict(play.world.deps, row.id)
    choices = {contest.path: {"side": play.pick(contest.sides)} for contest in view.contests}
    play.tell(f"    resolve {row.kind} {row.title}: {choices}")
    resolve.resolve(play.world.deps, row.id, version=view.version, choices=choices, person=PERSON)
    _decided(play, row)


def undo(play: Play) -> None:
    """Somebody takes a resolution back."""
    resolve.undo(play.world.deps, _object(play).id, PERSON)


def settle_and_undo(play: Play) -> None:
    """Somebody settles a conflict and regrets it."""
    row = _object(play, "conflict")
    view = resolve.conflict(play.world.deps, row.id)
    choices = {contest.path: {"side": play.pick(contest.sides)} for contest in view.contests}
    resolve.resolve(play.world.deps, row.id, version=view.version, choices=choices, person=PERSON)
    resolve.undo(play.world.deps, row.id, PERSON)


def decide_deletion(play: Play) -> None:
    """Somebody says whether a deletion is followed."""
    row = _object(play, "deleted_there")
    follow = play.random.random() < 0.5
    play.tell(f"    {row.kind} {row.title}: {'follow' if follow else 'keep'}")
    objects.decide_deletion(play.world.deps, row.id, follow, PERSON)
    _decided(play, row)


def set_aside(play: Play) -> None:
    """Somebody parks an object, or takes it back."""
    row = _object(play)
    (objects.unpark if row.parked_by else objects.park)(play.world.deps, row.id, PERSON)


def try_again(play: Play) -> None:
    """Somebody retries what was refused."""
    objects.retry(play.world.deps, _object(play, "blocked", "failed").id, PERSON)


def accept_variance(play: Play) -> None:
    """Somebody accepts totals that differ."""
    objects.accept_variance(play.world.deps, _object(play, "variance").id, PERSON)


def flip(play: Play) -> None:
    """The direction of a category is turned round."""
    category = play.pick(play.stage.setting.sources)
    epoch = play.settings()[category].epoch
    directions.flip(play.world.deps, play.cid, category, epoch=epoch, person=PERSON)
    play.learn_settings()
    play.tell(f"    {category} now come from {play.ledger.sources[category]}")


def _choose(play: Play, category: str, **changes: Any) -> None:
    row = play.settings()[category]
    kept = ("enabled", "source", "automatic", "start_date", "scope", "conflicts", "deletions")
    values = {name: getattr(row, name) for name in kept} | changes
    play.tell(f"    {category}: {changes}")
    setup.save_categories(play.world.deps, play.cid, [setup.CategoryForm(category, **values)], PERSON)
    play.learn_settings()


def choose_policy(play: Play) -> None:
    """Another policy for conflicts or deletions."""
    category = play.pick(play.stage.setting.sources)
    if play.random.random() < 0.5:
        _choose(play, category, deletions=play.random.choice(("ask", "follow", "never")))
    else:
        _choose(play, category, conflicts=play.random.choice(("ask", "ask", "source", "newest")))


def switch(play: Play) -> None:
    """A category is switched off, or on again."""
    category = play.pick(play.stage.setting.sources)
    _choose(play, category, enabled=not play.settings()[category].enabled)


def change_filter(play: Play) -> None:
    """Another bookmark or filter, or none."""
    category = play.random.choice(("contacts", _documents(play)))
    marker = str(play.random.randint(1, 9))
    rules = [{"field": "name" if category == "contacts" else "number", "is": "contains", "value": marker}]
    bookmarks = [
        {"bookmark": id} for id, row in play.stage.rows("scoro", "bookmarks").items() if row["module"] == category
    ]
    _choose(play, category, scope=play.random.choice([{}, {"rules": rules}, *bookmarks]))


def change_start(play: Play) -> None:
    """A start date."""
    category = play.pick(play.stage.setting.sources)
    day = play.world.clock.now().date() + timedelta(days=play.random.choice((0, 1, 30)))
    _choose(play, category, start_date=play.random.choice((None, day)))


def match(play: Play) -> None:
    """Somebody accepts what is suggested to be one, or says that it is not."""
    found = matching.suggestions(play.world.deps, play.cid, state="suggested", limit=20)
    if not found:
        raise NotPossible("nothing is suggested")
    state = "accepted" if play.random.random() < 0.7 else "ignored"
    chosen = play.random.choice(sorted(found, key=lambda view: view.row.id)).row
    matching.decide_suggestions(play.world.deps, play.cid, [chosen.id], state, PERSON)
    if state == "accepted":
        for id in (chosen.scoro_object_id, chosen.quickbooks_object_id):
            key = play.key_of(id)
            if key is not None:
                play.ledger.decide(key)
                play.ledger.merged.add(key)
        matching.apply_matches(play.world.deps, play.cid, PERSON)
    play.happened[f"match {state}"] += 1


# Trouble.

QUICKBOOKS_TROUBLE = (
    FaultKind.THROTTLE_MINUTE, FaultKind.THROTTLE_SECOND, FaultKind.HTTP_500, FaultKind.HTTP_503, FaultKind.HTTP_504,
    FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.RESET_AFTER, FaultKind.TRUNCATE_BODY,
    FaultKind.EXPIRED_TOKEN, FaultKind.STALE_TOKEN, FaultKind.STALE_TOKEN, FaultKind.WRONG_DELETED,
    FaultKind.TRUNCATE_PAGE, FaultKind.ERROR_WITH_200, FaultKind.HTML_BODY,
)  # fmt: skip
SCORO_TROUBLE = (
    FaultKind.THROTTLE_SECOND, FaultKind.HTTP_500, FaultKind.HTTP_502, FaultKind.HTTP_408, FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER, FaultKind.RESET_AFTER, FaultKind.TRUNCATE_BODY, FaultKind.REPEAT_PAGE,
    FaultKind.ROW_SHIFT, FaultKind.ERROR_WITH_200, FaultKind.HTML_BODY, FaultKind.LOCALISED,
)  # fmt: skip


def trouble(play: Play) -> None:
    """One of the systems will misbehave soon."""
    side = _side(play)
    sandbox = play.stage.scoro if side == "scoro" else play.stage.quickbooks
    kind = play.random.choice(SCORO_TROUBLE if side == "scoro" else QUICKBOOKS_TROUBLE)
    operation = play.random.choice(
        ("", "", "create", "update") if side == "quickbooks" else ("", "", "modify", "create")
    )
    if kind in {FaultKind.WRONG_DELETED, FaultKind.TRUNCATE_PAGE, FaultKind.REPEAT_PAGE, FaultKind.ROW_SHIFT}:
        operation = ""
    rule = FaultRule(
        kind, operation=operation, count=play.random.choice((1, 1, 2)), after=play.random.choice((0, 0, 2, 5))
    )
    play.tell(f"    {side} will have {kind.value} {operation} after {rule.after}")
    sandbox.faults.add(rule)
    play.happened[f"trouble {kind.value}"] += 1


def lose_consent(play: Play) -> None:
    """Somebody takes the permission back; later somebody gives it again."""
    play.stage.quickbooks.act_as_person({"action": "disconnect", "realmId": play.world.realm})


def clear_trouble(play: Play) -> None:
    """Both systems are well again."""
    play.stage.quickbooks.faults.clear()
    play.stage.scoro.faults.clear()


def time_passes(play: Play) -> None:
    """Minutes, hours or a day; once in a while weeks."""
    hours = play.random.choice((0.1, 0.1, 0.5, 2.0, 7.0, 26.0, 26.0, 31 * 24.0))
    play.world.tick(hours * HOURS)
    if hours > 600:
        play.happened["weeks passed"] += 1


def webhooks(play: Play) -> None:
    """Notifications come: as they should, twice, late, in disorder, or never."""
    mode = play.random.choice(list(DeliveryMode))
    side = play.stage.scoro if play.random.random() < 0.5 else play.stage.quickbooks
    told = side.webhooks.deliver(mode, play.random.randint(0, 99))
    if not told["events"]:
        raise NotPossible("nothing to tell")
    if any(status >= 400 for status in told["statuses"]):
        raise ConcordError(f"webhooks were answered {told['statuses']}")
    play.happened[f"webhooks {mode.value}"] += 1


PEOPLE = (
    Act("new contact", 3, new_party),
    Act("same contact on both sides", 1, same_party_twice),
    Act("new product", 2, new_product),
    Act("new document", 5, new_document),
    Act("edit contact", 4, edit_party),
    Act("edit product", 3, edit_product),
    Act("reword", 5, reword),
    Act("reword on both sides", 4, reword_both),
    Act("change line", 6, change_line),
    Act("change lines on both sides", 4, change_line_both),
    Act("add line", 3, add_line),
    Act("drop line", 3, drop_line),
    Act("change tax", 2, change_tax),
    Act("change due date", 2, change_due),
    Act("change currency", 1, change_currency),
    Act("pay", 4, pay),
    Act("delete payment", 2, unpay),
    Act("void", 2, void),
    Act("credit", 2, credit),
    Act("delete", 4, delete),
    Act("restore", 2, restore),
    Act("merge", 1, merge),
    Act("deposit", 1, deposit),
    Act("edit reference data", 1, edit_reference),
)
OFFICE = (
    Act("push", 5, push_by_hand),
    Act("push and die", 2, push_and_die),
    Act("resolve", 5, settle_conflict),
    Act("undo", 1, undo),
    Act("resolve and undo", 2, settle_and_undo),
    Act("decide deletion", 4, decide_deletion),
    Act("park", 1, set_aside),
    Act("retry", 2, try_again),
    Act("accept variance", 1, accept_variance),
    Act("flip", 5, flip),
    Act("policy", 2, choose_policy),
    Act("switch", 2, switch),
    Act("filter", 1, change_filter),
    Act("start date", 1, change_start),
    Act("match", 2, match),
)
PROCESSES = (
    Act("run", 22, run),
    Act("work", 4, work),
    Act("crash", 8, crash),
    Act("interrupted", 4, interrupted),
    Act("paused", 4, paused),
    Act("trouble", 9, trouble),
    Act("clear trouble", 2, clear_trouble),
    Act("lose consent", 1, lose_consent),
    Act("time", 4, time_passes),
    Act("webhooks", 4, webhooks),
)
MEANWHILE = (*PEOPLE, *OFFICE, Act("run", 1, run), Act("run", 1, run), Act("flip", 1, flip), Act("run", 1, run))
ACTS = {act.name: act for act in (*PEOPLE, *OFFICE, *PROCESSES)}
