"""Monitoring of a build: drift, tier migration, performance on matured labels, alerts and what became of them."""
