"""Payments as they happen: Kafka in, state in Redis, predictions out."""
