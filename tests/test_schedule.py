"""The schedules in the README, an Airflow DAG and a cron line: both run the command that exists."""

import ast
import re
import types

import pytest

from core.cli.refresh import BUSY, UNANSWERED
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def _dag_source() -> str:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    return next(block for block in blocks if "beacon_refresh" in block)


def _arguments(call: str) -> dict[str, object]:
    """Constant keyword arguments of the DAG or of its task."""
    calls = [node for node in ast.walk(ast.parse(_dag_source())) if isinstance(node, ast.Call)]
    call_node = next(node for node in calls if isinstance(node.func, ast.Name) and node.func.id == call)
    return {key.arg or "": key.value.value for key in call_node.keywords if isinstance(key.value, ast.Constant)}


def test_the_dag_runs_once_at_a_time_and_never_catches_up():
    compile(_dag_source(), "beacon_refresh.py", "exec")
    dag = _arguments("DAG")
    assert (dag["dag_id"], dag["schedule"]) == ("beacon_refresh", "0 5 * * *")
    assert (dag["catchup"], dag["max_active_runs"]) == (False, 1)


def test_the_task_runs_the_command_and_skips_when_another_refresh_is_running():
    task = _arguments("BashOperator")
    assert "python -m core refresh" in str(task["bash_command"])
    assert task["skip_on_exit_code"] == BUSY
    assert task["append_env"] is True  # without it the process has no keys of the services


def test_cron_and_dag_run_the_same_command_and_the_exit_codes_are_documented():
    cron = next(line for line in README.splitlines() if line.strip().startswith("0 5 * * *"))
    assert ".venv/bin/python -m core refresh" in cron
    assert f"{BUSY} another refresh or build is" in README
    assert f"{UNANSWERED} done but an outside service did not answer" in README


def test_airflow_loads_the_dag_where_it_is_installed():
    pytest.importorskip("airflow", reason="Airflow is no dependency of ours: the DAG is loaded where it is installed")
    module = types.ModuleType("beacon_refresh")
    exec(compile(_dag_source(), "beacon_refresh.py", "exec"), vars(module))  # noqa: S102
    assert module.dag.task_ids == ["refresh"]
    assert module.dag.max_active_runs == 1
