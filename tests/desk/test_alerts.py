"""Alerts on the desk: sent once, the same record over builds, ended when the cause is gone; on both databases."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.desk import alerts, records
from core.desk.alerts import MODELS, Alert, AlertCounts
from core.desk.engine import Desk, writing
from core.desk.records import Scope
from core.errors import RefusedError
from tests.desk.conftest import KIM, LEE, date_of

TODAY = date_of(0)
MANAGERS = ("M001", "M002")


def _alert(key: str = "past_due_30:B001:2024-12", manager: str = "M001") -> Alert:
    return Alert(key, "past_due_30", "critical", manager, key.split(":")[1], TODAY, TODAY)


def _first(desk: Desk, scope: Scope = KIM):
    return alerts.current(desk, scope, TODAY).iloc[0]


def test_the_same_build_sent_twice_adds_nothing(desk: Desk):
    both = [_alert(), _alert("tier_down:B002:2024-12", "M002")]
    assert alerts.send(desk, both, MANAGERS, TODAY) == AlertCounts(new=2, held=0, ended=0, woken=0)
    assert alerts.send(desk, both, MANAGERS, TODAY) == AlertCounts(new=0, held=2, ended=0, woken=0)
    assert len(alerts.all_alerts(desk, KIM)) == 1


def test_an_alert_is_seen_by_the_manager_of_the_book_alone(desk: Desk):
    alerts.send(desk, [_alert()], MANAGERS, TODAY)
    assert alerts.current(desk, LEE, TODAY).empty
    with pytest.raises(RefusedError) as refused:
        alerts.close(desk, LEE, _first(desk)["id"], 1, "acted")
    assert refused.value.code == "not_yours"


def test_who_acknowledges_an_alert_owns_it_and_a_second_change_on_the_old_version_is_refused(desk: Desk):
    alerts.send(desk, [_alert()], MANAGERS, TODAY)
    record = _first(desk)
    alerts.acknowledge(desk, KIM, record["id"], record["version"], "김지점")
    assert _first(desk)[["state", "owner"]].tolist() == ["acknowledged", "김지점"]
    with pytest.raises(RefusedError) as refused:
        alerts.snooze(desk, KIM, record["id"], record["version"], date_of(7))
    assert refused.value.code == "stale"


def test_a_snooze_is_over_on_its_day_also_when_no_build_has_run(desk: Desk):
    alerts.send(desk, [_alert()], MANAGERS, TODAY)
    alerts.snooze(desk, KIM, _first(desk)["id"], 1, date_of(7))
    assert alerts.current(desk, KIM, date_of(6))["state"].tolist() == ["snoozed"]
    assert alerts.current(desk, KIM, date_of(7))["state"].tolist() == ["open"]
    assert alerts.send(desk, [_alert()], MANAGERS, date_of(7)).woken == 1
    assert alerts.send(desk, [_alert()], MANAGERS, date_of(7)).woken == 0


def test_what_a_person_closed_stays_closed_while_the_cause_lasts(desk: Desk):
    alerts.send(desk, [_alert()], MANAGERS, TODAY)
    alerts.close(desk, KIM, _first(desk)["id"], 1, "false_alarm", "wrong date")
    assert alerts.send(desk, [_alert()], MANAGERS, date_of(30)).new == 0
    assert _first(desk)[["state", "outcome", "text"]].tolist() == ["closed", "false_alarm", "wrong date"]


def test_an_alert_ends_with_its_cause_and_a_cause_that_returns_is_a_new_alert(desk: Desk):
    alerts.send(desk, [_alert()], MANAGERS, TODAY)
    assert alerts.send(desk, [], MANAGERS, date_of(30)).ended == 1
    assert alerts.current(desk, KIM, TODAY).empty
    assert alerts.send(desk, [_alert()], MANAGERS, date_of(60)).new == 1
    rows = alerts.all_alerts(desk, KIM).sort_values("at")
    assert rows["outcome"].tolist() == ["over", None]
    assert rows["ended_on"].tolist() == [date_of(30), None]


def test_what_falls_out_of_the_budget_is_not_over_and_what_never_was_in_it_is_not_sent(desk: Desk):
    alerts.send(desk, [_alert()], MANAGERS, TODAY)
    alerts.close(desk, KIM, _first(desk)["id"], 1, "false_alarm")
    beyond = [replace(alert, is_within_budget=False) for alert in (_alert(), _alert("tier_down:B002:2024-12", "M002"))]
    assert alerts.send(desk, beyond, MANAGERS, date_of(30)) == AlertCounts(new=0, held=1, ended=0, woken=0)
    assert alerts.send(desk, [_alert()], MANAGERS, date_of(60)).new == 0, "nobody is asked again about a false alarm"
    assert _first(desk)["outcome"] == "false_alarm"


def test_two_servers_that_send_the_same_build_at_once_send_it_once(desk: Desk):
    hundred = [_alert(f"tier_down:B{number:03d}:2024-12") for number in range(100)]
    with ThreadPoolExecutor(2) as servers:
        counts = [*servers.map(lambda _: alerts.send(desk, hundred, MANAGERS, TODAY), range(2))]
    assert sorted((count.new, count.held) for count in counts) == [(0, 100), (100, 0)]


def test_a_person_who_closes_an_alert_while_a_build_sends_is_not_overruled(desk: Desk):
    alerts.send(desk, [_alert()], MANAGERS, TODAY)
    with ThreadPoolExecutor(1) as build:
        with writing(desk) as con:
            con.execute(sa.update(alerts.TABLE).values(state="closed", outcome="acted", version=2))
            record_id = con.execute(sa.select(alerts.TABLE.c.id)).scalar_one()
            records.save_version(con, alerts.TABLE, record_id, records.now(), KIM)
            counts = build.submit(alerts.send, desk, [], MANAGERS, date_of(1))
            time.sleep(0.3)  # the build reaches the lock
        assert counts.result(20).ended == 1
    row = alerts.all_alerts(desk, KIM).iloc[0]
    assert row[["state", "outcome", "version"]].tolist() == ["closed", "acted", 3]


def test_a_build_without_a_manager_leaves_that_managers_alerts_alone(desk: Desk):
    alerts.send(desk, [_alert("tier_down:B002:2024-12", "M002")], MANAGERS, TODAY)
    assert alerts.send(desk, [], ("M001",), TODAY + timedelta(1)).ended == 0


def test_alerts_on_models_are_in_a_book_of_their_own(desk: Desk):
    alerts.send(desk, [Alert("drift:default:x", "drift", "watch", MODELS, "", TODAY, TODAY)], MANAGERS, TODAY)
    assert alerts.current(desk, KIM, TODAY).empty
    assert len(alerts.current(desk, Scope((MODELS,), "M001"), TODAY)) == 1


def test_every_state_an_alert_has_had_is_remembered(desk: Desk):
    alerts.send(desk, [_alert()], MANAGERS, TODAY)
    record_id = _first(desk)["id"]
    alerts.acknowledge(desk, KIM, record_id, 1, "김지점")
    alerts.close(desk, KIM, record_id, 2, "acted")
    alerts.reopen(desk, KIM, record_id, 3)
    history = records.history(desk, alerts.TABLE, KIM, record_id)
    assert [content["state"] for content in history["content"]] == ["open", "closed", "acknowledged", "open"]
    assert history["by"].tolist() == ["M001", "M001", "M001", "watch"]


def test_an_unknown_outcome_is_refused(desk: Desk):
    with pytest.raises(ValueError, match="OUTCOMES"):
        alerts.close(desk, KIM, "x", 1, "lost")
