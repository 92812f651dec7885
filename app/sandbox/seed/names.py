"""The agency's world by name: who it works for, what it sells, what it is charged for. All invented."""

# ruff: noqa: E501  # tables: a row is read across

from __future__ import annotations

from typing import NamedTuple


class CompanyName(NamedTuple):
    """`roles`: c client, s supplier. `sides`: b both, s only Scoro, q only QuickBooks."""

    name: str
    country: str
    city: str
    region: str
    street: str
    postcode: str
    currency: str
    roles: str
    sides: str
    quickbooks_name: str = ""


COMPANIES = (
    CompanyName("Alder & Finch Coffee", "US", "Portland", "OR", "418 NW Burnside St", "97209", "USD", "c", "b"),
    CompanyName("Bluestone Dental Group", "US", "Denver", "CO", "2205 Larimer St", "80205", "USD", "c", "b"),
    CompanyName(
        "Cascade Outdoor Supply Co.", "US", "Seattle", "WA", "77 Pine St", "98101", "USD", "c", "b",
        "Cascade Outdoor Supply Company",
    ),
    CompanyName("Dunmore Brewing", "GB", "Bristol", "", "9 Temple Quay", "BS1 6DZ", "GBP", "c", "b"),
    CompanyName(
        "Eastbank Architects LLP", "GB", "London", "", "31 Hoxton Sq", "N1 6NN", "GBP", "c", "b",
        "Eastbank Architects",
    ),
    CompanyName("Fjordlys AS", "DE", "Hamburg", "", "Speicherstr. 12", "20457", "EUR", "c", "b"),
    CompanyName("Grüner Faden GmbH", "DE", "Berlin", "", "Torstraße 88", "10119", "EUR", "c", "b", "Gruener Faden GmbH"),
    CompanyName("Halcyon Yoga", "US", "Austin", "TX", "1100 S Lamar Blvd", "78704", "USD", "c", "b"),
    CompanyName("Ironwood Law", "US", "Chicago", "IL", "200 W Adams St", "60606", "USD", "c", "b", "Ironwood Law PC"),
    CompanyName("Juniper Lane Hotels", "CA", "Toronto", "ON", "55 King St W", "M5K 1A1", "CAD", "c", "b"),
    CompanyName("Kestrel Robotics", "US", "Boston", "MA", "310 Congress St", "02210", "USD", "c", "b"),
    CompanyName("Lumen Opticians", "GB", "Leeds", "", "4 Park Row", "LS1 5HN", "GBP", "c", "b", "Lumen opticians"),
    CompanyName("Maple & Rye Bakery", "CA", "Ottawa", "ON", "18 Elgin St", "K1P 1C7", "CAD", "c", "b"),
    CompanyName("Pressroom West", "US", "Portland", "OR", "901 SE Water Ave", "97214", "USD", "cs", "b"),
    CompanyName("Northbound Logistics", "US", "Reno", "NV", "640 Vassar St", "89502", "USD", "cs", "b"),
    CompanyName("Ostler Photography", "US", "Portland", "OR", "12 NE Killingsworth St", "97211", "USD", "s", "b"),
    CompanyName("Paperhouse Stationers", "US", "Tacoma", "WA", "1500 Pacific Ave", "98402", "USD", "s", "b"),
    CompanyName("Quill Translations", "GB", "Edinburgh", "", "22 Thistle St", "EH2 1DF", "GBP", "s", "b"),
    CompanyName("Red Kite Hosting", "US", "Boise", "ID", "350 N 9th St", "83702", "USD", "s", "b", "Red Kite Hosting Inc."),
    CompanyName("Stadtwerke Studio Film", "DE", "München", "", "Lindwurmstr. 5", "80337", "EUR", "s", "b"),
    CompanyName("Tidewater Credit Union", "US", "Norfolk", "VA", "8 Granby St", "23510", "USD", "c", "s"),
    CompanyName("Umbra Lighting", "FR", "Lyon", "", "14 rue de la Barre", "69002", "EUR", "c", "s"),
    CompanyName("Vantage Point Realty", "US", "Phoenix", "AZ", "44 E Camelback Rd", "85012", "USD", "c", "s"),
    CompanyName("Westmere College", "GB", "Oxford", "", "60 Walton St", "OX2 6AA", "GBP", "c", "s"),
    CompanyName("Xylem Gardens", "NL", "Utrecht", "", "Oudegracht 211", "3511 NG", "EUR", "c", "s"),
    CompanyName("Yarrow Skincare", "US", "Asheville", "NC", "29 Biltmore Ave", "28801", "USD", "c", "s"),
    CompanyName("Zephyr Cycles", "AU", "Melbourne", "VIC", "70 Smith St", "3066", "AUD", "c", "s"),
    CompanyName("Anchor & Rope Marine", "US", "San Diego", "CA", "1800 Harbor Dr", "92101", "USD", "c", "s"),
    CompanyName("Birch Street Theatre", "CA", "Halifax", "NS", "3 Barrington St", "B3J 1Z1", "CAD", "c", "s"),
    CompanyName("Cobalt Water Polo Club", "AU", "Sydney", "NSW", "15 George St", "2000", "AUD", "c", "s"),
    CompanyName("Drayton Insurance Brokers", "GB", "Manchester", "", "8 Deansgate", "M3 1AZ", "GBP", "c", "s"),
    CompanyName("Elmwood Animal Hospital", "US", "Madison", "WI", "512 State St", "53703", "USD", "c", "s"),
    CompanyName("Foxglove Florists", "IE", "Dublin", "", "27 Camden St", "D02 XE80", "EUR", "c", "s"),
    CompanyName("Gristmill Bread Works", "US", "Burlington", "VT", "81 Church St", "05401", "USD", "c", "s"),
    CompanyName("Hedgerow Publishing", "GB", "Bath", "", "5 Milsom St", "BA1 1DA", "GBP", "cs", "s"),
    CompanyName("Inlet Fisheries", "CA", "Victoria", "BC", "1009 Wharf St", "V8W 1T6", "CAD", "c", "s"),
    CompanyName("Jetty Sound Studio", "US", "Oakland", "CA", "460 2nd St", "94607", "USD", "s", "s"),
    CompanyName("Korvet Office Cleaning", "US", "Portland", "OR", "2930 SE Gladstone St", "97202", "USD", "s", "s"),
    CompanyName("Letterform Type Foundry", "NL", "Den Haag", "", "Noordeinde 9", "2514 GA", "EUR", "s", "s"),
    CompanyName("Moss Street Properties", "US", "Portland", "OR", "100 NW Couch St", "97209", "USD", "s", "q"),
    CompanyName("Pacific Northwest Power", "US", "Portland", "OR", "121 SW Salmon St", "97204", "USD", "s", "q"),
    CompanyName("Orchard Payroll", "US", "Salem", "OR", "490 Court St NE", "97301", "USD", "s", "q"),
    CompanyName("Riverside Garage", "US", "Portland", "OR", "711 N Tillamook St", "97227", "USD", "s", "q"),
    CompanyName("Summit Legal Services", "US", "Portland", "OR", "1300 SW 5th Ave", "97201", "USD", "s", "q"),
    CompanyName("Treehouse Daycare", "US", "Portland", "OR", "3500 SE Belmont St", "97214", "USD", "c", "q"),
    CompanyName("Valdez Catering", "US", "Portland", "OR", "88 NE Alberta St", "97211", "USD", "cs", "q"),
)  # fmt: skip


