"""The desk: what people write about their businesses, in a transactional database that no build ever touches.

Notes, a watch list with exit rules, follow-ups, decisions on recommendations. See core.desk.schema for the tables,
core.desk.records for how they are read and changed.
"""
