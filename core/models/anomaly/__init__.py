"""Unusual months of a business."""