class PersonName(NamedTuple):
    """`employer` is a company's name or empty; roles and sides as for companies."""

    given: str
    family: str
    country: str
    city: str
    currency: str
    roles: str
    sides: str
    employer: str = ""


PERSONS = (
    PersonName("Amara", "Okafor", "US", "Portland", "USD", "c", "b"),
    PersonName("Bastian", "Keller", "DE", "Köln", "EUR", "c", "b"),
    PersonName("Clara", "Whitcombe", "GB", "York", "GBP", "c", "b"),
    PersonName("Diego", "Marchetti", "US", "Tucson", "USD", "s", "b"),
    PersonName("Elin", "Sandberg", "NL", "Leiden", "EUR", "s", "s"),
    PersonName("Farid", "Haddad", "FR", "Nantes", "EUR", "c", "s"),
    PersonName("Grace", "O'Neill", "IE", "Cork", "EUR", "c", "s"),
    PersonName("Hannah", "Liu", "US", "Seattle", "USD", "", "s", "Cascade Outdoor Supply Co."),
    PersonName("Ivo", "Brandt", "DE", "Berlin", "EUR", "", "s", "Grüner Faden GmbH"),
    PersonName("Joan", "Pettigrew", "GB", "London", "GBP", "", "s", "Eastbank Architects LLP"),
    PersonName("Kwame", "Mensah", "US", "Boston", "USD", "", "s", "Kestrel Robotics"),
    PersonName("Lena", "Novak", "CA", "Toronto", "CAD", "cs", "s"),
    PersonName("Miles", "Tanaka", "US", "Portland", "USD", "s", "q"),
    PersonName("Nora", "Castellanos", "US", "Eugene", "USD", "c", "q"),
)


