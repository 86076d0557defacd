"""Whoever takes over the code can look up what a comment cites: a public source, or a page in docs/ that exists."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = (".py", ".sql", ".toml", ".csv", ".md", ".txt", "Makefile", ".sqlfluff")
# Notes that are not in this repository: their names, their sections, their numbered sources.
PRIVATE = re.compile(r"(domain|platform) notes?\b|(domain|design|house)\.md|\bdomain [A-I]\.\d|\[S\d+\]|/work/\w", re.I)


def _files() -> list[str]:
    """Paths of the files of the repository, as git lists them."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.splitlines() if (ROOT / path).is_file()]


def _lines() -> list[tuple[str, str]]:
    """Path with line number, and text, of every line of every text file but this one."""
    paths = [path for path in _files() if path.endswith(TEXT) and ROOT / path != Path(__file__)]
    texts = {path: (ROOT / path).read_text(encoding="utf-8").splitlines() for path in paths}
    return [(f"{path}:{number}", line) for path, lines in texts.items() for number, line in enumerate(lines, 1)]


def test_nothing_cites_notes_that_a_reader_does_not_have():
    assert [place for place, line in _lines() if PRIVATE.search(line)] == []


def test_pages_that_are_cited_exist():
    cited = {(name, place) for place, line in _lines() for name in re.findall(r"\bdocs/\w+\.md", line)}
    assert [(name, place) for name, place in sorted(cited) if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_of_a_page_exist(page: Path):
    files = _files()
    known = {*files, *(str(folder) for path in files for folder in Path(path).parents)}
    top = {path.split("/")[0] for path in files}
    named = [name.rstrip("/") for name in re.findall(r"`([\w./-]+)`", page.read_text(encoding="utf-8"))]
    made = re.compile(r"data/(?!reference)")  # what commands leave in data/ is not committed
    assert [name for name in named if name.split("/")[0] in top and name not in known and not made.match(name)] == []
