"""Records stay as written: in their scope, by version, with every version in the history; on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.desk import decisions, follow_ups, notes, ownership, records, schema, watch_list
from core.desk.decisions import Decision, Recommendation
from core.desk.watch_list import Rule
from core.errors import RefusedError
from tests.desk.conftest import BAKERY, BRANCH, KIM, LEE, SHOP, date_of

STATUS = {"build_id": "b1", "as_of": date(2024, 12, 31), "state": "OK", "tier": 2, "score": 30, "pd_12m": 0.05}
OFFER = Recommendation("b1", date(2024, 12, 31), "L01", 1)


def raises_refusal(code):
    return pytest.raises(RefusedError, check=lambda error: error.code == code)


def test_a_note_comes_back_as_it_was_written_with_author_and_moment(desk):
    text = "사장님과 통화: 'DROP TABLE'; <b>대출</b> 문의\n다음 주 방문 😀"
    notes.write(desk, KIM, SHOP, text)
    (note,) = notes.of_business(desk, KIM, "B001").itertuples()
    assert (note.text, note.by, note.manager_id, note.version) == (text, "M001", "M001", 1)
    assert timedelta(0) <= datetime.now(UTC) - note.at < timedelta(minutes=1)


def test_notes_come_newest_first(desk):
    for text in ("first", "second", "third"):
        notes.write(desk, KIM, SHOP, text)
    assert list(notes.of_business(desk, KIM, "B001")["text"]) == ["third", "second", "first"]


def test_another_manager_reads_and_changes_nothing(desk):
    note_id = notes.write(desk, KIM, SHOP, "mine")
    assert notes.of_business(desk, LEE, "B001").empty
    assert records.history(desk, schema.notes, LEE, note_id).empty
    with raises_refusal("not_yours"):
        notes.edit(desk, LEE, note_id, 1, "theirs")
    with raises_refusal("not_yours"):
        notes.write(desk, LEE, SHOP, "theirs")
    assert list(notes.of_business(desk, KIM, "B001")["text"]) == ["mine"]


def test_a_branch_sees_and_changes_the_books_of_its_managers(desk):
    note_id = notes.write(desk, KIM, SHOP, "mine")
    notes.write(desk, LEE, BAKERY, "hers")
    assert len(notes.of_business(desk, BRANCH, "B001")) == len(notes.of_business(desk, BRANCH, "B002")) == 1
    notes.edit(desk, BRANCH, note_id, 1, "head of branch was here")
    assert notes.of_business(desk, KIM, "B001")["changed_by"][0] == "branch-M001"


def test_notes_on_made_up_businesses_never_meet_the_real_ones(desk):
    """A real bank may use the ids of the demo bank, which its import removes."""
    demo = replace(KIM, is_demo=True)
    note_id = notes.write(desk, demo, SHOP, "made up")
    watch_list.put(desk, demo, SHOP, "made up", Rule("tier_at_least", 3), STATUS)
    assert notes.of_business(desk, KIM, "B001").empty
    assert ownership.update_managers(desk, {"B001": "M002"}, "b2") == 0
    with raises_refusal("not_yours"):
        notes.edit(desk, KIM, note_id, 1, "real")
    watch_list.put(desk, KIM, SHOP, "real", Rule("tier_at_least", 3), STATUS)
    assert list(notes.of_business(desk, demo, "B001")["text"]) == ["made up"]


def test_a_scope_without_managers_sees_nothing(desk):
    notes.write(desk, KIM, SHOP, "mine")
    assert notes.of_business(desk, records.Scope((), "nobody"), "B001").empty


def test_a_change_on_an_old_version_is_refused_and_loses_nothing(desk):
    note_id = notes.write(desk, KIM, SHOP, "one")
    notes.edit(desk, KIM, note_id, 1, "two")
    with raises_refusal("stale"):
        notes.edit(desk, BRANCH, note_id, 1, "also from one")
    assert list(notes.of_business(desk, KIM, "B001")["text"]) == ["two"]


def test_every_version_stays_in_the_history(desk):
    note_id = notes.write(desk, KIM, SHOP, "one")
    notes.edit(desk, BRANCH, note_id, 1, "two")
    history = records.history(desk, schema.notes, KIM, note_id)
    assert [(row.version, row.by, row.content["text"]) for row in history.itertuples()] == [
        (2, "branch-M001", "two"),
        (1, "M001", "one"),
    ]


@pytest.mark.parametrize(("text", "code"), [("  \n ", "empty"), ("\x00", "empty"), ("가" * 4001, "long")])
def test_an_empty_or_too_long_text_is_refused(desk, text, code):
    with raises_refusal(code):
        notes.write(desk, KIM, SHOP, text)


def test_a_business_is_on_the_watch_list_once_until_it_is_off(desk):
    entry_id = watch_list.put(desk, KIM, SHOP, "sales fall", Rule("tier_at_least", 3), STATUS)
    with raises_refusal("exists"):
        watch_list.put(desk, BRANCH, SHOP, "me too", Rule("pd_below", 0.02), STATUS)
    watch_list.close(desk, KIM, entry_id, 1, "recovered")
    watch_list.put(desk, KIM, SHOP, "again", Rule("until", until_on=date(2025, 6, 1)), STATUS)
    assert list(watch_list.open_entries(desk, KIM)["reason"]) == ["again"]
    assert list(watch_list.of_business(desk, KIM, "B001")["closing"]) == [None, "recovered"]


def test_follow_ups_are_due_by_day_and_gone_when_done(desk):
    today = date_of(0)
    for what, days in (("late", -3), ("now", 0), ("later", 1)):
        follow_ups.plan(desk, KIM, SHOP, what, date_of(days))
    due = follow_ups.due(desk, KIM, today)
    assert list(due["what"]) == ["late", "now"]
    assert follow_ups.due(desk, LEE, today).empty
    follow_ups.finish(desk, KIM, due["id"][0], 1, "paid")
    assert list(follow_ups.due(desk, KIM, today)["what"]) == ["now"]
    assert list(follow_ups.of_business(desk, KIM, "B001")["what"]) == ["now", "later", "late"]


def test_two_decisions_on_one_recommendation_both_stand(desk):
    decisions.decide(desk, KIM, SHOP, OFFER, Decision("declined", "refused", "wants to wait"))
    decisions.decide(desk, BRANCH, SHOP, OFFER, Decision("overridden", "other_need", instead_product_id="A01"))
    rows = decisions.of_business(desk, KIM, "B001")
    assert list(rows["decision"]) == ["overridden", "declined"]
    assert set(rows["build_id"]) == {"b1"}
    assert list(rows["as_of"]) == [date(2024, 12, 31)] * 2


def test_the_reason_other_needs_a_text(desk):
    with raises_refusal("empty"):
        decisions.decide(desk, KIM, SHOP, OFFER, Decision("declined", "other", "  "))
    with pytest.raises(ValueError, match="no decision"):
        Decision("taken", "refused")
