"""The guards against the failures F1–F32 that others had: what is taken out, and the test that tells of the same failure.

See ``guards``, which has those of the rules.
"""

from __future__ import annotations

from tests.proofs.planted import Mutation

SERVICES, CORE, MAPPING, QUICKBOOKS = "engine/services", "engine/core", "engine/mapping", "engine/connectors/quickbooks"


def _failure(number: int, test: str, file: str, old: str, new: str) -> Mutation:
    name = test.rpartition("::")[2].partition("[")[0].removeprefix("test_").replace("_", " ")
    return Mutation(f"F{number}: {name}", file, old, new, f"tests/{test}")


def _scenario(number: int, scenario: str, test: str, file: str, old: str, new: str) -> Mutation:
    return _failure(number, f"scenarios/test_f{number:02}_{scenario}.py::test_{test}", file, old, new)


FAILURES: tuple[Mutation, ...] = (
    _scenario(
        1, "first_sync_duplicates_nothing", "what_both_sides_have_is_not_created_again", f"{CORE}/decide.py",
        "if guards.candidates:\n            return AwaitMatch(Reason.MATCH_SUGGESTED)\n        if guards.unsettled",
        "if guards.unsettled",
    ),
    _scenario(
        2, "in_step_means_it_arrived", "receipt_holds_what_the_remote_says_and_not_what_was_meant",
        f"{SERVICES}/receipts.py", "return read_back(context, directory, claimed, binding, record)",
        "return Picture(dict(claimed.meant), {}, dict(binding.line_ids), binding.extras)",
    ),
    _scenario(
        3, "why_it_did_not_go", "every_record_of_both_systems_is_counted_once", f"{CORE}/decide.py",
        "return Disposition.EXCLUDED, reason", "return Disposition.EXCLUDED, Reason.NONE",
    ),
    _scenario(
        4, "newest_wins_keeps_the_loser", "edits_of_nearly_the_same_moment_ask", f"{CORE}/rules.py",
        "if last - second > SKEW else None", "if last >= second else None",
    ),
    _scenario(
        5, "conflict_is_resolved", "choice_of_a_person_reaches_both_sides_and_stays", f"{CORE}/rules.py",
        " if not _is_chosen(path, choices)}", "}",
    ),
    _scenario(
        6, "form_is_no_conflict", "other_spelling_of_the_same_values_changes_nothing", f"{MAPPING}/normal.py",
        'return one_line(text).lower().replace(";", ",")', 'return one_line(text).replace(";", ",")',
    ),
    _scenario(
        6, "form_is_no_conflict", "equal_edits_of_both_sides_agree", f"{CORE}/observe.py",
        "if len({side.value for side in contest.sides.values()}) == 1:", "if False:",
    ),
    _scenario(
        7, "own_writes_do_not_come_back", "revision_that_moves_without_an_edit_is_silence",
        f"{SERVICES}/observing/edits.py", "if fingerprint(state) == known or (gone and", "if (gone and",
    ),
    _scenario(
        8, "deletions_neither_spread_nor_return", "many_deletions_at_once_halt_the_run", f"{CORE}/safety.py",
        "if count < limits.floor or count <= share * figures.bound:", "if count >= 0:",
    ),
    _scenario(
        9, "merged_on_the_other_side", "record_that_stayed_is_proposed", f"{SERVICES}/matching.py",
        "found = _pairs(session, context) | survivors(session, context)", "found = _pairs(session, context)",
    ),
    _scenario(
        10, "token_that_rotates", "connection_outlives_every_token", "app/tokens.py",
        "connection.quickbooks_secret = self._vault.seal(tokens_to_text(tokens))", "pass",
    ),
    _failure(
        10, "contract/test_quickbooks_oauth.py::test_threads_that_find_the_token_rejected_refresh_it_once",
        f"{QUICKBOOKS}/oauth.py", "return self._app.refresh(tokens) if tokens.access_token == rejected else tokens",
        "return self._app.refresh(tokens)",
    ),
    _scenario(
        11, "payment_moves_the_token", "token_raised_between_decision_and_write_holds_nothing_up",
        f"{SERVICES}/receipts.py", "applied.reread.append((claimed.request.type, claimed.request.id))", "pass",
    ),
    _scenario(
        12, "deleted_record_is_made_anew", "what_a_person_keeps_is_made_again_and_not_replayed",
        f"{SERVICES}/claiming.py", 'key=f"{row.id}-{row.generation}"', 'key=f"{row.object_id}-{row.generation}"',
    ),
    _scenario(
        13, "crash_after_a_create", "lost_answer_of_scoro_ends_with_one_record", f"{SERVICES}/recovering.py",
        '[record for record in connector.find(row.payload["type"], find_key(row)) if could_be(row, record)]', "[]",
    ),
    _scenario(
        14, "totals_that_differ_by_a_cent", "difference_is_shown_with_both_figures_and_not_sent_again",
        f"{SERVICES}/deciding.py", "variance=thing.kind in DOCUMENTS and variance_of(row, bindings) is not None,",
        "variance=False,",
    ),
    _scenario(
        15, "document_numbers_collide", "taken_number_is_named_and_a_free_one_goes_through", f"{MAPPING}/document.py",
        'if "number" in state:', "if False:",
    ),
    _failure(
        16, "scenarios/test_r13_currency_of_a_contact.py::test_later_change_is_shown_and_never_sent",
        f"{SERVICES}/locks.py",
        'return [Lock(Reason.CURRENCY_FIXED, frozenset({"currency"}))] if thing.kind is Kind.CONTACT else []', "return []",
    ),
    _scenario(
        17, "changed_filter_deletes_nothing", "what_leaves_the_filter_stays_where_it_is", f"{SERVICES}/scope.py",
        "if EXISTS in thing.fields and not in_scope(category, thing.fields, bindings):", "if False:",
    ),
    _scenario(
        18, "flip_stops_what_is_on_its_way", "deletion_decided_before_the_flip_is_not_carried_out_after_it",
        f"{SERVICES}/claiming.py", "if category.epoch != row.epoch or not _is_due(row, thing):", "if False:",
    ),
    _scenario(
        19, "one_bad_row", "bad_row_waits_alone_and_is_not_repeated", f"{SERVICES}/locks.py",
        'return [Lock(Reason(refused["reason"]), creates=True)] if refused else []', "return []",
    ),
    _scenario(
        20, "two_quick_edits", "echo_of_the_first_that_comes_after_the_second", f"{SERVICES}/observing/pictures.py",
        "return int(record.revision) < int(row.revision)", "return False",
    ),
    _scenario(
        20, "two_quick_edits", "second_edit_before_the_first_ones_echo", f"{CORE}/observe.py",
        "path in doubt and doubt[path] == state.get(path)", "False",
    ),
    _scenario(
        21, "second_company", "each_connection_keeps_to_its_own_company", "engine/store/pages.py",
        "col(Binding.connection_id) == connection_id, col(Binding.system) == system,", "col(Binding.system) == system,",
    ),
    _scenario(
        22, "pace_without_its_store", "without_redis_requests_go_on_at_a_safe_pace", "app/pacing.py",
        "            self._local.acquire(key)", "            raise",
    ),
    _failure(
        23, "contract/test_quickbooks_faults.py::test_a_fault_is_parsed_before_it_is_cut", f"{QUICKBOOKS}/faults.py",
        "return faults_of(answer.json)", "return faults_of(answer.json if len(answer.body) < 2_000 else None)",
    ),
    _failure(
        24, "web/test_problems.py::test_vendors_request_id_is_at_hand_and_its_answer_is_for_reviewers",
        "templates/problems/_behind.html", "{% if problem.detail and person.may('reviewer') %}", "{% if problem.detail %}",
    ),
    _failure(
        25, "contract/test_quickbooks.py::test_a_list_around_a_full_page_is_whole", f"{QUICKBOOKS}/reading.py",
        "while len(page.rows) >= query.PAGE and", "while len(page.rows) > query.PAGE and",
    ),
    _scenario(
        26, "page_that_fails", "second_page_that_fails_loses_nobody", "engine/connectors/scoro/changes.py",
        "yield ChangePage(tuple(self._records(module, rows, deleted=cursor is not None)))",
        "yield ChangePage(\n"
        "                tuple(self._records(module, rows, deleted=cursor is not None)),\n"
        "                Checkpoint(module.name, Cursor(now, now).text()),\n"
        "            )",
    ),
    _scenario(
        27, "worker_died", "run_of_a_dead_worker_is_carried_on_by_another", f"{SERVICES}/sync.py",
        "quiet = or_(col(Run.beat_at).is_(None), col(Run.beat_at) < now - leases.LENGTH)",
        "quiet = col(Run.beat_at).is_(None)",
    ),
    _scenario(
        28, "credit_is_no_receipt", "payment_of_nothing_is_no_receipt_and_money_is", f"{MAPPING}/receipt.py",
        'return bool(as_number(data.get("TotalAmt"), "TotalAmt")) or _is_void(data)', "return True",
    ),
    _scenario(
        29, "balance_moves_the_customer", "invoice_and_payment_leave_the_contact_in_peace",
        f"{SERVICES}/observing/edits.py", "if fingerprint(state) == known or (gone and", "if (gone and",
    ),
    _scenario(
        30, "colon_in_a_name", "colon_is_replaced_visibly_and_does_not_come_back", f"{MAPPING}/parts.py",
        '_FORBIDDEN.sub(lambda found: _STAND_INS.get(found.group(), " - "), name)', "name",
    ),
    _scenario(
        31, "one_line_edited", "other_lines_keep_their_ids_and_what_is_not_ours", f"{MAPPING}/quickbooks_lines.py",
        'line: dict[str, Any] = {"Id": id} if id else {}', "line: dict[str, Any] = {}",
    ),
    _scenario(
        32, "date_of_an_edited_document", "edit_of_a_text_leaves_the_date", f"{QUICKBOOKS}/batch.py",
        'return {"sparse": True, **request.body, **fence}',
        'return {**request.body, **fence, "sparse": False}',
    ),
)  # fmt: skip
