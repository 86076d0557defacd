"""The REST API: what the served build knows of a business, and what its payment model says of a payment."""
