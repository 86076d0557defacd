-- The 79 models of revenue: what each learned from, whether it is used, and its losses.
SELECT
    model_id,
    level,
    region,
    category,
    businesses,
    months,
    rows,
    fitted,
    inherits,
    weight,
    gate,
    k,
    loss_global,
    loss_regional,
    loss_local,
    loss_combined,
    used,
    reason
FROM revenue_models
ORDER BY model_id
