"""The house keeps its order: who may import whom, and where Streamlit, Korean and SQL may live."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(folder.parent.name for folder in (ROOT / "pages").glob("*/page.py"))
# Rooms by floor, the lowest first: a module imports from its own room and from the floors below.
FLOORS = (
    (
        "core.errors",
        "core.config",
        "core.calendar",
        "core.db",
        "core.files",
        "core.progress",
        "core.fingerprint",
        "core.reference",
        "core.tables",
    ),
    ("core.sources", "core.features", "core.score", "core.desk"),
    ("core.models", "core.dictionary"),
    ("core.payments", "core.advice", "core.report"),
    ("core.marts", "core.watch", "core.compare"),
    ("core.stream", "core.api"),
    ("core.build",),
    ("core.refresh",),
    ("core.demo",),
    ("core.cli",),
    ("core.__main__",),
    ("pages.shared",),
    tuple(f"pages.{page}" for page in PAGES),
    ("pages.frame",),
    ("app",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# A report on the command line speaks the words of the pages, which need no Streamlit for it.
ALLOWED = {("core.cli.report", "pages.shared.text.report")}
# The lowest floor is one room of many small tools.
TOOLS = FLOORS[0]


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {_name(path): path for path in [*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]}


def _tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def _imports(tree: ast.AST) -> set[str]:
    """Modules that are imported: of a name from a module of ours, the module that holds it."""
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            names |= {name if name in FILES else str(node.module) for name in full}
    return names


def _room(module: str) -> str:
    return module if module in FLOOR else ".".join(module.split(".")[:2])


def _is_allowed(module: str, imported: str) -> bool:
    own, other = _room(module), _room(imported)
    if own == other or (module, imported) in ALLOWED or {own, other} <= set(TOOLS):
        return True
    return FLOOR[other] < FLOOR[own]


def test_imports_point_down():
    ours = [(module, name) for module in FILES for name in _imports(_tree(module)) if name in FILES]
    upward = [f"{module} imports {name}" for module, name in ours if name.count(".") and not _is_allowed(module, name)]
    assert upward == []


def test_no_two_modules_import_each_other_in_a_circle():
    """Imports inside functions count too: they hide a circle, they do not cut it."""
    after = {module: {name for name in _imports(_tree(module)) if name in FILES} for module in FILES}
    left = dict(after)
    while free := [module for module, names in left.items() if not names & left.keys()]:
        for module in free:
            del left[module]
    assert sorted(left) == []


def test_core_does_not_import_streamlit():
    assert [name for name in FILES if name.startswith("core") and _uses(name, "streamlit")] == []


def _uses(module: str, library: str) -> bool:
    return library in {name.split(".")[0] for name in _imports(_tree(module))}


@pytest.mark.parametrize("module", ["core.api.app", "core.stream.worker", "core.cli.report", "core.refresh"])
def test_what_runs_without_pages_does_not_load_streamlit(module: str):
    """Not even through something that it imports."""
    words = "; from pages.shared.text.report import ReportLanguage" if module == "core.cli.report" else ""
    code = f"import sys, {module}{words}; print('streamlit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_pages_do_not_ask_the_database_themselves():
    asking = [name for name in FILES if name.startswith("pages") and name != "pages.shared.read"]
    assert [name for name in asking if _imports(_tree(name)) & {"duckdb", "core.db"}] == []


def test_the_app_never_imports_shap():
    """Its import costs seconds: training calls it inside a function, and nothing that a page imports loads it."""
    assert [name for name in FILES if "shap" in {part.split(".")[0] for part in _imported_at_start(name)}] == []
    assert [name for name in FILES if not name.startswith("core") and _uses(name, "core.models.diagnostics")] == []


def _imported_at_start(module: str) -> set[str]:
    """Names imported outside functions."""
    tree = _tree(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [ast.Pass()]
    return _imports(tree)


# Headers of the city's files, made-up names and the products' services are data.
SPEAK_KOREAN = ("core.sources", "core.demo")


def test_only_pages_and_reference_data_speak_korean():
    silent = [name for name in FILES if name.startswith("core") and not name.startswith(SPEAK_KOREAN)]
    assert [name for name in silent if any("가" <= char <= "힣" for char in _code(name))] == []


def _code(module: str) -> str:
    """Source without comments and docstrings."""
    tree = _tree(module)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            body[0] = ast.Pass()
    return ast.unparse(tree)


def test_no_folder_is_a_drawer():
    """At most thirty files, but for strings and reference data."""
    folders = {
        path.parent for room in ("core", "pages", "tests") for path in (ROOT / room).rglob("*") if path.is_file()
    }
    kinds = ("*.py", "*.sql", "*.toml")
    counts = {folder: sum(len(list(folder.glob(kind))) for kind in kinds) for folder in folders}
    crowded = {str(folder.relative_to(ROOT)): n for folder, n in counts.items() if n > 30}
    assert {name: n for name, n in crowded.items() if "strings" not in name} == {}


def test_pages_are_short_and_modules_not_long():
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in FILES.items()}
    assert {name: n for name, n in lines.items() if name.endswith(".page") and n > 60} == {}
    assert {name: n for name, n in lines.items() if n > 500} == {}
