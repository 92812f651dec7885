"""The seeded world in Scoro's shapes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from app.sandbox.scoro.contacts import full_name
from app.sandbox.scoro.fields import starting_values
from app.sandbox.scoro.saved import frozen_world, thawed_world
from app.sandbox.scoro.seeding_documents import load_documents
from app.sandbox.scoro.seeding_keys import Keys
from app.sandbox.scoro.store import Row
from app.sandbox.scoro.world import MODULES, Entity, Site, World
from app.sandbox.seed import load_world
from app.sandbox.seed.world import AccountKind, Address, Books, Contact, Person, Product, Side

_FOUNDED = datetime(2026, 1, 2, 8, 30, tzinfo=UTC)
_ALPHA_3 = {
    "US": "usa", "CA": "can", "GB": "gbr", "DE": "deu", "FR": "fra", "NL": "nld", "IE": "irl", "AU": "aus",
}  # fmt: skip
PASSWORD = "sandbox"  # noqa: S105  # the password of every sample user, shown on the sign-in page
_STATUSES = (
    ("projects", "pending", "Pending"),
    ("projects", "inprogress", "In progress"),
    ("projects", "completed", "Completed"),
    ("projects", "cancelled", "Cancelled"),
    ("projects", "future", "Future"),
    ("quotes", "pending", "Pending"),
    ("quotes", "confirmed", "Confirmed"),
    ("orders", "pending", "Pending"),
    ("orders", "confirmed", "Confirmed"),
    ("tasks", "task_status1", "Not started"),
    ("tasks", "task_status2", "In progress"),
    ("tasks", "task_status3", "Completed"),
)
_FIRST_STATUSES = frozenset({"inprogress", "pending", "task_status1"})
_BOOKMARKS = (
    ("Sent invoices", "invoices", {"is_sent": 1}),
    ("All clients", "contacts", {"is_client": 1}),
    ("Suppliers", "contacts", {"is_supplier": 1}),
    ("This year's bills", "bills", {"date": {"from_date": "2026-01-01"}}),
)


def seeded_world(seed: str, profile: str, state: int) -> World:
    """Raises ValueError for a seed or profile that does not exist."""
    return thawed_world(_frozen_seed(seed, profile, state))


@cache
def _frozen_seed(seed: str, profile: str, state: int) -> dict[str, Any]:
    """Made once: tests start hundreds of sandboxes from the same seed."""
    world = World()
    for books in load_world(seed, profile, state).books:
        site = _site(books, state)
        world.sites[site.name] = site
        _Loader(site, _entity(site, books), books).load()
        if books.key == "agency":
            _branch(site, books)
    return frozen_world(world)


def _site(books: Books, state: int) -> Site:
    digest = hashlib.sha256(f"{books.key} {state}".encode()).hexdigest()
    return Site(books.scoro_account, ZoneInfo(books.time_zone), "eng", f"ScoroAPI_{digest[:15]}")


def _entity(site: Site, books: Books) -> Entity:
    entity = Entity(
        books.scoro_account,
        site,
        _facts(books),
        books.home_currency,
        list(books.scoro_currencies),
        {books.home_currency: Decimal(1), **dict(books.rates)},
    )
    site.entities[entity.account_id] = entity
    return entity


def _branch(site: Site, books: Books) -> None:
    """A second, empty entity of the same site: it shares the contacts and nothing else."""
    account_id = f"{books.scoro_account}-events"
    facts = _facts(books) | {"company_name": f"{books.name} Events", "alternative_name": "", "reg_no": "30291746"}
    rates = {books.home_currency: Decimal(1), **dict(books.rates)}
    branch = Entity(account_id, site, facts, books.home_currency, list(books.scoro_currencies), rates)
    site.entities[account_id] = branch
    _Loader(site, branch, books).load_reference_data()


def _facts(books: Books) -> dict[str, Any]:
    return {
        "company_name": books.name,
        "alternative_name": books.legal_name,
        "address": [address_row(books.address)],
        "email": books.email,
        "website": f"https://www.{books.key}.example",
        "phone": books.phone,
        "fax": "",
        "reg_no": books.registry_number,
        "vat_no": books.vat_number,
    }


def address_row(address: Address) -> dict[str, Any]:
    return {
        "country": _ALPHA_3[address.country],
        "county": address.region,
        "municipality": "",
        "city": address.city,
        "street": address.street,
        "zipcode": address.postcode,
    }


class _Loader:
    """Loads one company. Rows get their ids in the order of the seed, so runs can be repeated."""

    def __init__(self, site: Site, entity: Entity, books: Books) -> None:
        self._site = site
        self._entity = entity
        self._books = books
        self._keys = Keys()

    def load(self) -> None:
        self._people()
        self._furniture()
        self.load_reference_data()
        self._profiles()
        for index, contact in enumerate(self._books.contacts):
            if Side.SCORO in contact.sides:
                self._contact(contact, _FOUNDED + timedelta(hours=index))
        self._employees()
        for index, product in enumerate(self._books.products):
            if Side.SCORO in product.sides:
                self._product(product, _FOUNDED + timedelta(hours=index, minutes=20))
        self._projects()
        load_documents(self._entity, self._books, self._keys)

    def load_reference_data(self) -> None:
        for code in self._books.tax_codes:
            if Side.SCORO in code.sides:
                self._add("vatCodes", code.key, {
                    "vat_code": code.name,
                    "percent": code.percent,
                    "vat_name": code.description,
                    "is_sales": code.sales,
                    "is_purchases": code.purchases,
                    "is_not_applicable": not code.taxable,
                })  # fmt: skip
        for account in self._books.accounts:
            if Side.SCORO in account.sides and account.kind is not AccountKind.BANK:
                self._add("financeAccounts", account.key, {
                    "account_symbol": account.number,
                    "name": account.name,
                    "is_sales_account": account.kind is AccountKind.INCOME,
                    "is_purchases_account": account.kind is not AccountKind.INCOME,
                })  # fmt: skip
        self._add("receiptAccounts", "bank", {"name": "Checking", "type": "banktransfer"})
        self._add("receiptAccounts", "cash", {"name": "Petty cash", "type": "cash"})
        self._add("receiptAccounts", "credit", {"name": "Credit invoices", "type": "credit"})
        for tracking in self._books.tracking_classes:
            if Side.SCORO in tracking.sides:
                row = {"object_symbol": tracking.name[:3].upper(), "name": tracking.name}
                accounts = [self._entity.account_id]
                self._add("financeObjects", tracking.key, row | {"object_accounts": accounts})

    def _add(self, path: str, key: str, values: dict[str, Any], created: datetime = _FOUNDED) -> Row:
        fields = MODULES[path].fields
        row = starting_values(fields) | {"id": self._site.next_id(path)} | values
        for name in ("created_date", "modified_date"):
            if name in fields:
                row[name] = created
        self._entity.table(path).put(row)
        self._keys.remember(path, key, row["id"])
        return row

    def _people(self) -> None:
        for person in self._books.people:
            self._person(person)
        for name in ("Administrators", "Members"):
            self._add("userRoles", name, {"name": name})
            is_admin = name == "Administrators"
            users = [self._keys.id("users", each.key) for each in self._books.people if each.is_admin == is_admin]
            self._add("userGroups", name, {"name": name, "users": users})
        for name in ("Designer", "Developer", "Project manager"):
            self._add("roles", name, {"name": name})

    def _person(self, person: Person) -> None:
        first, _, last = person.name.partition(" ")
        self._add("users", person.key, {
            "username": person.email,
            "firstname": first,
            "lastname": last,
            "full_name": person.name,
            "initials": first[:1] + last[:1],
            "email": person.email,
            "role_id": 1 if person.is_admin else 2,
            "timezone": self._site.zone.key,
        })  # fmt: skip
        self._site.passwords[person.email] = PASSWORD

    def _furniture(self) -> None:
        for module, status, name in _STATUSES:
            is_default = status in _FIRST_STATUSES and (module, status) != ("projects", "pending")
            row = {"wire_id": status, "status_name": name, "module": module, "is_default": is_default}
            self._add("statuses", f"{module} {status}", row)
        for title, module, wanted in _BOOKMARKS:
            owner = self._keys.id("users", self._books.people[0].key)
            self._add("bookmarks", title, {
                "title": title,
                "module": module,
                "filter": wanted,
                "user_id": owner,
                "is_shared": True,
            })  # fmt: skip
        self._add("productGroups", "services", {"name": "Services"})
        self._add("productGroups", "goods", {"name": "Goods"})
        self._add("pdfTemplates", "invoice", {"name": "Invoice", "module": "invoices"})
        self._add("customModules", "equipment", {"title": "Equipment", "path": "equipment", "full_path": "equipment"})
        self._add("customFields", "po", {
            "wire_id": "c_ponumber",
            "name": "Purchase order",
            "type": "text",
            "is_filterable": True,
            "modules": ["invoices"],
        })  # fmt: skip

    def _profiles(self) -> None:
        """A client profile for each currency and term that the contacts have."""
        kinds = sorted({(contact.currency, contact.term_days) for contact in self._books.contacts})
        for currency, days in kinds:
            is_home = currency == self._books.home_currency
            vat = "standard" if is_home and self._books.home_currency == "GBP" else "exempt"
            self._add("clientProfiles", f"{currency} {days}", {
                "name": f"{currency}, {days} days",
                "vat_code_id": self._keys.id("vatCodes", vat),
                "deadline_days": days,
                "currency": currency,
                "discount": Decimal(0),
                "fine": "0.05",
                "language_id": "eng",
            })  # fmt: skip

    def _contact(self, contact: Contact, created: datetime) -> None:
        row = {
            "contact_type": "person" if contact.is_person else "company",
            "name": contact.given if contact.is_person else contact.name,
            "lastname": contact.family,
            "id_code": contact.registry_number,
            "vatno": contact.vat_number,
            "is_client": contact.is_client,
            "is_supplier": contact.is_supplier,
            "client_profile_id": self._keys.id("clientProfiles", f"{contact.currency} {contact.term_days}"),
            "addresses": [address_row(contact.address) | {"id": self._site.next_id("addresses")}],
            "means_of_contact": _means(contact),
        }
        self._add("contacts", contact.key, row | {"search_name": full_name(row)}, created)

    def _employees(self) -> None:
        table = self._entity.table("contacts")
        for contact in self._books.contacts:
            if contact.employer:
                person = table.get(self._keys.id("contacts", contact.key)) or {}
                company = table.get(self._keys.id("contacts", contact.employer)) or {}
                related = {"related_company_id": company["id"], "related_company_name": company["name"]}
                table.put(person | {"related_companies": [related]})

    def _product(self, product: Product, created: datetime) -> None:
        account_id = self._entity.account_id
        vat = self._keys.id("vatCodes", product.tax_code)
        row = {
            "code": product.code,
            "name": product.name,
            "price": product.price,
            "buying_price": product.cost,
            "description": product.description,
            "unit": product.unit,
            "amount": Decimal(1),
            "productgroup_id": self._keys.id("productGroups", "services" if product.is_service else "goods"),
            "is_active": product.active,
            "is_service": product.is_service,
            "default_vat_code_id": vat,
            "sales_finance_account_id": self._keys.id("financeAccounts", product.income_account),
            "purchases_finance_account_id": self._keys.id("financeAccounts", product.expense_account),
            "account_id": account_id,
            "product_accounts": [account_id],
        }
        self._add("products", product.key, row, created)

    def _projects(self) -> None:
        for project in self._books.projects:
            if Side.SCORO in project.sides:
                number = self._entity.numbers["projects"] = self._entity.numbers.get("projects", 0) + 1
                noon = datetime.combine(project.start, time(12), self._site.zone).astimezone(UTC)
                self._add("projects", project.key, {
                    "no": str(number),
                    "project_name": project.name,
                    "company_id": self._keys.id("contacts", project.client),
                    "status": project.status,
                    "manager_id": self._keys.id("users", self._books.people[0].key),
                    "date": project.start.isoformat(),
                    "deadline": project.deadline.isoformat(),
                    "account_id": self._entity.account_id,
                    "project_accounts": [self._entity.account_id],
                }, noon)  # fmt: skip


def _means(contact: Contact) -> dict[str, list[str]]:
    means = {"email": contact.email, "phone": contact.phone, "website": contact.website}
    return {kind: [value] for kind, value in means.items() if value}