class ProductName(NamedTuple):
    """`kind` s service, g goods; `account` is the key of the income account; `sides` as for companies."""

    code: str
    name: str
    description: str
    price: str
    cost: str
    unit: str
    kind: str
    account: str
    sides: str
    quickbooks_name: str = ""


PRODUCTS = (
    ProductName("DES-HR", "Design", "Design work by the hour", "110", "60", "h", "s", "design", "b"),
    ProductName("DES-SR", "Senior design", "Senior design work by the hour", "150", "80", "h", "s", "design", "b"),
    ProductName("DEV-HR", "Web development", "Development by the hour", "130", "70", "h", "s", "web", "b", "Web Development"),
    ProductName("DEV-SR", "Senior development", "Senior development by the hour", "170", "90", "h", "s", "web", "b"),
    ProductName("COP-HR", "Copywriting", "Copywriting by the hour", "90", "50", "h", "s", "content", "b", "Copy writing"),
    ProductName("STR-DAY", "Strategy day", "One day of strategy with two consultants", "1800", "900", "d", "s", "consulting", "b"),
    ProductName("BRD-PKG", "Brand package", "Name, mark, type and colour", "6400", "3200", "pcs", "s", "design", "b"),
    ProductName("WEB-BAS", "Website, basic", "Up to eight pages on a template", "4200", "2300", "pcs", "s", "web", "b", "Website - basic"),
    ProductName("HST-MON", "Hosting, monthly", "Managed hosting for one month", "40", "20", "month", "s", "web", "b"),
    ProductName("SEO-MON", "Search optimisation", "Monthly care", "620", "300", "month", "s", "content", "b", "Search optimization"),
    ProductName("PRT-A4", "Print A4", "A4 four-colour print, per 100", "30", "10", "pack", "g", "goods", "b"),
    ProductName("PRT-CARD", "Business cards", "Box of 250", "70", "30", "box", "g", "goods", "b"),
    ProductName("BNR-XL", "Exhibition banner", "Roll-up banner 85 x 200 cm", "160", "80", "pcs", "g", "goods", "b"),
    ProductName("USB-8", "Branded USB stick", "8 GB, one-colour print", "10", "5", "pcs", "g", "goods", "b"),
    ProductName("PHO-DAY", "Photo day", "Photographer with equipment", "1200", "800", "d", "s", "content", "b"),
    ProductName("PM-HR", "Project management", "Project management by the hour", "100", "55", "h", "s", "consulting", "b"),
    ProductName("UX-TEST", "Usability test", "Five participants with report", "2850", "1400", "pcs", "s", "consulting", "s"),
    ProductName("ILL-01", "Illustration", "One illustration, web and print use", "345.50", "180", "pcs", "s", "design", "s"),
    ProductName("ICO-SET", "Icon set", "Twenty icons", "980", "450", "set", "s", "design", "s"),
    ProductName("VID-MIN", "Video editing", "Per finished minute", "212.75", "95", "min", "s", "content", "s"),
    ProductName("ANI-SEC", "Animation", "Per finished second", "48.33", "20", "s", "s", "content", "s"),
    ProductName("VOI-01", "Voice recording", "Up to one studio hour", "275", "160", "pcs", "s", "content", "s"),
    ProductName("TRN-WRD", "Translation", "Per word", "0.145", "0.09", "word", "s", "content", "s"),
    ProductName("NEW-MON", "Newsletter", "Four issues a month", "540", "240", "month", "s", "content", "s"),
    ProductName("SOC-MON", "Social media care", "Two channels, monthly", "870", "400", "month", "s", "content", "s"),
    ProductName("ACC-AUD", "Accessibility audit", "WCAG 2.2 AA, with report", "3150", "1500", "pcs", "s", "consulting", "s"),
    ProductName("ANL-SET", "Analytics set-up", "Consent, tags and dashboard", "1150", "500", "pcs", "s", "web", "s"),
    ProductName("SUP-HR", "Support", "Support by the quarter hour", "24.99", "12", "q", "s", "web", "s"),
    ProductName("DOM-YR", "Domain, yearly", "Registration and renewal", "19.95", "11.40", "year", "s", "web", "s"),
    ProductName("PKG-DES", "Packaging design", "One product, three variants", "2760", "1300", "pcs", "s", "design", "s"),
    ProductName("WRK-HLF", "Workshop, half day", "Up to twelve people", "950", "400", "pcs", "s", "consulting", "s"),
    ProductName("TSH-01", "Printed T-shirt", "Organic cotton", "18.90", "8.20", "pcs", "g", "goods", "s"),
    ProductName("PST-A1", "Poster A1", "200 g matte", "23.45", "9.10", "pcs", "g", "goods", "s"),
    ProductName("OLD-FAX", "Fax broadcast", "No longer offered", "75", "30", "pcs", "s", "content", "s"),
    ProductName("ADM-FEE", "Late payment fee", "Flat fee", "40", "0", "pcs", "s", "other", "q"),
    ProductName("TRV-KM", "Travel", "Travel expenses passed on", "1", "1", "pcs", "s", "other", "q"),
    ProductName("CRS-01", "Public course", "A seat in a public course", "290", "120", "pcs", "s", "consulting", "q"),
    ProductName("BKS-01", "Style guide book", "Printed style guide, own edition", "35", "14", "pcs", "g", "goods", "q"),
    ProductName("RNT-DAY", "Studio rental", "Photo studio for a day", "380", "100", "d", "s", "other", "q"),
    ProductName("DON-01", "Pro bono", "Work given for free", "0", "0", "h", "s", "other", "q"),
)  # fmt: skip

