"""Keys: only hashes are stored, a damaged file says what to do, two writers lose nothing."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.api import keys
from core.errors import ConfigError


def test_a_key_is_stored_as_a_hash_in_a_file_that_only_its_owner_can_read(tmp_path: Path):
    file = tmp_path / keys.FILE
    secret, key = keys.make(file, ["RM002", "RM001"], False, 10, "branch app")
    assert keys.Keys(file).find(secret) == key
    assert keys.Keys(file).find(secret + "x") is None
    assert secret not in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [key.reads(manager) for manager in ("RM001", "RM003", None)] == [True, False, False]


def test_a_revoked_key_is_not_found_and_cannot_be_revoked_twice(tmp_path: Path):
    file = tmp_path / keys.FILE
    secret, key = keys.make(file, [keys.WHOLE_BANK], True, 10, "")
    stored = keys.Keys(file)
    assert stored.find(secret) is not None
    keys.revoke(file, key.id)
    assert stored.find(secret) is None
    with pytest.raises(ConfigError, match="key list"):
        keys.revoke(file, key.id)


@pytest.mark.parametrize(("managers", "rate"), [([], 10), (["a b"], 10), (["RM001"], 0), (["RM001"], 10_001)])
def test_a_key_without_a_manager_or_with_an_impossible_rate_is_refused(tmp_path: Path, managers: list[str], rate: int):
    with pytest.raises(ConfigError):
        keys.make(tmp_path / keys.FILE, managers, False, rate, "")


def test_a_damaged_file_says_what_to_do(tmp_path: Path):
    file = tmp_path / keys.FILE
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="make new keys"):
        keys.read(file)


def test_keys_made_at_the_same_time_are_all_stored(tmp_path: Path):
    file = tmp_path / keys.FILE
    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda number: keys.make(file, [f"RM{number}"], False, 10, "")[1], range(12)))
    assert {key.id for key in keys.read(file)} == {key.id for key in new}
