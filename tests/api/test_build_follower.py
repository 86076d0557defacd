"""The follower goes on checking for builds, whatever is wrong with the newest one."""

from pathlib import Path

import duckdb
import pytest

from core import db
from core.api.build_follower import BuildFollower


def _build(builds: Path, build_id: str, usual: str) -> None:
    """Publish a build with empty tables."""
    (builds / build_id / "stream").mkdir(parents=True)
    (builds / build_id / "stream" / "usual.json").write_text(usual)
    with duckdb.connect(str(builds / build_id / db.DATABASE)) as con:
        con.execute("CREATE TABLE build_info AS SELECT 'as_of' AS key, '2024-12-31' AS value")
        con.execute('CREATE TABLE payments (customer_id VARCHAR, "at" TIMESTAMP)')
    db.publish(builds, build_id)


def test_a_build_that_cannot_be_read_leaves_the_old_one_serving_until_a_good_one_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    # The payments of customers need a complete build.
    monkeypatch.setattr("core.api.payment_history.PaymentHistory.read_newest", lambda _: None)
    follower = BuildFollower(tmp_path)
    for build_id, usual, serving in (("one", "{}", "one"), ("two", '{"2024-1', "one"), ("three", "{}", "three")):
        _build(tmp_path, build_id, usual)
        follower.check()
        assert follower.current().build_id == serving
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["build refused"]