PROJECTS = (
    ("Cascade spring campaign", "Cascade Outdoor Supply Co.", "inprogress", "b"),
    ("Grüner Faden rebrand", "Grüner Faden GmbH", "inprogress", "b"),
    ("Eastbank website", "Eastbank Architects LLP", "inprogress", "b"),
    ("Kestrel launch", "Kestrel Robotics", "completed", "b"),
    ("Juniper Lane booking site", "Juniper Lane Hotels", "inprogress", "q"),
    ("Halcyon app", "Halcyon Yoga", "pending", "q"),
    ("Ironwood annual report", "Ironwood Law", "completed", "q"),
    ("Bluestone signage", "Bluestone Dental Group", "inprogress", "q"),
    ("Tidewater intranet", "Tidewater Credit Union", "inprogress", "s"),
    ("Westmere prospectus", "Westmere College", "completed", "s"),
    ("Zephyr catalogue", "Zephyr Cycles", "future", "s"),
    ("Vantage Point listings", "Vantage Point Realty", "inprogress", "s"),
)

CLASSES = (
    ("Design", "b"),
    ("Web", "b"),
    ("Content", "b"),
    ("Consulting", "q"),
    ("Overhead", "q"),
    ("Events", "q"),
)

COSTS = (
    ("Printing of brochures", "printing"),
    ("Server rent", "hosting"),
    ("Photo shoot", "subcontractors"),
    ("Translation of the website", "subcontractors"),
    ("Paper and envelopes", "office"),
    ("Studio hire", "rent"),
    ("Courier", "travel"),
    ("Font licences", "software"),
    ("Cleaning", "office"),
    ("Film crew, one day", "subcontractors"),
)
