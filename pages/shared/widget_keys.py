"""Keys of the widgets whose value a page keeps while another page is open, in one place so that no two are the same."""

# Business: is the waterfall drawn in odds or in points of probability?
WATERFALL_SCALE = "way"
# Churn: how many businesses a week can take, and their order; the month of the flows.
CHURN_CAPACITY, CHURN_ORDER, CHURN_MONTH = "churn_capacity", "churn_order", "churn_month"
SEGMENT_VIEW, SEGMENT_FEATURE, SEGMENT_WHOSE = "segment_view", "segment_feature", "segment_whose"
# Segments divided anew: the features, their number, and the last pair that was run.
SEGMENT_FEATURES, SEGMENT_K, SEGMENT_TRIAL = "segment_try", "segment_k", "segment_tried"
# Offers: groups of the chart, states of suitability and hold-out share of a campaign.
OFFERS_GROUPS, OFFERS_STATES, OFFERS_SHARE = "offers_by", "offers_states", "offers_share"
PAYMENT_DAYS, PAYMENT_LEVELS, PAYMENT_CAPACITY = "payment_days", "payment_levels", "payment_capacity"
