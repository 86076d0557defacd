"""Which model scores a build: the one just trained, or the champion that a person holds."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from core import db
from core.models import registry
from core.models.classifier import model_files
from core.models.classifier.score import score
from core.models.classifier.train import REPORT, train
from core.models.default.problem import DEFAULT
from core.models.registry import cards
from tests.pd_bank import bank

NEWEST = date(2023, 12, 31)
SIGNED = {"by": "Kim", "reason": "steadier in review"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def con() -> db.Connection:
    return bank(700, months=48)


@pytest.fixture(scope="module")
def trained(con: db.Connection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "default"
    train(DEFAULT, con, folder)
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A build's folder with the model just trained in it."""
    return Path(shutil.copytree(trained, tmp_path / "build" / "default"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "models"


def served(con: db.Connection, home: Path, folder: Path):
    model, decision = registry.served(con, home, folder, "default", DEFAULT.feature_names)
    registry.confirm(home, decision)
    return model, decision


def other_version(home: Path, folder: Path, **changed: object) -> str:
    """Register and hold a version that differs from the trained one in what is `changed`."""
    other = Path(shutil.copytree(folder, folder.parent / "other"))
    content = json.loads((other / model_files.CARD).read_text(encoding="utf-8"))
    (other / model_files.CARD).write_text(json.dumps(content | changed), encoding="utf-8")
    version = registry.register(home, "default", other, {})
    registry.promote(home, "default", version, **SIGNED)
    return version


def intercept(folder: Path) -> float:
    return json.loads((folder / model_files.CARD).read_text(encoding="utf-8"))["intercept"]


def log_odds(con: db.Connection) -> dict[str, float]:
    return dict(con.execute("SELECT business_id, log_odds FROM pd_scores WHERE log_odds IS NOT NULL").fetchall())


def test_the_entry_says_what_was_learned_from_what_and_how_well(con, home, folder):
    served(con, home, folder)
    [entry] = registry.entries(home, "default")
    card = json.loads((folder / model_files.CARD).read_text(encoding="utf-8"))["card"]
    assert (entry.data_hash, entry.code_version) == (card["data_hash"], card["code_version"])
    assert [feature["feature"] for feature in entry.features] == DEFAULT.feature_names
    assert {"sign", "reason", "unit", "lag_days", "meaning"} <= set(entry.features[0])
    assert "SR 26-2" in entry.card["structure"]
    assert "SR 11-7 compliant" not in json.dumps(entry.card)
    fields = (
        "purpose",
        "not_for",
        "owner",
        "limits",
        "drift",
        "fallback",
        "label",
        "windows",
        "exclusions",
        "stability",
    )
    assert all(entry.card[field] for field in fields)
    auc = next(row for row in entry.card["out_of_time"] if row["metric"] == "roc_auc")
    assert auc["low"] < auc["value"] < auc["high"]


def test_a_second_build_of_the_same_data_and_code_keeps_one_version(con, home, folder):
    served(con, home, folder)
    _, again = served(con, home, folder)
    assert (again.trained, again.told["state"], len(registry.entries(home))) == ("v1", "champion", 1)


def test_the_held_champion_scores_and_its_files_stand_in_the_build(con, home, folder):
    model, _ = served(con, home, folder)
    score(DEFAULT, con, model, NEWEST)
    before, told = log_odds(con), (folder / REPORT).read_bytes()
    version = other_version(home, folder, intercept=model.intercept + 1)
    model, decision = served(con, home, folder)
    score(DEFAULT, con, model, NEWEST)
    assert decision.told == {"version": "v1", "state": "candidate", "scored_by": version, "why": "held", "note": ""}
    assert log_odds(con) == pytest.approx({business: value + 1 for business, value in before.items()})
    assert intercept(folder) == model.intercept
    assert (folder / REPORT).read_bytes() == told  # the report is of what this build trained
    assert not (folder / "entry.json").exists()


def test_after_a_release_the_newest_scores_again(con, home, folder):
    model, _ = served(con, home, folder)
    other_version(home, folder, intercept=model.intercept + 1)
    registry.release(home, "default", **SIGNED)
    again, decision = served(con, home, folder)
    assert (decision.scored_by, again.intercept) == ("v1", model.intercept)


def test_a_held_champion_of_other_features_is_passed_over_and_the_build_says_why(con, home, folder):
    served(con, home, folder)
    strange = [*DEFAULT.feature_names[:-1], "moon_phase"]
    other_version(home, folder, features=strange)
    _, decision = served(con, home, folder)
    assert (decision.scored_by, decision.why) == ("v1", "unusable")
    assert "moon_phase" in decision.note


def test_when_nothing_was_trained_the_held_champion_scores_and_nobody_else(con, home, folder, tmp_path):
    model, _ = served(con, home, folder)
    empty = tmp_path / "next" / "default"
    empty.mkdir(parents=True)
    assert served(con, home, empty)[0] is None
    registry.promote(home, "default", "v1", **SIGNED)
    held, decision = served(con, home, empty)
    assert (held.intercept, decision.scored_by, decision.told["version"]) == (model.intercept, "v1", None)


def test_a_model_without_a_data_hash_has_that_of_the_files(tmp_path):
    con, folder = db.connect(), tmp_path / "toy"
    con.execute("CREATE TABLE source_files AS SELECT unnest(['b', 'a']) AS sha256, FALSE AS is_demo")
    folder.mkdir()
    (folder / "model.json").write_text("{}", encoding="utf-8")
    found = cards.entry(con, "toy", folder)
    assert found["data_hash"] == hashlib.sha256(b"ab").hexdigest()[:16]
    assert found["card"]["provenance"] == "REAL"


def test_a_refused_training_is_no_version(tmp_path):
    folder = tmp_path / "payments"
    folder.mkdir()
    (folder / "model_report.json").write_text('{"state": "refused"}', encoding="utf-8")
    assert registry.registered(db.connect(), tmp_path / "models", folder, "payments") is None
    assert registry.entries(tmp_path / "models") == []


def test_a_build_names_the_version_that_scored_each_model(demo_build: Path):
    from core.build import status
    from core.config import Settings

    settings = Settings(demo_build)
    told = status(settings)["models"]
    with db.open_build(settings.builds, db.current_build(settings.builds)) as build:
        info = dict(build.execute("SELECT key, value FROM build_info WHERE key LIKE 'model.%'").fetchall())
    assert info.pop("model.score").startswith("rules-")
    assert info == {f"model.{name}": one["scored_by"] for name, one in told.items()}
    assert {"default", "churn", "payments", "anomaly"} <= set(told)
    for entry in registry.entries(settings.models):
        assert (demo_build / "models" / entry.name / entry.version / "entry.json").exists()
        assert entry.card["provenance"] == "SYNTHETIC"
