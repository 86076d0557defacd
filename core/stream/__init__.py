"""Live payments: read from Kafka, scored with the customers' states in Redis, results written back to Kafka."""
