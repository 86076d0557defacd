"""The house keeps its order: who may import whom, and where SQL and Streamlit may live."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
# What a layer may not import; core points sources <- features <- models <- live, advice, marts <- build <- ui.
FORBIDDEN = {
    "core/sources": ("core.models", "core.advice", "core.marts", "core.build", "core.ui", "streamlit"),
    "core/features": ("core.models", "core.advice", "core.marts", "core.build", "core.ui", "streamlit"),
    "core/models": ("core.live", "core.advice", "core.marts", "core.build", "core.ui", "streamlit"),
    "core/live": ("core.marts", "core.build", "core.ui", "streamlit"),
    "core/advice": ("core.live", "core.build", "core.ui", "streamlit"),
    "core/desk": (
        "core.db",
        "core.models",
        "core.advice",
        "core.marts",
        "core.build",
        "core.ui",
        "duckdb",
        "streamlit",
    ),
    "core/watch": ("core.build", "core.refresh", "core.ui", "streamlit"),
    "core/marts": ("core.build", "core.ui", "streamlit"),
    "pages": ("duckdb", "core.db", "core.models", "pages"),
}


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    names |= {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return names | {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}


def _breaches(folder: str, forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in _imports(path)
        if any(name == banned or name.startswith(f"{banned}.") for banned in forbidden)
    ]


def test_imports_point_one_way():
    assert [breach for folder, banned in FORBIDDEN.items() for breach in _breaches(folder, banned)] == []


def test_streamlit_lives_in_the_app_the_pages_and_the_ui_only():
    core = [path for path in (ROOT / "core").rglob("*.py") if "ui" not in path.relative_to(ROOT / "core").parts]
    assert [path for path in core if "streamlit" in {name.split(".")[0] for name in _imports(path)}] == []


def test_the_app_never_imports_shap():
    """Its import costs seconds: training calls it inside a function, and nothing that a page imports loads it."""
    everything = [*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    at_start = [path for path in everything if "shap" in {name.split(".")[0] for name in _imported_at_start(path)}]
    assert at_start == []
    in_the_app = [path for path in everything if {"ui", "pages"} & set(path.relative_to(ROOT).parts)]
    assert [path for path in in_the_app if "core.models.portrait" in _imports(path)] == []


def _imported_at_start(path: Path) -> set[str]:
    """Names imported outside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    outside = [node for node in ast.walk(tree) if id(node) not in inside]
    names = {node.module for node in outside if isinstance(node, ast.ImportFrom) and node.module}
    return names | {alias.name for node in outside if isinstance(node, ast.Import) for alias in node.names}


def test_only_ui_and_reference_data_speak_korean():
    hangul = [
        path.relative_to(ROOT)
        for path in (ROOT / "core").rglob("*.py")
        if "ui" not in path.relative_to(ROOT / "core").parts
        and "sources" not in path.relative_to(ROOT / "core").parts  # the city's headers and made-up names are data
        and any("가" <= char <= "힣" for char in _code(path))
    ]
    assert hangul == []


def _code(path: Path) -> str:
    """Source without comments and docstrings."""
    return ast.unparse(_without_docstrings(ast.parse(path.read_text(encoding="utf-8"))))


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0] = ast.Pass()
    return tree


def test_no_query_of_a_banks_businesses_forgets_the_manager():
    business_tables = ("business_scores", "business_revenue", "worklist", "loans", "holdings", "contacts", "drivers")
    careless = [
        path.name
        for path in (ROOT / "core" / "ui" / "queries").glob("*.sql")
        if any(f" {table}" in path.read_text(encoding="utf-8") for table in business_tables)
        and "$manager_ids" not in path.read_text(encoding="utf-8")
    ]
    assert careless == []
