"""The version of a piece of code: a moved file keeps it, a changed line or SQL file does not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.fingerprint import code_version, modules

FILES = {
    "core/__init__.py": "",
    "core/models/__init__.py": "",
    "core/models/score.py": "from core import tools\n\nrun = lambda con: tools.rows(con, 'core/models/sql/scores')\n",
    "core/tools.py": '"""Tools."""\n\ndef rows(con, name):\n    return con.sql(name)\n',
    "core/models/other.py": "LIMIT = 3\nPATH = 'limits.csv'\n",
    "core/models/sql/scores.sql": "SELECT 1 AS score\n",
    "core/models/sql/more.sql": "SELECT 2 AS score\n",
    "data/reference/limits.csv": "limit\n3\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small package of its own."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def copied(root: Path, name: str, change: Callable[[Path], None]) -> Path:
    """The package again, changed: the answers of one folder are kept for the life of the process."""
    folder = root.parent / f"{root.name}_{name}"
    shutil.copytree(root, folder)
    change(folder)
    return folder


def rewrite(name: str, old: str, new: str) -> Callable[[Path], None]:
    """A change of one text in one file."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return change


def test_a_module_stands_on_everything_it_imports(root):
    assert modules("core.models.score", root) == {"core", "core.models.score", "core.tools"}


@pytest.mark.parametrize(
    ("module", "file", "old", "new"),
    [
        ("core.models.score", "core/models/score.py", "rows(con,", "rows(con=con, name="),
        ("core.models.score", "core/tools.py", "con.sql(name)", "con.sql(name).df()"),
        ("core.models.score", "core/models/sql/scores.sql", "1", "2"),
        ("core.models.other", "data/reference/limits.csv", "3", "4"),
        ("core.models.other", "core/models/other.py", "LIMIT = 3", "LIMIT = 4"),
    ],
)
def test_what_decides_a_result_changes_the_version(root, module, file, old, new):
    assert code_version(module, copied(root, "new", rewrite(file, old, new))) != code_version(module, root)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("core/tools.py", '"""Tools."""', '"""Small tools."""\n\n# they are few'),
        ("core/models/other.py", "LIMIT = 3", "LIMIT = 4"),
        ("core/models/sql/more.sql", "2", "3"),
        ("data/reference/limits.csv", "3", "4"),
    ],
)
def test_what_decides_nothing_of_it_keeps_the_version(root, file, old, new):
    changed = copied(root, "new", rewrite(file, old, new))
    assert code_version("core.models.score", changed) == code_version("core.models.score", root)


def test_a_moved_file_keeps_the_version(root):
    def move(folder: Path) -> None:
        (folder / "core" / "sql").mkdir()
        (folder / "core/tools.py").rename(folder / "core/models/kit.py")
        (folder / "core/models/sql/scores.sql").rename(folder / "core/sql/points.sql")
        text = FILES["core/models/score.py"].replace("from core import tools", "from core.models import kit as tools")
        (folder / "core/models/score.py").write_text(text.replace("core/models/sql/scores", "core/sql/points"))

    assert code_version("core.models.score", copied(root, "moved", move)) == code_version("core.models.score", root)


def test_a_name_put_together_at_run_time_stands_for_its_folder(root):
    text = "def run(con, name):\n    return con.sql(f'core/models/sql/{name}')\n"
    before = copied(root, "a", lambda folder: (folder / "core/models/other.py").write_text(text))
    after = copied(before, "b", rewrite("core/models/sql/more.sql", "2", "3"))
    assert code_version("core.models.other", before) != code_version("core.models.other", after)


def test_a_change_of_the_segments_changes_the_segments_and_not_the_default_model(tmp_path):
    """On the real tree, copied."""
    root = Path(__file__).parent.parent
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "core", tmp_path / "core", ignore=ignored)
    shutil.copytree(root / "data" / "reference", tmp_path / "data" / "reference")
    distinct = rewrite("core/models/segments/sql/segment_inputs.sql", "SELECT", "SELECT DISTINCT")
    changed = copied(tmp_path, "new", distinct)
    segments, default = "core.models.segments.model", "core.models.default.problem"
    assert code_version(segments, tmp_path) == code_version(segments)
    assert code_version(segments, changed) != code_version(segments)
    assert code_version(default, changed) == code_version(default)
    assert code_version("core.build", changed) != code_version("core.build")


def test_an_unknown_module_is_named(root):
    with pytest.raises(ModuleNotFoundError, match=r"core\.models\.gone"):
        code_version("core.models.gone", root)
