"""Keys: only hashes are kept, a damaged file says what to do, two writers lose nothing."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.api import keys
from core.errors import ConfigError


def test_a_key_is_found_by_itself_and_kept_as_a_hash_for_its_owner_alone(tmp_path: Path):
    file = tmp_path / keys.FILE
    told, kept = keys.make(file, ["RM002", "RM001"], False, 10, "branch app")
    assert keys.Keys(file).find(told) == kept
    assert keys.Keys(file).find(told + "x") is None
    assert told not in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [kept.reads(manager) for manager in ("RM001", "RM003", None)] == [True, False, False]


def test_a_revoked_key_is_not_found_and_cannot_be_revoked_twice(tmp_path: Path):
    file = tmp_path / keys.FILE
    told, kept = keys.make(file, [keys.WHOLE_BANK], True, 10, "")
    known = keys.Keys(file)
    assert known.find(told) is not None
    keys.revoke(file, kept.id)
    assert known.find(told) is None
    with pytest.raises(ConfigError, match="key list"):
        keys.revoke(file, kept.id)


@pytest.mark.parametrize(("managers", "rate"), [([], 10), (["a b"], 10), (["RM001"], 0), (["RM001"], 10_001)])
def test_a_key_of_nobody_or_without_a_sane_rate_is_refused(tmp_path: Path, managers: list[str], rate: int):
    with pytest.raises(ConfigError):
        keys.make(tmp_path / keys.FILE, managers, False, rate, "")


def test_a_damaged_file_says_what_to_do(tmp_path: Path):
    file = tmp_path / keys.FILE
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="make new keys"):
        keys.read(file)


def test_keys_made_at_once_are_all_kept(tmp_path: Path):
    file = tmp_path / keys.FILE
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: keys.make(file, [f"RM{number}"], False, 10, "")[1], range(12)))
    assert {key.id for key in keys.read(file)} == {key.id for key in made}
