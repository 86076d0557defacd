"""Messages in, results and dead letters out: the same stream gives the same bytes, however it is cut into batches."""

from collections.abc import Sequence

import numpy as np
import orjson
import pytest

from core.payments.customer_state import Customer
from core.payments.scorer import Scorer
from core.payments.usual_amounts import Usual
from core.stream.batch import Message, OutboundMessage, process
from core.stream.topics import DEAD, RESULTS
from tests.payments.town import town

SCORER = Scorer("build-1", None, None, Usual({}))


class Memory:
    """Stands for Redis: the customers' states as bytes."""

    def __init__(self) -> None:
        self.states: dict[str, bytes] = {}

    def customers(self, _: int, ids: Sequence[str]) -> dict[str, Customer]:
        return {
            name: Customer.of(orjson.loads(self.states[name])) if name in self.states else Customer() for name in ids
        }

    def process(self, messages: Sequence[Message], batch: int) -> list[OutboundMessage]:
        """Process the messages in batches and save the states after each; what is sent."""
        outbound = []
        for first in range(0, len(messages), batch):
            result = process(messages[first : first + batch], self.customers, SCORER)
            changed = result.customers.get(0, {})
            self.states |= {name: orjson.dumps(customer.state()) for name, customer in changed.items()}
            outbound += result.outbound
        return outbound


def messages(values: Sequence[bytes | None], stamp: int = 0) -> list[Message]:
    return [Message(0, offset, stamp, b"k", value) for offset, value in enumerate(values)]


def payment(**changes: object) -> bytes:
    return orjson.dumps(town(1, 1).to_dict("records")[0] | changes)


def content(message: OutboundMessage) -> dict:
    return orjson.loads(message.value)


def reasons(outbound: Sequence[OutboundMessage]) -> list[str]:
    return [content(message)["reason"] for message in outbound if message.topic == DEAD]


def test_results_and_states_do_not_depend_on_the_batches():
    payments = messages([orjson.dumps(row) for row in town(600, 20).to_dict("records")])
    runs = []
    for batch in (1, 7, 600):
        memory = Memory()
        runs.append((memory.process(payments, batch), memory.states))
    assert runs[0] == runs[1] == runs[2]
    assert len(runs[0][0]) == 600


def test_every_kind_of_bad_message_is_put_aside_with_its_reason_and_the_good_ones_go_on():
    first, later = payment(), payment(payment_id="P2", at="2024-12-03T12:00:00")
    bad = [b"{", payment(amount_krw=None), payment(succeeded=7), b"x" * 70_000, None]
    backwards = payment(payment_id="P3", at="2024-12-01T00:00:00")
    outbound = Memory().process(messages([first, *bad, first, later, backwards, later]), 100)
    assert [message.topic for message in outbound].count(RESULTS) == 2
    expected = ["not_json", "missing_field", "wrong_value", "too_large", "not_json"]
    assert reasons(outbound) == [*expected, "duplicate", "clock_backwards", "duplicate"]


def test_a_dead_letter_names_its_offset_and_has_only_the_first_characters():
    letter = Memory().process([Message(2, 41, 0, b"k", b"y" * 3_000_000)], 1)[0]
    fields = content(letter)
    assert (fields["partition"], fields["offset"], fields["value"], letter.key) == (2, 41, "y" * 1_000, b"k")


def test_a_clock_that_runs_ahead_of_the_broker_is_put_aside():
    stamp = int(np.datetime64("2024-12-02T00:00:00", "ms").astype(int)) - 9 * 3_600_000  # midnight in Korea
    late, soon = payment(at="2024-12-02T00:06:00"), payment(at="2024-12-02T00:04:00")
    assert reasons(Memory().process(messages([late, soon], stamp), 2)) == ["clock_ahead"]


def test_a_bad_message_changes_no_customer():
    memory = Memory()
    memory.process(messages([payment()]), 1)
    before = dict(memory.states)
    memory.process(messages([payment(), payment(amount_krw=-5), payment(payment_id="P9", at="2024-12-01")]), 1)
    assert memory.states == before


def test_a_result_has_the_payment_its_scores_and_their_reasons():
    result = content(Memory().process(messages([payment()]), 1)[0])
    assert result["p_success"] is result["p_fraud"] is result["decision"] is None  # a build without models
    assert result["risk"]["missing"] == ["fraud", "pattern", "amount", "time"]
    assert (result["risk"]["level"], result["risk"]["action"]) == ("not_assessable", "manual_review")
    assert (result["payment_id"], result["succeeded"], result["build"], result["offset"]) == (
        "P0000000",
        1,
        "build-1",
        0,
    )


@pytest.mark.slow
def test_the_stream_scores_the_builds_payments_as_the_build_does(demo_build):
    from core import db
    from core.config import Settings
    from core.stream.replay import payments

    builds = Settings(demo_build).builds
    folder = builds / db.current_build(builds)
    newest = messages([value for _, value in payments(Settings(demo_build), 10_000)])
    with db.open_build(builds, folder.name) as con:
        query = """SELECT payment_id, p_success, p_fraud, risk_index, level, action, decision, reasons
            FROM payment_risk WHERE "at" >= (SELECT date_trunc('month', max("at")) FROM payments)"""
        rows = con.execute(query).fetchall()
    outbound = process(newest, Memory().customers, Scorer.of_build(folder)).outbound
    results = {result["payment_id"]: result for result in map(content, outbound)}
    assert len(rows) > 100
    for name, p_success, p_fraud, index, level, action, decision, reasons in rows:
        result, risk = results[name], results[name]["risk"]
        assert [result["p_success"], result["p_fraud"]] == pytest.approx([p_success, p_fraud], abs=2e-9)
        assert risk["index"] == (None if index is None else pytest.approx(index, abs=2e-9))
        assert (risk["level"], risk["action"], result["decision"]) == (level, action, decision)
        assert (result["reasons"] is None) == (reasons is None)
