"""Where the stream's broker and memory are, and what its topics are called.

BEACON_KAFKA   host:port of a Kafka broker, several with commas; without it the live feed is off
BEACON_REDIS   redis://host:port/db, by default Redis on this machine
BEACON_GROUP   name of the workers' group and of their memory, by default beacon-stream
"""

import os
from dataclasses import dataclass

from core.errors import ConfigError

EVENTS, RESULTS, DEAD = "transaction-events", "prediction-results", "transaction-events-dead"
GROUP = "beacon-stream"


@dataclass(frozen=True)
class Addresses:
    """One stream: broker, memory, and the name its memory is kept under."""

    kafka: str
    redis: str = "redis://127.0.0.1:6379/0"
    group: str = GROUP

    @classmethod
    def from_env(cls) -> "Addresses | None":
        """The addresses of the environment; None when the live feed is off."""
        kafka = os.environ.get("BEACON_KAFKA", "").strip()
        redis = os.environ.get("BEACON_REDIS", "").strip() or cls.redis
        group = os.environ.get("BEACON_GROUP", "").strip() or cls.group
        return cls(kafka, redis, group) if kafka else None

    @classmethod
    def required(cls) -> "Addresses":
        """The addresses of the environment.

        Raises
        ------
        ConfigError : no broker is named
        """
        addresses = cls.from_env()
        if addresses is None:
            raise ConfigError("BEACON_KAFKA names no broker; set it to host:port, or try `make run-live`")
        return addresses
