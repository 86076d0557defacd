"""The desk: what people write about their businesses, in a transactional database that builds never replace.

Notes, a watch list with exit rules, follow-ups, decisions on recommendations, alerts and what became of them. Tables:
core.desk.schema. Reading and changing records: core.desk.records.
"""
