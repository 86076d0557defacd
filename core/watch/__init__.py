"""Do the models still hold? Drift, migration, performance on matured labels, alerts and what became of them."""
