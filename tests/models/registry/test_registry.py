"""The registry: versions that never change, one that serves, and a person's word that holds."""

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from core.errors import BusyError, DataError
from core.models import registry
from core.models.registry import store
from core.models.registry.gates import failures

GOOD = {"data_hash": "d1", "code_version": "c1", "features": [{"feature": "x", "sign": 1}], "gates": []}
POOR = [{"metric": "calibration_slope", "value": 0.4, "low": 0.3, "high": 0.5, "limit": "0.8 or more"}]
SIGNED = {"by": "Kim", "reason": "steadier in review"}


def trained(folder: Path, text: str) -> Path:
    """A folder as training leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seed_1.txt").write_text(f"tree {text}", encoding="utf-8")
    (folder / "model.json").write_text(json.dumps({"features": ["x"], "text": text}), encoding="utf-8")
    return folder


def fits(_: Path) -> str:
    return ""


def built(home: Path, text: str, entry: dict | None = None, usable=fits) -> registry.Decision:
    """What a build does: settle, and after publishing confirm."""
    folder = trained(home.parent / "build" / text, text)
    decision = registry.settle(home, "default", folder, entry or GOOD | {"data_hash": text}, usable)
    registry.confirm(home, decision)
    return decision


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "models"


def states(home: Path) -> dict[str, str]:
    return {entry.version: entry.state for entry in registry.entries(home, "default")}


def test_a_registered_version_has_its_files_and_its_entry(home: Path, tmp_path: Path):
    version = registry.register(home, "default", trained(tmp_path / "b", "one"), GOOD)
    [entry] = registry.entries(home)
    assert (entry.version, entry.data_hash, entry.code_version, entry.state) == (version, "d1", "c1", "candidate")
    assert entry.features[0]["sign"] == 1
    assert (home / "default" / version / "seed_1.txt").read_text() == "tree one"


def test_the_newest_version_becomes_champion_and_the_one_before_retires(home: Path):
    assert built(home, "one").told["state"] == "champion"
    assert built(home, "two").scored_by == "v2"
    assert states(home) == {"v1": "retired", "v2": "champion"}


def test_the_same_model_is_not_kept_twice(home: Path):
    built(home, "one")
    again = built(home, "one")
    assert (again.trained, again.scored_by, len(states(home))) == ("v1", "v1", 1)


def test_the_same_files_from_other_code_are_another_version(home: Path):
    built(home, "one", GOOD)
    assert built(home, "one", GOOD | {"code_version": "c2"}).trained == "v2"


def test_the_hour_of_training_makes_no_other_model(home: Path, tmp_path: Path):
    for hour in ("09:00", "10:00"):
        folder = trained(tmp_path / hour, "one")
        (folder / "model.json").write_text(json.dumps({"created_at": hour, "x": [{"seconds": hour}]}))
        (folder / "model_report.json").write_text(json.dumps({"told": hour}))
        version = registry.register(home, "default", folder, GOOD)
    assert version == "v1"


def test_nobody_is_crowned_before_the_build_is_published(home: Path, tmp_path: Path):
    registry.settle(home, "default", trained(tmp_path / "b", "one"), GOOD, fits)
    assert registry.champion(home, "default") is None


def test_a_version_that_fails_its_gates_stays_a_candidate_and_the_champion_scores(home: Path):
    built(home, "one")
    decision = built(home, "two", GOOD | {"gates": POOR})
    assert (decision.trained, decision.scored_by, decision.why) == ("v2", "v1", "gates")
    assert "calibration_slope is 0.400, must be 0.8 or more" in decision.note
    assert states(home) == {"v1": "champion", "v2": "candidate"}


def test_a_first_version_that_fails_its_gates_scores_nobody(home: Path):
    decision = built(home, "one", GOOD | {"gates": POOR})
    assert (decision.scored_by, decision.folder, decision.why) == (None, None, "no_version")


def test_a_promoted_version_is_held_through_builds_until_released(home: Path):
    built(home, "one")
    built(home, "two")
    assert registry.promote(home, "default", "v1", **SIGNED) == "v2"
    held = built(home, "three")
    assert (held.trained, held.scored_by, held.why) == ("v3", "v1", "held")
    assert states(home) == {"v1": "held", "v2": "retired", "v3": "candidate"}
    registry.release(home, "default", **SIGNED)
    assert states(home)["v1"] == "champion"
    assert built(home, "three").scored_by == "v3"
    assert states(home) == {"v1": "retired", "v2": "retired", "v3": "champion"}


def test_a_person_who_promotes_while_a_build_runs_is_not_overruled(home: Path, tmp_path: Path):
    built(home, "one")
    running = registry.settle(home, "default", trained(tmp_path / "b", "two"), GOOD | {"data_hash": "two"})
    registry.promote(home, "default", "v1", **SIGNED)
    registry.confirm(home, running)
    assert states(home) == {"v1": "held", "v2": "candidate"}


def test_rollback_goes_one_champion_back_each_time(home: Path):
    for text in ("one", "two", "three"):
        built(home, text)
    assert registry.rollback(home, "default", **SIGNED) == "v2"
    assert registry.rollback(home, "default", **SIGNED) == "v1"
    with pytest.raises(DataError, match="no champion before v1"):
        registry.rollback(home, "default", **SIGNED)


def test_who_decided_and_why_is_kept(home: Path):
    built(home, "one")
    built(home, "two")
    registry.promote(home, "default", "v1", " Kim  Minji ", "steadier\nin review")
    [approval] = registry.entries(home, "default")[0].approvals
    assert (approval["action"], approval["by"], approval["reason"]) == ("promote", "Kim Minji", "steadier in review")
    assert [event["by"] for event in registry.state(home, "default").history] == ["build", "build", "Kim Minji"]


@pytest.mark.parametrize("text", ["", "  \n", "x" * 301, "bell\a"])
def test_nobody_decides_without_a_name_and_a_reason(home: Path, text: str):
    built(home, "one")
    with pytest.raises(DataError, match="must be 1 to 300 printable"):
        registry.promote(home, "default", "v1", text, "why")
    with pytest.raises(DataError, match="must be 1 to 300 printable"):
        registry.promote(home, "default", "v1", "Kim", text)
    assert not registry.state(home, "default").held


@pytest.mark.parametrize("text", ["../builds", "/etc", "a/b", "Default", "", "a" * 40, "ä", "default\n"])
def test_a_name_cannot_leave_the_folder(home: Path, text: str):
    with pytest.raises(DataError, match="is no name"):
        registry.entries(home, text)
    with pytest.raises(DataError, match="is no name"):
        registry.promote(home, text, "v1", **SIGNED)


@pytest.mark.parametrize("text", ["../v1", "v0", "v1/..", "1", "latest", "v1\n", "v9999999"])
def test_a_version_cannot_leave_the_folder(home: Path, text: str):
    built(home, "one")
    with pytest.raises(DataError, match="is no version"):
        registry.promote(home, "default", text, **SIGNED)


def test_a_version_that_is_not_there_is_named(home: Path):
    built(home, "one")
    with pytest.raises(DataError, match="no default v7"):
        registry.promote(home, "default", "v7", **SIGNED)


@pytest.mark.parametrize("file", ["v1/entry.json", "state.json"])
@pytest.mark.parametrize("content", ["{half", "[1]", "{}", "\udcff"])
def test_a_broken_file_is_named(home: Path, file: str, content: str):
    built(home, "one")
    (home / "default" / file).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=file.split("/")[-1]):
        registry.entries(home, "default")


def test_half_a_version_is_never_seen_and_swept_by_the_next(home: Path):
    built(home, "one")
    half = trained(home / "default" / "v9", "half")
    draft = trained(home / "default" / ".draft-v2", "half")
    assert list(states(home)) == ["v1"]
    built(home, "two")
    assert not half.exists()
    assert not draft.exists()


def _register_and_die(home: Path, folder: Path) -> None:
    Path.rename = lambda *_: os._exit(9)  # type: ignore[assignment,method-assign]
    registry.register(home, "default", folder, GOOD)


def test_a_registration_killed_before_its_last_step_leaves_the_registry_whole(home: Path, tmp_path: Path):
    built(home, "one")
    killed = multiprocessing.get_context("fork").Process(
        target=_register_and_die, args=(home, trained(tmp_path / "b", "two"))
    )
    killed.start()
    killed.join()
    assert killed.exitcode == 9
    assert states(home) == {"v1": "champion"}
    assert built(home, "two").scored_by == "v2"


def test_two_writers_never_write_at_once(home: Path, monkeypatch: pytest.MonkeyPatch):
    built(home, "one")
    monkeypatch.setattr(store, "WAIT_SECONDS", 0.1)
    with store._locked(home), pytest.raises(BusyError, match="somebody else"):
        registry.promote(home, "default", "v1", **SIGNED)


def test_a_champion_whose_files_were_changed_does_not_score(home: Path):
    built(home, "one")
    registry.promote(home, "default", "v1", **SIGNED)
    (home / "default" / "v1" / "seed_1.txt").write_text("another tree")
    decision = built(home, "two")
    assert (decision.scored_by, decision.why) == ("v2", "unusable")
    assert "is not the file that was registered" in decision.note


def test_a_held_champion_of_other_features_does_not_score_and_the_build_says_why(home: Path):
    built(home, "one")
    registry.promote(home, "default", "v1", **SIGNED)
    decision = built(home, "two", usable=lambda _: "its features differ")
    assert (decision.scored_by, decision.why, decision.note) == ("v2", "unusable", "its features differ")
    assert decision.told["state"] == "candidate"


def test_old_versions_lose_their_files_but_not_their_entry(home: Path):
    built(home, "m0")
    registry.promote(home, "default", "v1", **SIGNED)
    for number in range(1, 9):
        built(home, f"m{number}")
    kept = {entry.version for entry in registry.entries(home, "default") if entry.has_files}
    assert len(registry.entries(home, "default")) == 9
    assert kept == {"v1", "v5", "v6", "v7", "v8", "v9"}
    with pytest.raises(DataError, match="old versions lose their files"):
        registry.promote(home, "default", "v2", **SIGNED)


def test_a_model_that_is_not_text_is_refused(home: Path, tmp_path: Path):
    folder = trained(tmp_path / "b", "one")
    (folder / "model.pkl").write_bytes(b"\x80\x04")
    with pytest.raises(DataError, match=r"model\.pkl"):
        registry.register(home, "default", folder, GOOD)
    assert registry.entries(home) == []


def test_a_comparison_of_core_train_is_found_and_never_swept(home: Path):
    assert registry.comparison(home, "default") is None
    folder = home / "default" / "comparison"
    folder.mkdir(parents=True)
    (folder / "report.json").write_text('{"champion": "lightgbm"}')
    built(home, "one")
    assert registry.comparison(home, "default") == {"champion": "lightgbm"}


RULES = {"min_slope": 0.8, "max_slope": 1.2, "min_roc_auc": 0.6}


def figure(metric: str, value: float | None, low: float | None = None, high: float | None = None) -> dict:
    return {"slice": "all", "metric": metric, "value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    ("row", "failed"),
    [
        (figure("calibration_slope", 0.7, 0.5, 0.79), True),
        (figure("calibration_slope", 0.7, 0.5, 0.81), False),  # the interval reaches the gate: chance is not a fault
        (figure("calibration_slope", 1.5, 1.21, 1.8), True),
        (figure("calibration_slope", 0.79), True),
        (figure("calibration_slope", None), False),
        (figure("roc_auc", 0.55, 0.51, 0.59), True),
        (figure("roc_auc", 0.55, 0.51, 0.60), False),
        (figure("roc_auc", 0.3, 0.2, 0.4) | {"slice": "R1"}, False),
    ],
)
def test_a_gate_fails_only_when_the_whole_interval_lies_outside(row: dict, failed: bool):
    assert bool(failures([row], RULES)) == failed
