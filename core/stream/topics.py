"""Names of the stream's topics, and the addresses of its broker and its Redis.

BEACON_KAFKA   host:port of a Kafka broker, several with commas; without it the live feed is off
BEACON_REDIS   redis://host:port/db, by default Redis on this machine
BEACON_GROUP   name of the workers' consumer group and of their keys in Redis, by default beacon-stream
"""

import os
from dataclasses import dataclass

from core.errors import ConfigError

EVENTS, RESULTS, DEAD = "transaction-events", "prediction-results", "transaction-events-dead"
GROUP = "beacon-stream"


@dataclass(frozen=True)
class Addresses:
    """Addresses of one stream: broker, Redis, and the group that its keys in Redis are named after."""

    kafka: str
    redis: str = "redis://127.0.0.1:6379/0"
    group: str = GROUP

    @classmethod
    def from_env(cls) -> "Addresses | None":
        """The addresses in the environment; None when the live feed is off."""
        kafka = os.environ.get("BEACON_KAFKA", "").strip()
        redis = os.environ.get("BEACON_REDIS", "").strip() or cls.redis
        group = os.environ.get("BEACON_GROUP", "").strip() or cls.group
        return cls(kafka, redis, group) if kafka else None

    @classmethod
    def required(cls) -> "Addresses":
        """The addresses in the environment.

        Raises
        ------
        ConfigError : no broker is named
        """
        addresses = cls.from_env()
        if addresses is None:
            raise ConfigError("BEACON_KAFKA names no broker; set it to host:port, or try `make run-live`")
        return addresses
