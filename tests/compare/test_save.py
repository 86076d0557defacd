"""Models as text: what is read back scores to the last digits, and reading runs nothing."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.compare import fitting, save, training
from core.compare.fitting import Clock
from core.compare.table import Options
from core.errors import DataError
from tests.compare.tables import SMALL, loans, table


@pytest.mark.parametrize("name", ["logistic", "forest", "boosting", "lightgbm"])
def test_a_model_read_back_gives_the_same_chances(name: str, tmp_path: Path) -> None:
    ground, _ = training.prepared(table(loans()), Options())
    part = ground.part(np.arange(400))
    scorer = fitting.plain(name, part, Clock.of(0), SMALL[name])
    save.save(scorer, tmp_path)
    np.testing.assert_allclose(save.load(tmp_path).probability(part.sheet), scorer.probability(part.sheet), rtol=1e-6)


def test_a_blend_and_a_smote_twin_come_back_too(tmp_path: Path) -> None:
    ground, _ = training.prepared(table(loans()), Options())
    part = ground.part(np.arange(400))
    members = [fitting.plain(name, part, Clock.of(0), SMALL[name]) for name in ("logistic", "lightgbm")]
    twin = fitting.with_smote("logistic", part, members[0].params)
    for number, scorer in enumerate((fitting.blend(members, part.labels), twin)):
        save.save(scorer, tmp_path / str(number))
        found = save.load(tmp_path / str(number)).probability(part.sheet)
        np.testing.assert_allclose(found, scorer.probability(part.sheet), rtol=1e-6)


def test_nothing_saved_is_anything_but_text(tmp_path: Path) -> None:
    ground, _ = training.prepared(table(loans()), Options())
    save.save(fitting.plain("boosting", ground.part(np.arange(400)), Clock.of(0), SMALL["boosting"]), tmp_path)
    for path in tmp_path.iterdir():
        assert path.suffix in (".json", ".txt")
        path.read_text(encoding="utf-8")


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"slope": 1}), encoding="utf-8")
    with pytest.raises(DataError, match="damaged"):
        save.load(tmp_path)
