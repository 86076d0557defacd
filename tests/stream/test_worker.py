"""Errors of the worker that need no servers: a new build that is broken, a broker that refuses."""

import logging
from pathlib import Path

import pytest
from confluent_kafka import KafkaError

from core import db
from core.config import Settings
from core.stream.topics import Addresses
from core.stream.worker import Worker
from tests.payments.town import BUILD, empty_build


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    return Worker(Settings(empty_build(tmp_path)), Addresses("127.0.0.1:1", "redis://127.0.0.1:1/0"))


def test_a_new_build_that_cannot_be_read_leaves_the_worker_with_its_old_one(worker: Worker, tmp_path: Path):
    broken = tmp_path / "builds" / "20250102T000000-bbbbbb" / "stream"
    broken.mkdir(parents=True)
    (broken / "usual.json").write_text('{"2024-1')
    db.publish(tmp_path / "builds", broken.parent.name)
    worker._load_new_build()
    assert worker.scorer.build_id == BUILD
    (broken / "usual.json").write_text("{}")
    worker._load_new_build()
    assert worker.scorer.build_id == broken.parent.name


def test_a_broker_that_refuses_the_connection_is_logged(worker: Worker, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING, "beacon.stream"):
        worker._on_error(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert "Topic authorization failed" in caplog.text
