"""The planted bugs themselves: what is changed, and the test that must notice."""

from __future__ import annotations

from dataclasses import dataclass

CORE = "tests/unit/core"
LAWS = "tests/properties/test_kernel_laws.py"
SEARCH = "tests/proofs/test_kernel.py"
LIGHT = "tests/integration/test_first_light.py"
PATH = "tests/integration/test_write_path.py"
MEETING = "tests/integration/test_concurrency.py"
ISOLATION = "tests/integration/test_isolation.py"
LINKED = "tests/scenarios/test_conflict_of_a_contact_that_is_linked.py"


@dataclass(frozen=True, slots=True)
class Mutation:
    """``old`` stands exactly once in ``file`` and is replaced by ``new``; ``test`` has to fail then."""

    name: str
    file: str
    old: str
    new: str
    test: str


def _core(name: str, module: str, old: str, new: str, test: str) -> Mutation:
    return Mutation(name, f"engine/core/{module}.py", old, new, test)


def _service(name: str, module: str, old: str, new: str, test: str) -> Mutation:
    return Mutation(name, f"engine/services/{module}.py", old, new, test)


MUTATIONS: tuple[Mutation, ...] = (
    # Vectors.
    _core(
        "vector: a dot of another actor counts",
        "vector",
        "self.counters.get(dot.actor, 0) >= dot.counter",
        "max(self.counters.values(), default=0) >= dot.counter",
        f"{LAWS}::test_next_dot_is_strictly_after_everything_known {CORE}/test_observe.py",
    ),
    _core(
        "vector: dominating by one actor is enough",
        "vector",
        "return all(mine.get",
        "return any(mine.get",
        f"{LAWS}::test_vectors_are_partially_ordered",
    ),
    _core(
        "vector: join takes the lesser",
        "vector",
        "max(self[actor], other[actor])",
        "min(self[actor], other[actor])",
        f"{LAWS}::test_join_is_the_least_upper_bound",
    ),
    _core(
        "vector: a number is issued twice",
        "vector",
        "max(self[actor] + 1, seconds)",
        "max(self[actor], seconds)",
        f"{LAWS}::test_next_dot_is_strictly_after_everything_known",
    ),
    _core(
        "vector: the clock is not consulted after a restore",
        "vector",
        "max(self[actor] + 1, seconds)",
        "self[actor] + 1",
        f"{LAWS}::test_restored_backup_never_issues_a_number_twice",
    ),
    # Differences and fingerprints.
    _core(
        "diff: a field that vanished is no edit",
        "diff",
        "paths.update(path for path in before if path not in after)",
        "paths.update(())",
        f"{LAWS}::test_changed_paths_are_what_deepdiff_finds",
    ),
    _core(
        "diff: fields of a new line are edits of their own",
        "diff",
        "(root in before) != (root in after)",
        "(root in before) and (root not in after)",
        f"{LAWS}::test_changed_paths_are_what_deepdiff_finds",
    ),
    _core(
        "fingerprint: the order of fields matters",
        "encoding",
        "option=orjson.OPT_SORT_KEYS",
        "option=None",
        f"{LAWS}::test_fingerprint_does_not_depend_on_order",
    ),
    # Objects.
    _core(
        "objects: a removed line leaves its fields",
        "objects",
        "for child in [candidate for candidate in state if candidate.startswith(prefix)]:",
        "for child in []:",
        f"{LAWS}::test_clearing_a_line_takes_its_fields_and_nothing_else {CORE}/test_observe.py",
    ),
    _core(
        "objects: line fields do not share their line's dot",
        "objects",
        "if root is not None and root in self.dots:",
        "if False:",
        f"{CORE}/test_observe.py::test_new_line_is_lacking_with_all_its_fields",
    ),
    _core(
        "objects: contested fields are written",
        "objects",
        "if path in thing.contests or line_root(path) in thing.contests or not carried(path, fields):",
        "if not carried(path, fields):",
        f"{CORE}/test_observe.py::test_contested_line_waits_with_its_fields",
    ),
    _core(
        "objects: what a replica cannot carry counts as lacking",
        "objects",
        " or not carried(path, fields):",
        ":",
        f"{CORE}/test_decide.py::test_replica_with_fewer_fields_is_in_step_when_it_has_what_it_can_carry",
    ),
    _core(
        "objects: equal values are written again",
        "objects",
        "if value != binding.shadow.get(path):",
        "if True:",
        f"{CORE}/test_decide.py",
    ),
    # Observing.
    _core(
        "observe: concurrent edits are taken",
        "observe",
        "return binding.seen.includes(thing.dot(path)) or",
        "return True or",
        f"{CORE}/test_observe.py",
    ),
    _core(
        "observe: late convergence is forgotten",
        "observe",
        " or binding.shadow.get(path) == thing.fields.get(path)",
        "",
        f"{LAWS}::test_equal_edits_then_one_more_is_no_conflict {CORE}/test_observe.py",
    ),
    _core(
        "observe: equal edits conflict",
        "observe",
        "if len({side.value for side in contest.sides.values()}) == 1:",
        "if False:",
        f"{CORE}/test_observe.py {LAWS}::test_equal_edits_never_conflict",
    ),
    _core(
        "observe: an echo is an edit",
        "observe",
        "path in doubt and doubt[path] == state.get(path)",
        "False",
        f"{CORE}/test_observe.py::test_own_write_whose_answer_was_lost_is_an_echo_and_moves_nothing",
    ),
    _core(
        "observe: an echo says that everything was seen",
        "observe",
        "return Observation(thing, binding.advanced(dict(state), binding.seen), tuple(draft.changes))",
        "return Observation(thing, binding.advanced(dict(state), thing.vector), tuple(draft.changes))",
        f"{CORE}/test_observe.py::test_own_write_whose_answer_was_lost_is_an_echo_and_moves_nothing",
    ),
    _core(
        "observe: a deleted record forgets what it was",
        "observe",
        "return {path: value for path, value in shadow.items() if path != EXISTS}",
        "return {}",
        f"{CORE}/test_observe.py",
    ),
    _core(
        "observe: a removal asks nobody about unseen edits",
        "observe",
        "if _ends(path, value) and _unseen_content(thing, binding, path):",
        "if False:",
        f"{CORE}/test_observe.py",
    ),
    _core(
        "observe: a removal overlooks open contests",
        "observe",
        "or _unseen_side(thing, binding, path)]",
        "]",
        f"{CORE}/test_observe.py",
    ),
    _core(
        "observe: editing a removed record does not contest",
        "observe",
        "return (EXISTS, VOID) if root is None else (EXISTS, VOID, root)",
        "return () if root is None else (root,)",
        f"{CORE}/test_observe.py",
    ),
    _core(
        "observe: a line that comes back is laid over the other side's",
        "observe",
        "if mine != theirs:",
        "if False:",
        f"{CORE}/test_observe.py::test_line_that_comes_back_meets_the_other_sides_line_field_by_field",
    ),
    _core(
        "observe: the log forgets the fields of a line",
        "observe",
        "for known in sorted(inside):",
        "for known in ():",
        f"{CORE}/test_observe.py::test_line_that_came_or_went_is_told_with_all_its_fields",
    ),
    # Rules and policy.
    _core(
        "rules: a resolution does not close its contest",
        "rules",
        "if not _is_chosen(path, choices)}",
        "}",
        f"{CORE}/test_rules.py",
    ),
    _core(
        "rules: a line that is kept is empty",
        "rules",
        "fields |= _content(thing, path, shadows or {})",
        "pass",
        f"{CORE}/test_rules.py::test_line_that_is_kept_comes_back_as_the_side_that_still_has_it_shows_it",
    ),
    _core(
        "rules: old dots cling to a decided line",
        "rules",
        "dots = {known: had for known, had in dots.items() if line_root(known) != path}",
        "pass",
        f"{CORE}/test_observe.py",
    ),
    _core(
        "rules: newest wins within the skew of clocks",
        "rules",
        "if last - second > SKEW else None",
        "if last >= second else None",
        f"{CORE}/test_rules.py",
    ),
    _core(
        "rules: a rule overrules a person", "rules", "if HUB in contest.sides:", "if False:", f"{CORE}/test_rules.py"
    ),
    _core(
        "rules: removals are settled by rule",
        "rules",
        "if path not in {EXISTS, VOID} and not is_line(path)",
        "if True",
        f"{CORE}/test_rules.py::test_removals_and_lines_always_ask",
    ),
    _core(
        "policy: both sides propagate",
        "policy",
        "return actor == HUB or Replica(actor).system is self.source",
        "return True",
        f"{CORE}/test_decide.py",
    ),
    _core(
        "policy: a person's decision does not propagate",
        "policy",
        "return actor == HUB or",
        "return actor != HUB and",
        f"{CORE}/test_decide.py",
    ),
    # Deciding.
    _core(
        "decide: an object with a conflict is half-written",
        "decide",
        "if thing.contests:",
        "if False:",
        f"{CORE}/test_decide.py",
    ),
    _core(
        "decide: parked objects take part",
        "decide",
        "if guards.parked and guards.explicit is None:",
        "if False:",
        f"{CORE}/test_decide.py",
    ),
    _core("decide: a paid document is deleted", "decide", "if guards.paid:", "if False:", f"{CORE}/test_decide.py"),
    _core(
        "decide: held edits count as caught up",
        "decide",
        "return VersionVector({actor: n for actor, n in thing.vector.counters.items() if policy.propagates(actor)})",
        "return thing.vector",
        f"{CORE}/test_decide.py::test_reached_vector_leaves_out_what_is_held",
    ),
    _core(
        "decide: candidates are created again",
        "decide",
        "if guards.candidates:\n            return AwaitMatch(Reason.MATCH_SUGGESTED)\n        if guards.unsettled",
        "if guards.unsettled",
        f"{CORE}/test_decide.py",
    ),
    _core(
        "decide: sending by hand makes what may be there already",
        "decide",
        "if any(isinstance(write, Create) for write in writes):",
        "if any(isinstance(write, Create) for write in writes) and guards.explicit is None:",
        f"{CORE}/test_decide.py",
    ),
    _core("decide: held edits are not listed", "decide", "    if held:\n", "    if False:\n", f"{CORE}/test_decide.py"),
    _core("decide: locks are ignored", "decide", "if lock.stops(write):", "if False:", f"{CORE}/test_decide.py"),
    _core(
        "decide: sending by hand deletes on the wrong side",
        "decide",
        "if guards.explicit in (None, replica.system))",
        "if True)",
        f"{CORE}/test_decide.py",
    ),
    _core(
        "decide: a new record gets edits held elsewhere",
        "decide",
        "if guards.explicit is not None or not said:",
        "if True:",
        f"{CORE}/test_decide.py::test_new_replica_gets_the_sources_word_and_not_a_held_edit",
    ),
    _core("decide: a void is an update", "decide", "if not values.get(VOID):", "if True:", f"{CORE}/test_decide.py"),
    _core(
        "decide: an edit before a void is left out",
        "decide",
        "Update(replica, others) if others else Void(replica)",
        "Void(replica)",
        f"{CORE}/test_decide.py",
    ),
    _core(
        "decide: an edit before a void has brought the void",
        "decide",
        "return _before(reached, thing.dot(VOID))",
        "return reached",
        f"{CORE}/test_decide.py::test_void_is_made_after_the_edit_that_came_before_it",
    ),
    # Brakes.
    _core(
        "brakes: the floor halts nothing",
        "safety",
        "count < limits.floor",
        "count <= limits.floor",
        f"{CORE}/test_safety.py",
    ),
    _core(
        "brakes: the share halts at the limit",
        "safety",
        "count <= share * figures.bound",
        "count < share * figures.bound",
        f"{CORE}/test_safety.py",
    ),
    _core(
        "brakes: any amount may be written",
        "safety",
        "if limit is None or total <= limit:",
        "if True:",
        f"{CORE}/test_safety.py",
    ),
    # Money.
    _core(
        "money: amounts are not rounded to the cent",
        "money",
        "return money(percent_off(times(quantity, unit_price), discount), currency)",
        "return percent_off(times(quantity, unit_price), discount)",
        "tests/unit/test_money.py",
    ),
    _core(
        "money: a discount is an addition",
        "money",
        "(HUNDRED - percent) / HUNDRED",
        "(HUNDRED + percent) / HUNDRED",
        "tests/unit/test_money.py",
    ),
    _core(
        "money: every currency has cents",
        "money",
        "ONE.scaleb(-minor_digits(currency))",
        "ONE.scaleb(-2)",
        "tests/unit/test_money.py",
    ),
    # Mapping.
    Mutation(
        "mapping: entities stay escaped",
        "engine/mapping/normal.py",
        "html.unescape(found.group())",
        "found.group()",
        "tests/properties/test_mapping_forms.py::test_spaces_and_entities_read_the_same",
    ),
    Mutation(
        "mapping: the case of an address matters",
        "engine/mapping/normal.py",
        'return one_line(text).lower().replace(";", ",")',
        'return one_line(text).replace(";", ",")',
        "tests/unit/mapping/test_contact.py tests/properties/test_mapping_forms.py",
    ),
    # Outbox, lease, epoch, checkpoint, echo, matching.
    _service(
        "epoch: a write of an older direction is sent",
        "claiming",
        "if category.epoch != row.epoch or not _is_due(row, thing):",
        "if False:",
        f"{PATH}::test_write_of_an_older_direction_is_never_sent",
    ),
    _service(
        "claim: a write of an outdated decision is sent",
        "claiming",
        "if thing.version != row.object_version or",
        "if",
        f"{PATH}::test_write_decided_on_an_older_object_is_never_sent",
    ),
    _service(
        "claim: a vendor never follows its customer",
        "claiming",
        " or any(shadow.get(path) == value for shadow in siblings)",
        "",
        f"{PATH}::test_edit_of_a_customer_reaches_its_vendor_when_quickbooks_is_the_source",
    ),
    _service(
        "lease: a worker that was overtaken goes on",
        "lease",
        "return connection.lease_token == self.token",
        "return True",
        f"{PATH}::test_worker_that_was_overtaken_may_not_write",
    ),
    _service(
        "lease: two workers at once",
        "lease",
        "connection.lease_until > now",
        "connection.lease_until < now",
        f"{PATH}::test_second_worker_has_to_wait",
    ),
    _service(
        "echo: our own write is an edit",
        "receipts",
        "reached = before.seen.join(VersionVector(row.target_vector))",
        "reached = before.seen",
        f"{PATH}::test_receipt_says_that_the_replica_has_caught_up",
    ),
    _service(
        "recover: an edit made after a lost answer is its receipt",
        "recovering",
        "if edited_since(binding, row.target_vector):",
        "if False:",
        f"{PATH}::test_edit_that_looks_like_a_lost_write_is_no_receipt_once_something_else_was_seen",
    ),
    _service(
        "recover: a field cleared after a lost write is its receipt",
        "recognising",
        "    if binding is None:\n        return _could_hold(state, values)",
        "    if True:\n        return _could_hold(state, values)",
        f"{PATH}::test_field_that_was_cleared_after_a_lost_write_arrived_is_an_edit",
    ),
    _service(
        "receipts: a number that the remote gave by itself is somebody's edit",
        "receipts",
        'own = "number" in row.values and not _is_number_told(claimed, row)',
        "own = False",
        "tests/scenarios/test_number_of_its_own.py"
        "::test_number_of_an_invoice_that_was_paid_before_its_receipt_is_nobodys_edit[sqlite]",
    ),
    _service(
        "recover: a receipt of another invoice is taken for the one that was lost",
        "recognising",
        "return not unknown and all(",
        "return all(",
        "tests/scenarios/test_receipts_that_look_alike.py::test_answers_to_both_were_lost[sqlite]",
    ),
    _service(
        "observe: what a newer mapping reads is somebody's edit",
        "observing/edits",
        "if binding.mapping_version != MAPPINGS[Kind(row.kind)].version:",
        "if False:",
        "tests/integration/test_mapping_upgrade.py"
        "::test_thousand_bindings_are_read_anew_and_nothing_is_written[sqlite]",
    ),
    _service(
        "observe: late pictures are taken for new ones",
        "observing/pictures",
        "return int(record.revision) < int(row.revision)",
        "return False",
        f"{PATH}::test_late_picture_is_dropped",
    ),
    _core(
        "decide: what is brought back against the direction is made elsewhere too",
        "decide",
        "elif EXISTS in values:",
        "else:",
        "tests/proofs/test_kernel.py::test_history_that_failed_once_holds[existence_three_replicas]",
    ),
    _core(
        "observe: an edit of what a write in doubt made again does not stop its deletion",
        "observe",
        "container in binding.shadow or container in draft.echoed, ",
        "container in binding.shadow, ",
        "tests/proofs/test_kernel.py::test_history_that_failed_once_holds[existence_two_replicas]",
    ),
    _core(
        "decide: a deletion says that its content was sent",
        "decide",
        "return EMPTY",
        "pass",
        f"{PATH}::test_followed_deletion_does_not_say_that_content_was_sent",
    ),
    _service(
        "checkpoint: it never moves",
        "feeds",
        "_store_cursor(job, system, page.checkpoint.stream, page.checkpoint.cursor)",
        "pass",
        f"{LIGHT}::test_idle_run_costs_one_request_to_quickbooks_and_one_per_kind_to_scoro",
    ),
    _service(
        "matching: equal values are shown as differing",
        "linking",
        "if kept[path] != other[path]}",
        "}",
        f"{PATH}::test_only_what_differs_is_shown_when_two_are_linked",
    ),
    # Two at once.
    _service(
        "flight: a worker that slept sends what others gave up on",
        "applying",
        "return lambda: job.deps.clock.now() < end",
        "return lambda: True",
        f"{MEETING}::test_worker_that_wakes_after_its_lease_sends_nothing_more_to_scoro[sqlite]",
    ),
    Mutation(
        "flight: nobody asks whether a write may still leave",
        "engine/connectors/flight.py",
        "if halt.is_set() or not all(request.may_leave() for request in shipment.requests):",
        "if halt.is_set():",
        f"{MEETING}::test_worker_that_wakes_after_its_lease_sends_nothing_more_to_scoro[sqlite]",
    ),
    _service(
        "recover: what two look for is sent again by both",
        "recovering",
        " and current.claimed_until == row.claimed_until else None",
        " else None",
        f"{MEETING}::test_lost_create_that_two_look_for_is_sent_again_by_one[sqlite]",
    ),
    _service(
        "recover: what somebody found is sent again",
        "recovering",
        'current.state == "sent" and current.claimed_until',
        "current.claimed_until",
        f"{MEETING}::test_lost_create_that_somebody_found_is_not_sent_again[sqlite]",
    ),
    _service(
        "receipts: a late answer is a second receipt",
        "receipts",
        'if row.state != "sent":\n                continue',
        "if False:\n                continue",
        f"{MEETING}::test_worker_that_wakes_after_its_lease_sends_nothing_more_to_scoro[sqlite]",
    ),
    _service(
        "lease: it is not looked at when a write is claimed",
        "applying",
        "batches=connector.replays_writes, lease=job.lease, only=only,",
        "batches=connector.replays_writes, lease=None, only=only,",
        f"{PATH}::test_worker_that_was_overtaken_may_not_write",
    ),
    _service(
        "planning: an object on its way is queued again",
        "planning",
        "if _slot(write) not in busy]",
        "]",
        f"{MEETING}::test_push_of_what_a_run_is_writing_is_refused_in_a_sentence[sqlite]",
    ),
    Mutation(
        "isolation: the connection's row is read without its lock",
        "engine/store/log.py",
        ".where(Connection.id == connection_id).with_for_update()",
        ".where(Connection.id == connection_id)",
        f"{ISOLATION}::test_lease_that_two_workers_ask_for_goes_to_one",
    ),
    _service(
        "recover: a name that is taken makes another record of it",
        "adopting",
        "len(equal) == 1 and claimed.request.operation is Operation.CREATE:",
        "len(equal) == 1:",
        f"{PATH}::test_contact_that_takes_the_name_of_another_customer_does_not_become_it",
    ),
    _service(
        "isolation: a conflict is resolved as it was before the wait",
        "resolve",
        "session.refresh(row)\n        thing = causal_object(row)",
        "thing = causal_object(row)",
        f"{ISOLATION}::test_conflict_that_two_people_resolve_has_one_winner",
    ),
    _service(
        "isolation: a direction is turned twice",
        "directions",
        "if row.epoch != epoch:",
        "if False:",
        f"{ISOLATION}::test_direction_that_two_people_turn_is_turned_once",
    ),
    Mutation(
        "isolation: a token is refreshed without the lock",
        "app/tokens.py",
        "connection = log.lock(session, self._connection_id)",
        "connection = session.get_one(Connection, self._connection_id)",
        f"{ISOLATION}::test_token_that_two_jobs_find_expired_is_refreshed_once",
    ),
    Mutation(
        "isolation: whoever waited for a token refreshes again",
        "engine/connectors/quickbooks/oauth.py",
        "return self._app.refresh(tokens) if tokens.access_token == rejected else tokens",
        "return self._app.refresh(tokens)",
        f"{ISOLATION}::test_token_that_two_jobs_find_expired_is_refreshed_once",
    ),
    _service(
        "claiming: what a person keeps is not made again",
        "claiming",
        " or _by_person(thing, EXISTS)",
        "",
        "tests/scenarios/test_keep_what_was_deleted.py",
    ),
    _service(
        "push: nobody looks whether the other side has it",
        "push",
        "_look_for_the_same(job, object_id)",
        "pass",
        "tests/scenarios/test_r27_one_object_by_hand.py",
    ),
    Mutation(
        "mapping: QuickBooks computes the tax that Scoro has computed",
        "engine/mapping/told_tax.py",
        "    return [_line(rate, share) for rate, share in found.items() if rate]",
        "    return []",
        "tests/scenarios/test_tax_to_the_cent.py::test_invoice_has_the_tax_of_its_lines_in_both",
    ),
    Mutation(
        "mapping: told tax is lost with the next update",
        "engine/mapping/document.py",
        "_tell_tax(started, writing.extras.get(told_tax.EXTRAS, []))",
        "pass",
        "tests/scenarios/test_tax_to_the_cent.py::test_tax_stays_told_when_something_else_changes",
    ),
    Mutation(
        "mapping: a payment is its contact's, whoever the documents belong to",
        "engine/mapping/receipt.py",
        "    return parties.pop()",
        "    return own",
        "tests/scenarios/test_payment_after_a_merge.py",
    ),
    Mutation(
        "mapping: a refund is sent",
        "engine/mapping/receipt.py",
        'if number_of(writing.state.get("amount")) < ZERO:',
        "if False:",
        "tests/scenarios/test_payment_that_is_settled.py::test_refund_is_told_before_it_is_sent",
    ),
    _service(
        "receipts: an overpayment is applied in full",
        "rounding",
        "ZERO < excess <= rounding + overpaid",
        "ZERO < excess <= rounding",
        "tests/scenarios/test_payment_that_is_settled.py::test_overpayment_stays_unapplied_in_quickbooks",
    ),
    _service(
        "receipts: nobody learns of another number",
        "receipts",
        "_numbered_otherwise(claimed, row, outcome.record, picture)]",
        "()]",
        "tests/scenarios/test_number_of_its_own.py::test_scoro_that_lets_no_program_set_numbers",
    ),
    _core(
        "decide: a void asks nobody",
        "decide",
        "return _void_waits(thing, writes, policy, guards) or _unless_locked(tuple(writes), guards)",
        "return _unless_locked(tuple(writes), guards)",
        f"{CORE}/test_decide.py",
    ),
    Mutation(
        "mapping: nothing is edited in a voided document",
        "engine/mapping/document.py",
        "state = _voided_in_scoro(state, reading.previous, shape)",
        "state = {**(reading.previous or state), VOID: True}",
        "tests/unit/mapping/test_sales.py::test_what_somebody_changes_in_a_voided_scoro_document_is_an_edit",
    ),
    Mutation(
        "mapping: the note of a void stays on what lives again",
        "engine/mapping/document.py",
        ' | {"message", "memo"}',
        "",
        "tests/unit/mapping/test_sales.py::test_document_that_lives_again_loses_the_note_of_its_void",
    ),
    _service(
        "receipts: what a record was before it was made again is forgotten",
        "receipts",
        "_remember_former(session, binding)\n",
        "pass\n",
        "tests/scenarios/test_keep_what_was_deleted.py",
    ),
    _service(
        "observing: a line in doubt is another line",
        "observing/meeting",
        "overlay(reading.previous, doubt)",
        "reading.previous",
        "tests/scenarios/test_new_line_in_doubt.py",
    ),
    _service(
        "observing: a stamp that a payment moved is the time of an edit",
        "observing/moments",
        "if moved or record.modified_at is None",
        "if record.modified_at is None",
        "tests/scenarios/test_newest_and_balances.py::test_stamp_that_moved_between_an_edit_and_its_reading",
    ),
    _core(
        "observe: a line's amount is asked for after an edit of it was taken back",
        "observe",
        "        _settle_amount(draft, path)\n",
        "",
        "tests/scenarios/test_amount_of_a_line_edited_on_both_sides.py::test_edit_that_a_person_takes_back",
    ),
    _service(
        "merging: documents that moved a run earlier tell nothing",
        "merging",
        "or_(col(Object.dirty), col(Object.id).in_(_owners_of_dirty(gone)))",
        "col(Object.dirty)",
        "tests/scenarios/test_f09_merged_on_the_other_side.py::test_merge_while_an_edit_is_on_its_way",
    ),
    _service(
        "stopped: what was told of a problem outlives it",
        "stopped",
        " if name not in TOLD_OF or reason in TOLD_OF[name]}",
        "}",
        "tests/scenarios/test_problem_since.py::test_problem_that_is_over_is_told_no_more",
    ),
    _service(
        "resolve: an undone settlement names what was linked since",
        "resolve",
        "return under_todays_names(session, causal_object(row))",
        "return causal_object(row)",
        "tests/scenarios/test_under_one_name.py::test_settlement_that_is_undone_after_its_customers_became_one",
    ),
    _service(
        "linking: a link ends conflicts",
        "linking",
        "{**right.contests, **left.contests}",
        "{}",
        f"{LINKED}::test_vendor_that_joins_while_a_conflict_is_open",
    ),
    _service(
        "linking: what waited before a link is forgotten",
        "linking",
        "left.dots.get(ANY, settled), **waiting}",
        "left.dots.get(ANY, settled)}",
        f"{LINKED}::test_edit_that_waits_while_the_vendor_joins",
    ),
    _core(
        "rules: a merged record's side of a conflict stays",
        "rules",
        "for actor, side in one.sides.items() if actor not in gone}",
        "for actor, side in one.sides.items()}",
        f"{LINKED}::test_customer_that_is_merged_away_while_a_conflict_is_open",
    ),
    _core(
        "rules: what a merged record alone said is the source's word",
        "rules",
        "    if not gone or not living:\n",
        "    if gone or not living:\n",
        f"{LINKED}::test_held_edit_of_a_customer_that_is_merged_away",
    ),
    _service(
        "isolation: writes are claimed without the lock",
        "claiming",
        "directory.follow(check(session, lease, context.id).log_sequence)",
        "pass",
        f"{ISOLATION}::test_write_that_is_claimed_while_the_direction_turns_is_not_sent",
    ),
)
"""Names begin with the part that is broken."""
