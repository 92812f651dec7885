"""What people do in a year: everything that both systems let them do, and how often they do it."""

from __future__ import annotations

from decimal import Decimal

from tests.proofs.year_life import HOME, ZERO, Act, Row, Thing, Year
from tests.support import in_quickbooks, in_scoro
from tests.support.scenes import quickbooks_delete, quickbooks_edit, scoro_delete, scoro_edit, scoro_view

CENT = Decimal("0.01")


def new_client(year: Year) -> None:
    """A new client at the source, in one of five currencies."""
    name, code = f"Client {year.happened['new_client'] + 1} Ltd", year.money()
    if year.works_here:
        made = in_scoro.client(year.world, name, id_code=f"C{year.happened['new_client']:05d}", **_profile(year, code))
        year.clients.append(Thing("scoro", "contacts", str(made["contact_id"]), made, code))
    else:
        made = in_quickbooks.customer(year.world, name, CurrencyRef={"value": code})
        year.clients.append(Thing("quickbooks", "Customer", made["Id"], made, code))


def new_supplier(year: Year) -> None:
    """A new supplier at the source."""
    name, code = f"Supplier {year.happened['new_supplier'] + 1} LLC", year.money()
    if year.works_here:
        made = in_scoro.supplier(year.world, name, **_profile(year, code))
        year.suppliers.append(Thing("scoro", "contacts", str(made["contact_id"]), made, code))
    else:
        made = in_quickbooks.vendor(year.world, name, CurrencyRef={"value": code})
        year.suppliers.append(Thing("quickbooks", "Vendor", made["Id"], made, code))


def _profile(year: Year, code: str) -> Row:
    return {} if code == HOME else {"client_profile_id": year.profiles[code]}


def new_product(year: Year) -> None:
    """A new service at the source."""
    name = f"{year.text()} no. {len(year.products) + 1}"
    if year.works_here:
        made = in_scoro.product(year.world, name, price=year.price())
        year.products.append(Thing("scoro", "products", str(made["product_id"]), made))
    else:
        made = in_quickbooks.item(year.world, name, price=year.price())
        year.products.append(Thing("quickbooks", "Item", made["Id"], made))


def new_invoice(year: Year) -> None:
    """An invoice at the source, in the client's currency."""
    client = year.one(year.clients)
    if year.works_here:
        lines = _lines_here(year)
        made = in_scoro.invoice(year.world, client.row, *lines, **_header_here(year, client))
        year.invoices.append(Thing("scoro", "invoices", str(made["id"]), made, client.currency))
    else:
        made = in_quickbooks.invoice(year.world, client.row, *_sold(year), **_header_there(year, client))
        year.invoices.append(Thing("quickbooks", "Invoice", made["Id"], made, client.currency))


def new_bill(year: Year) -> None:
    """A bill at the source."""
    supplier = year.one(year.suppliers)
    if year.works_here:
        made = in_scoro.bill(year.world, supplier.row, *_lines_here(year), **_header_here(year, supplier))
        year.bills.append(Thing("scoro", "bills", str(made["id"]), made, supplier.currency))
    else:
        made = in_quickbooks.bill(year.world, supplier.row, *_spent(year), **_header_there(year, supplier))
        year.bills.append(Thing("quickbooks", "Bill", made["Id"], made, supplier.currency))


def _header_here(year: Year, party: Thing) -> Row:
    rate = {} if party.currency == HOME else {"currency_rate": year.exchange_rate(party.currency)}
    return {"date": year.today(), "deadline": year.today(), "currency": party.currency, **rate}


def _header_there(year: Year, party: Thing) -> Row:
    rate = {} if party.currency == HOME else {"ExchangeRate": year.exchange_rate(party.currency)}
    money = {"CurrencyRef": {"value": party.currency}, **rate}
    return {"TxnDate": year.today(), "GlobalTaxCalculation": "TaxExcluded", **money}


def _lines_here(year: Year) -> list[Row]:
    """One to five lines, most of them taxed."""
    return [
        {
            "product_id": int(year.random.choice(year.products).here(year)),
            "comment": year.text(),
            "price": year.price(),
            "amount": year.quantity(),
            "vat_code_id": year.tax_here(year.tax()),
        }
        for _ in range(year.few())
    ]


def _sold(year: Year) -> list[Row]:
    return [_sold_line(year, year.price(), year.tax()) for _ in range(year.few())]


def _sold_line(year: Year, price: float, tax: str) -> Row:
    product = year.random.choice(year.products)
    return in_quickbooks.sold({"Id": product.there(year)}, price, year.tax_there(tax)) | {"Description": year.text()}


