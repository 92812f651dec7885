"""Why an object is where it is: each reason with its sentence and its way out, for every screen and every export."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Disposition(StrEnum):
    """The one state an object is in right now."""

    IN_STEP = "in_step"
    PENDING = "pending"
    HELD = "held"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    EXCLUDED = "excluded"
    AWAITING_MATCH = "awaiting_match"
    FAILED = "failed"
    VARIANCE = "variance"
    DELETED_THERE = "deleted_there"
    PARKED = "parked"


class Reason(StrEnum):
    """The cause of a disposition."""

    NONE = ""
    AGREED = "agreed"
    GONE_EVERYWHERE = "gone_everywhere"
    TO_CREATE = "to_create"
    TO_UPDATE = "to_update"
    TO_DELETE = "to_delete"
    TO_VOID = "to_void"
    AGAINST_DIRECTION = "against_direction"
    ONLY_ON_OTHER_SIDE = "only_on_other_side"
    SAME_FIELD_EDITED = "same_field_edited"
    EDITED_AND_DELETED = "edited_and_deleted"
    LINES_DO_NOT_BALANCE = "lines_do_not_balance"
    CATEGORY_OFF = "category_off"
    NOT_CLIENT_NOR_SUPPLIER = "not_client_nor_supplier"
    BEFORE_START_DATE = "before_start_date"
    NOT_IN_BOOKMARK = "not_in_bookmark"
    BOOKMARK_UNREADABLE = "bookmark_unreadable"
    NOT_WRITTEN_BY_CONCORD = "not_written_by_concord"
    DELETION_NOT_FOLLOWED = "deletion_not_followed"
    MATCH_UNSETTLED = "match_unsettled"
    MATCH_SUGGESTED = "match_suggested"
    DELETED_AT_SOURCE = "deleted_at_source"
    VOIDED_AT_SOURCE = "voided_at_source"
    DELETED_ON_OTHER_SIDE = "deleted_on_other_side"
    DELETED_BUT_PAID = "deleted_but_paid"
    MERGED_THERE = "merged_there"
    OLD_TAX_RATE = "old_tax_rate"
    CURRENCY_FIXED = "currency_fixed"
    PAYMENT_ATTACHED = "payment_attached"
    DEPOSITED = "deposited"
    PROCESSED_ELSEWHERE = "processed_elsewhere"
    PERIOD_LOCKED = "period_locked"
    CLASS_TRACKING_OFF = "class_tracking_off"
    CANNOT_CREATE_THERE = "cannot_create_there"
    DEPENDENCY_WAITS = "dependency_waits"
    CANNOT_MAP = "cannot_map"
    DUPLICATE_THERE = "duplicate_there"
    REMOTE_REFUSED = "remote_refused"
    REMOTE_UNREACHABLE = "remote_unreachable"
    WRITE_UNCERTAIN = "write_uncertain"
    TOTALS_DIFFER = "totals_differ"
    PARKED_BY_PERSON = "parked_by_person"


class Words(NamedTuple):
    """What a screen says: one sentence, one way out ("" when nothing needs doing)."""

    sentence: str
    way_out: str


WORDS: Mapping[Reason, Words] = {
    Reason.NONE: Words("No decision has been made yet.", "It is made at the next run."),
    Reason.AGREED: Words("Both systems say the same.", ""),
    Reason.GONE_EVERYWHERE: Words("It was deleted in both systems.", ""),
    Reason.TO_CREATE: Words(
        "It exists at the source only and will be created on the other side.", "It goes with the next run."
    ),
    Reason.TO_UPDATE: Words("It was edited at the source; the edit is on its way.", "It goes with the next run."),
    Reason.TO_DELETE: Words("It was deleted at the source; the deletion is on its way.", "It goes with the next run."),
    Reason.TO_VOID: Words("It was voided at the source; the void is on its way.", "It goes with the next run."),
    Reason.AGAINST_DIRECTION: Words(
        "It was edited on the side that is not the source, so the edit is kept there and not sent.",
        "Send this one by hand, or flip the direction of the category.",
    ),
    Reason.ONLY_ON_OTHER_SIDE: Words(
        "It exists only on the side that is not the source.",
        "Send this one by hand, link it to an existing record, or flip the direction of the category.",
    ),
    Reason.SAME_FIELD_EDITED: Words(
        "The same field was edited on both sides, and neither edit knew of the other.",
        "Review the conflict and choose.",
    ),
    Reason.EDITED_AND_DELETED: Words(
        "One side deleted or voided what the other side edited, and neither knew of the other.",
        "Review the conflict and choose.",
    ),
    Reason.LINES_DO_NOT_BALANCE: Words(
        "Edits of both sides cannot be joined: the amounts would not add up.", "Review the conflict and choose."
    ),
    Reason.CATEGORY_OFF: Words(
        "Its category is switched off.", "Switch the category on in Settings, or send this one by hand."
    ),
    Reason.NOT_CLIENT_NOR_SUPPLIER: Words(
        "The contact is neither on the clients list nor on the suppliers list.",
        "Put it on one of these lists in Scoro.",
    ),
    Reason.BEFORE_START_DATE: Words(
        "It was created and last changed before the start date of its category.",
        "Send it by hand, or run a historical import for its period.",
    ),
    Reason.NOT_IN_BOOKMARK: Words(
        "It is not in the bookmark or filter of its category.",
        "Change it so that the filter includes it, or send it by hand.",
    ),
    Reason.BOOKMARK_UNREADABLE: Words(
        "The bookmark that limits its category cannot be read in Scoro, so nothing of the category is sent.",
        "Choose another bookmark in Settings, or enter the token of a Scoro user; it goes by itself afterwards.",
    ),
    Reason.NOT_WRITTEN_BY_CONCORD: Words("QuickBooks owns this; Concord reads it only.", "Change it in QuickBooks."),
    Reason.DELETION_NOT_FOLLOWED: Words(
        "It was deleted on one side, and the category never follows deletions.",
        "Delete it on the other side by hand, if you wish.",
    ),
    Reason.MATCH_UNSETTLED: Words(
        "Existing records of the two systems have not been matched yet, so nothing new is created.",
        "Finish the matching.",
    ),
    Reason.MATCH_SUGGESTED: Words(
        "The other system has a record that may be the same.", "Accept or ignore the suggestion."
    ),
    Reason.DELETED_AT_SOURCE: Words("It was deleted at the source.", "Say whether the deletion shall be followed."),
    Reason.VOIDED_AT_SOURCE: Words("It was voided at the source.", "Say whether the void shall be followed."),
    Reason.DELETED_ON_OTHER_SIDE: Words(
        "It was deleted on the side that is not the source.", "Create it there again, or follow the deletion."
    ),
    Reason.DELETED_BUT_PAID: Words(
        "It was deleted on one side, but has a payment or is closed on the other.",
        "Remove the payment there first, or restore it.",
    ),
    Reason.MERGED_THERE: Words(
        "It was merged into another record.", "Confirm the proposed link to the record that stayed."
    ),
    Reason.OLD_TAX_RATE: Words(
        "A line carries a tax rate that QuickBooks does not have or no longer uses.",
        "Change the tax rate on the document; it goes by itself afterwards.",
    ),
    Reason.CURRENCY_FIXED: Words(
        "The currency of a contact cannot be changed once it is set in QuickBooks.",
        "Make a second contact in the other currency, or change the client profile back.",
    ),
    Reason.PAYMENT_ATTACHED: Words(
        "A payment is attached, so the document can no longer be sent.",
        "Remove the payment first, or make the change on the other side by hand.",
    ),
    Reason.DEPOSITED: Words(
        "The payment is part of a bank deposit in QuickBooks.", "Take it out of the deposit in QuickBooks first."
    ),
    Reason.PROCESSED_ELSEWHERE: Words(
        "The payment was processed by a payment service and cannot be changed.", "Correct it in QuickBooks Payments."
    ),
    Reason.PERIOD_LOCKED: Words(
        "The accounting period of its date is closed in QuickBooks.",
        "Change the date, or open the period in QuickBooks.",
    ),
    Reason.CLASS_TRACKING_OFF: Words(
        "QuickBooks does not track classes per line.",
        "In QuickBooks: Settings, Advanced, Categories, track classes, one to each row.",
    ),
    Reason.CANNOT_CREATE_THERE: Words(
        "The other system does not let programs create this kind of record.",
        "Create it there with the same name; it is linked by itself.",
    ),
    Reason.DEPENDENCY_WAITS: Words(
        "Something it refers to is not on the other side yet.", "Settle that record first; this one follows by itself."
    ),
    Reason.CANNOT_MAP: Words(
        "It cannot be expressed on the other side as it is.",
        "Change what the message names; it goes by itself afterwards.",
    ),
    Reason.DUPLICATE_THERE: Words(
        "The other system already has a record with this name or number.",
        "Link the two, or change the name or number of one.",
    ),
    Reason.REMOTE_REFUSED: Words("The other system refused it.", "Change what the message names, then retry."),
    Reason.REMOTE_UNREACHABLE: Words("The other system did not answer.", "It is tried again by itself."),
    Reason.WRITE_UNCERTAIN: Words(
        "An answer was lost, and more than one record there could be ours.", "Say which record it is by linking it."
    ),
    Reason.TOTALS_DIFFER: Words(
        "Everything was written, but the two systems compute different totals.",
        "Accept the difference or correct it. Cents of tax agree more often where Scoro does not round the tax of each line.",
    ),
    Reason.PARKED_BY_PERSON: Words("A person set it aside.", "Unpark it to let it take part again."),
}
