"""Advice: what a business could carry or change, worked out from its figures. Nothing here decides."""