def _spent(year: Year) -> list[Row]:
    return [_spent_line(year) for _ in range(year.few())]


def _spent_line(year: Year) -> Row:
    detail = {"AccountRef": {"value": year.expense}, "TaxCodeRef": {"value": year.tax_there(year.tax())}}
    kind = "AccountBasedExpenseLineDetail"
    return {"Amount": year.price(), "DetailType": kind, kind: detail, "Description": year.text()}


def correct_line(year: Year) -> None:
    """Somebody corrects a quantity in Scoro."""
    invoice = year.one(year.invoices).here(year)
    lines = scoro_view(year.world, "invoices", invoice)["lines"]
    year.random.choice(lines)["amount"] = year.random.randint(1, 9)
    scoro_edit(year.world, "invoices", invoice, lines=lines)


def correct_line_there(year: Year) -> None:
    """Somebody corrects a quantity in QuickBooks."""
    remote = year.one(year.invoices).there(year)
    rows = [row for row in year.seen("Invoice", remote)["Line"] if "Id" in row]
    row, quantity = year.random.choice(rows), year.random.randint(1, 9)
    detail = row["SalesItemLineDetail"]
    row["Amount"] = float((Decimal(str(detail["UnitPrice"])) * quantity).quantize(CENT))
    detail["Qty"] = quantity
    quickbooks_edit(year.world, "Invoice", remote, Line=rows)


def add_line(year: Year) -> None:
    """Somebody adds a line to a bill or takes the last one off, in Scoro."""
    bill = year.one(year.bills).here(year)
    lines = scoro_view(year.world, "bills", bill)["lines"]
    lines = lines[:-1] if len(lines) > 2 else [*lines, *_lines_here(year)[:1]]
    scoro_edit(year.world, "bills", bill, lines=lines)


def add_line_there(year: Year) -> None:
    """Somebody adds a line to an invoice in QuickBooks."""
    remote = year.one(year.invoices).there(year)
    rows = [row for row in year.seen("Invoice", remote)["Line"] if "Id" in row]
    extra = {**rows[-1], "Description": year.text()}
    del extra["Id"]
    quickbooks_edit(year.world, "Invoice", remote, Line=[*rows, extra])


def reword(year: Year) -> None:
    """Somebody rewords an invoice in Scoro."""
    scoro_edit(year.world, "invoices", year.one(year.invoices).here(year), description=f"Note {year.day}")


def reword_there(year: Year) -> None:
    """Somebody rewords an invoice in QuickBooks."""
    remote = year.one(year.invoices).there(year)
    quickbooks_edit(year.world, "Invoice", remote, CustomerMemo={"value": f"Memo {year.day}"})


def reword_on_both_sides(year: Year) -> None:
    """Two people, one field."""
    invoice = year.one(year.invoices)
    here, there = invoice.here(year), invoice.there(year)
    scoro_edit(year.world, "invoices", here, description=f"Scoro {year.day}")
    quickbooks_edit(year.world, "Invoice", there, CustomerMemo={"value": f"QuickBooks {year.day}"})


def move_client(year: Year) -> None:
    """A client gets a new phone number in Scoro, or in QuickBooks."""
    client = year.one(year.clients)
    phone = f"+1 555 {year.random.randint(1000, 9999)}"
    if year.random.random() < 0.5:
        scoro_edit(year.world, "contacts", client.here(year), means_of_contact={"phone": [phone]})
    else:
        there = client.there(year, "quickbooks.customer")
        quickbooks_edit(year.world, "Customer", there, PrimaryPhone={"FreeFormNumber": phone})


def receive(year: Year) -> None:
    """A client pays, wholly or in part; it is entered where receipts have their source."""
    invoice = year.one(year.invoices)
    if year.works_here:
        due = Decimal(str(year.seen("Invoice", invoice.there(year))["Balance"]))
    else:
        due = Decimal(str(scoro_view(year.world, "invoices", invoice.here(year))["receivable_sum"]))
    assert due > 1, "nothing open"
    amount = None if year.random.random() < 0.5 else float((due / 3).quantize(CENT))
    if year.works_here:
        in_quickbooks.pay(year.world, "Invoice", invoice.there(year), amount)
    else:
        in_scoro.pay(year.world, "invoices", {"id": int(invoice.here(year))}, amount)


