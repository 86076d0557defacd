"""Messages in, letters out: the same batch gives the same bytes, however it is cut."""

from collections.abc import Sequence

import numpy as np
import orjson
import pytest

from core.payments.customer_state import Customer
from core.payments.scorer import Scorer
from core.payments.usual_amounts import Usual
from core.stream.batch import Message, answered
from core.stream.topics import DEAD, RESULTS
from tests.payments.town import town

SCORER = Scorer("build-1", None, None, Usual({}))


class Memory:
    """What Redis would hold, as the bytes it would hold."""

    def __init__(self) -> None:
        self.states: dict[str, bytes] = {}

    def customers(self, _: int, ids: Sequence[str]) -> dict[str, Customer]:
        return {
            name: Customer.of(orjson.loads(self.states[name])) if name in self.states else Customer() for name in ids
        }

    def through(self, messages: Sequence[Message], batch: int) -> list[tuple]:
        letters = []
        for first in range(0, len(messages), batch):
            done = answered(messages[first : first + batch], self.customers, SCORER)
            self.states |= {
                name: orjson.dumps(customer.state()) for name, customer in done.customers.get(0, {}).items()
            }
            letters += done.letters
        return letters


def messages(values: Sequence[bytes | None], stamp: int = 0) -> list[Message]:
    return [Message(0, offset, stamp, b"k", value) for offset, value in enumerate(values)]


def payment(**changes: object) -> bytes:
    return orjson.dumps(town(1, 1).to_dict("records")[0] | changes)


def reasons(letters: Sequence[tuple]) -> list[str]:
    return [orjson.loads(letter.value)["reason"] for letter in letters if letter.topic == DEAD]


def test_however_the_stream_is_cut_letters_and_memory_are_the_same_bytes():
    sent = messages([orjson.dumps(row) for row in town(600, 20).to_dict("records")])
    found = []
    for batch in (1, 7, 600):
        memory = Memory()
        found.append((memory.through(sent, batch), memory.states))
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]) == 600


def test_every_kind_of_bad_message_is_put_aside_with_its_reason_and_the_good_ones_go_on():
    first, later = payment(), payment(payment_id="P2", at="2024-12-03T12:00:00")
    bad = [b"{", payment(amount_krw=None), payment(succeeded=7), b"x" * 70_000, None]
    backwards = payment(payment_id="P3", at="2024-12-01T00:00:00")
    letters = Memory().through(messages([first, *bad, first, later, backwards, later]), 100)
    assert [letter.topic for letter in letters].count(RESULTS) == 2
    wanted = ["not_json", "missing_field", "wrong_value", "too_large", "not_json"]
    assert reasons(letters) == [*wanted, "duplicate", "clock_backwards", "duplicate"]


def test_a_dead_letter_says_where_it_lay_and_keeps_only_its_beginning():
    letter = Memory().through([Message(2, 41, 0, b"k", b"y" * 3_000_000)], 1)[0]
    said = orjson.loads(letter.value)
    assert (said["partition"], said["offset"], said["value"], letter.key) == (2, 41, "y" * 1_000, b"k")


def test_a_clock_that_runs_ahead_of_the_broker_is_put_aside():
    stamp = int(np.datetime64("2024-12-02T00:00:00", "ms").astype(int)) - 9 * 3_600_000  # midnight in Korea
    late, soon = payment(at="2024-12-02T00:06:00"), payment(at="2024-12-02T00:04:00")
    assert reasons(Memory().through(messages([late, soon], stamp), 2)) == ["clock_ahead"]


def test_a_bad_message_changes_nobody():
    memory = Memory()
    memory.through(messages([payment()]), 1)
    before = dict(memory.states)
    memory.through(messages([payment(), payment(amount_krw=-5), payment(payment_id="P9", at="2024-12-01")]), 1)
    assert memory.states == before


def test_a_result_says_what_was_asked_what_was_answered_and_why():
    said = orjson.loads(Memory().through(messages([payment()]), 1)[0].value)
    assert said["p_success"] is said["p_fraud"] is said["decision"] is None  # a build without models
    assert said["risk"]["missing"] == ["fraud", "pattern", "amount", "time"]
    assert (said["risk"]["level"], said["risk"]["action"]) == ("not_assessable", "manual_review")
    assert (said["payment_id"], said["succeeded"], said["build"], said["offset"]) == ("P0000000", 1, "build-1", 0)


@pytest.mark.slow
def test_the_stream_says_of_the_builds_payments_what_the_build_says(demo_build):
    from core import db
    from core.config import Settings
    from core.stream.replay import payments

    builds = Settings(demo_build).builds
    folder = builds / db.current_build(builds)
    sent = messages([value for _, value in payments(Settings(demo_build), 10_000)])
    with db.open_build(builds, folder.name) as con:
        asked = """SELECT payment_id, p_success, p_fraud, risk_index, level, action, decision, reasons
            FROM payment_risk WHERE "at" >= (SELECT date_trunc('month', max("at")) FROM payments)"""
        wanted = con.execute(asked).fetchall()
    memory, scorer, found = Memory(), Scorer.of_build(folder), {}
    for letter in answered(sent, memory.customers, scorer).letters:
        said = orjson.loads(letter.value)
        found[said["payment_id"]] = said
    assert len(wanted) > 100
    for name, p_success, p_fraud, index, level, action, decision, why in wanted:
        said = found[name]
        assert [said["p_success"], said["p_fraud"]] == pytest.approx([p_success, p_fraud], abs=2e-9)
        assert (
            said["risk"]["index"] == pytest.approx(index, abs=2e-9)
            if index is not None
            else said["risk"]["index"] is None
        )
        assert (said["risk"]["level"], said["risk"]["action"], said["decision"]) == (level, action, decision)
        assert (said["reasons"] is None) == (why is None)
