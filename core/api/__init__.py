"""The REST API: the figures of the served build for a business, and the predictions of its payment models."""