def pay_bill(year: Year) -> None:
    """The agency pays a bill, once; it is entered where receipts have their source."""
    bill = year.one(year.bills)
    if year.works_here:
        in_quickbooks.pay(year.world, "Bill", bill.there(year))
    else:
        assert scoro_view(year.world, "bills", bill.here(year))["status"] == "unpaid", "paid already"
        in_scoro.pay(year.world, "bills", {"id": int(bill.here(year))})


def take_to_bank(year: Year) -> None:
    """Payments of QuickBooks that are lying in the till go into the bank."""
    found = [row for row in in_quickbooks.rows(year.world, "Payment")[-12:] if row["TotalAmt"] and _is_home(row)]
    waiting = [row["Id"] for row in found if not any(link["TxnType"] == "Deposit" for link in row.get("LinkedTxn", ()))]
    assert waiting, "nothing in the till"
    year.world.quickbooks.person(action="deposit", entity="Payment", ids=waiting, realmId=year.world.realm)


def _is_home(payment: Row) -> bool:
    return bool(payment["CurrencyRef"]["value"] == HOME)


def take_payment_back(year: Year) -> None:
    """A payment was entered by mistake and is deleted where it was entered."""
    if year.works_here:
        rows = [row for row in in_quickbooks.rows(year.world, "Payment")[-12:] if row["TotalAmt"]]
        quickbooks_delete(year.world, "Payment", year.random.choice(rows)["Id"])
    else:
        rows = [row for row in in_scoro.rows(year.world, "receipts")[:12] if float(row["sum"])]
        scoro_delete(year.world, "receipts", year.random.choice(rows)["id"])


def credit(year: Year) -> None:
    """An invoice is credited at the source."""
    invoice = year.one(year.invoices)
    if year.works_here:
        in_scoro.credit(year.world, {"id": int(invoice.here(year))})
    else:
        _credit_there(year, invoice)
    year.invoices.remove(invoice)


def _credit_there(year: Year, invoice: Thing) -> None:
    """QuickBooks: a memo over half of it, applied to it."""
    row = year.seen("Invoice", invoice.id)
    assert row["Balance"] > 1, "nothing open"
    half = float((Decimal(str(row["Balance"])) / 2).quantize(CENT))
    rate = {name: row[name] for name in ("CurrencyRef", "ExchangeRate") if name in row}
    line = _sold_line(year, half, ZERO)
    customer, dated = {"Id": row["CustomerRef"]["value"]}, rate | {"TxnDate": year.today()}
    memo = in_quickbooks.credit_memo(year.world, customer, line, GlobalTaxCalculation="TaxExcluded", **dated)
    in_quickbooks.apply_credit(year.world, customer, memo, row, **dated)


def supplier_credit(year: Year) -> None:
    """A supplier grants a credit; it is entered at the source."""
    supplier = year.one(year.suppliers)
    if year.works_here:
        lines = [line | {"amount": -line["amount"]} for line in _lines_here(year)[:2]]
        in_scoro.bill(year.world, supplier.row, *lines, **_header_here(year, supplier))
    else:
        in_quickbooks.vendor_credit(year.world, supplier.row, *_spent(year)[:2], **_header_there(year, supplier))


def delete(year: Year) -> None:
    """An invoice is deleted in Scoro."""
    invoice = year.one(year.invoices)
    scoro_delete(year.world, "invoices", invoice.here(year))
    year.invoices.remove(invoice)


def delete_there(year: Year) -> None:
    """An invoice is deleted in QuickBooks."""
    invoice = year.one(year.invoices)
    quickbooks_delete(year.world, "Invoice", invoice.there(year))
    year.invoices.remove(invoice)


def void_there(year: Year) -> None:
    """An invoice is voided in QuickBooks."""
    invoice = year.one(year.invoices)
    year.world.quickbooks.person(action="void", entity="Invoice", id=invoice.there(year), realmId=year.world.realm)
    year.invoices.remove(invoice)


ACTS: tuple[tuple[Act, int], ...] = (
    (new_invoice, 70),
    (new_bill, 18),
    (new_client, 12),
    (new_supplier, 2),
    (receive, 30),
    (pay_bill, 10),
    (take_to_bank, 1),
    (take_payment_back, 1),
    (correct_line, 12),
    (correct_line_there, 4),
    (add_line, 3),
    (add_line_there, 2),
    (reword, 8),
    (reword_there, 6),
    (reword_on_both_sides, 3),
    (move_client, 5),
    (credit, 3),
    (supplier_credit, 2),
    (delete, 2),
    (delete_there, 1),
    (void_there, 1),
)
"""What people do, and how often."""
