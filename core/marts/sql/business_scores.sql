-- One row per business at the newest as_of: everything a list, a filter or a page header shows.
WITH months AS (
    SELECT
        business_id,
        list(CAST(revenue_krw AS DOUBLE) ORDER BY month) FILTER (WHERE month > CAST($as_of AS DATE) - INTERVAL 12 MONTH)
            AS sparkline,
        max(revenue_krw) FILTER (WHERE month = date_trunc('month', CAST($as_of AS DATE))) AS revenue_krw,
        sum(revenue_krw) FILTER (WHERE month > CAST($as_of AS DATE) - INTERVAL 3 MONTH) AS revenue_3m_krw,
        count(revenue_krw) FILTER (WHERE month > CAST($as_of AS DATE) - INTERVAL 3 MONTH) AS months_3m,
        sum(revenue_krw) FILTER (
            WHERE month > CAST($as_of AS DATE) - INTERVAL 15 MONTH AND month <= CAST($as_of AS DATE) - INTERVAL 12 MONTH
        ) AS revenue_3m_year_ago_krw,
        count(revenue_krw) FILTER (
            WHERE month > CAST($as_of AS DATE) - INTERVAL 15 MONTH AND month <= CAST($as_of AS DATE) - INTERVAL 12 MONTH
        ) AS months_3m_year_ago
    FROM business_revenue
    GROUP BY business_id
), before AS (
    SELECT
        business_id,
        max(score) FILTER (WHERE as_of = last_day(CAST($as_of AS DATE) - INTERVAL 1 MONTH)) AS score_1m,
        max(tier) FILTER (WHERE as_of = last_day(CAST($as_of AS DATE) - INTERVAL 1 MONTH)) AS tier_1m,
        max(pd_12m) FILTER (WHERE as_of = last_day(CAST($as_of AS DATE) - INTERVAL 1 MONTH)) AS pd_1m,
        max(score) FILTER (WHERE as_of = last_day(CAST($as_of AS DATE) - INTERVAL 3 MONTH)) AS score_3m
    FROM business_scores_history
    GROUP BY business_id
), account AS (
    SELECT
        business_id,
        deposit_avg_krw,
        overdraft_limit_krw,
        overdraft_used_krw
    FROM balances
    WHERE month = date_trunc('month', CAST($as_of AS DATE)) AND is_known(available_on, $as_of)
), held AS (
    SELECT
        business_id,
        count(*) AS products_held
    FROM holdings
    WHERE opened_on <= $as_of AND coalesce(closed_on, DATE '9999-12-31') > $as_of
    GROUP BY business_id
), contact AS (
    SELECT
        business_id,
        CAST(max("at") AS DATE) AS last_contact_on,
        max_by(channel, "at") AS last_contact_channel
    FROM contacts
    WHERE is_known(available_on, $as_of) AND "at" < CAST($as_of AS DATE) + INTERVAL 1 DAY
    GROUP BY business_id
), main_driver AS (
    SELECT
        business_id,
        reason,
        contribution,
        feature,
        value
    FROM drivers
    WHERE rank = 1 AND model = 'default'
), main_loss AS (
    SELECT
        business_id,
        arg_max(component, points) AS lost_component
    FROM points_lost
    GROUP BY business_id
), joined AS (
    SELECT
        businesses.business_id,
        businesses.manager_id,
        coalesce(managers.branch, '') AS branch,
        businesses.name,
        lower(nfc_normalize(businesses.name)) AS name_nfc,
        businesses.district_code,
        businesses.region,
        businesses.trade_area_code,
        businesses.industry_code,
        businesses.category,
        businesses.family,
        businesses.status,
        now.as_of,
        now.score,
        now.tier,
        now.state,
        now.flags,
        now.points_change,
        now.points_volatility,
        now.points_trend,
        now.points_season,
        now.points_industry,
        now.change_raw,
        now.vol_raw,
        now.trend_raw,
        now.season_raw,
        now.u_industry,
        now.score_raw,
        now.points_shrink,
        now.shrink_lambda,
        now.cap,
        now.months_observed,
        now.peers,
        -- The score that an earlier build has shown, where one has: score_ledger explains the change from that.
        CASE WHEN shown.business_id IS NULL THEN before.tier_1m ELSE shown.tier END AS tier_1m,
        CASE WHEN shown.business_id IS NULL THEN before.score_1m ELSE shown.score END AS score_1m,
        before.score_3m,
        now.tier - CASE WHEN shown.business_id IS NULL THEN before.tier_1m ELSE shown.tier END AS tier_move,
        pd.pd_12m,
        before.pd_1m,
        pd.pd_basis,
        pd.state AS pd_state,
        pd.band AS pd_band,
        churn_scores.churn_3m,
        churn_scores.level AS churn_level,
        churn_scores.state AS churn_state,
        anomalies.anomaly_pct,
        segments.segment,
        segments.state AS segment_state,
        months.revenue_krw,
        CASE WHEN months.months_3m = 3 THEN CAST(months.revenue_3m_krw AS BIGINT) END AS revenue_3m_krw,
        CASE
            WHEN months.months_3m = 3 AND months.months_3m_year_ago = 3
                THEN months.revenue_3m_krw / nullif(months.revenue_3m_year_ago_krw, 0) - 1
        END AS revenue_yoy,
        loan_balances.open_loans,
        loan_balances.loan_balance_krw,
        loan_balances.days_past_due,
        loan_balances.next_maturity_on,
        account.overdraft_limit_krw,
        account.overdraft_used_krw,
        account.deposit_avg_krw,
        -- Without a file of loans the exposure is unknown, not zero.
        CASE
            WHEN $loans_known THEN coalesce(loan_balances.loan_balance_krw, 0) + coalesce(account.overdraft_used_krw, 0)
        END AS exposure_krw,
        coalesce(held.products_held, 0) AS products_held,
        contact.last_contact_on,
        contact.last_contact_channel,
        businesses.opened_on,
        businesses.customer_since,
        businesses.employees,
        main_driver.reason AS driver_reason,
        main_driver.contribution AS driver_contribution,
        main_driver.feature AS driver_feature,
        main_driver.value AS driver_value,
        main_loss.lost_component,
        months.sparkline
    FROM businesses
    JOIN opportunity_now AS now USING (business_id)
    LEFT JOIN managers ON managers.manager_id = businesses.manager_id
    LEFT JOIN before ON before.business_id = businesses.business_id
    LEFT JOIN scores_shown AS shown ON shown.business_id = businesses.business_id
    LEFT JOIN pd_scores AS pd ON pd.business_id = businesses.business_id AND pd.as_of = now.as_of
    LEFT JOIN anomalies ON anomalies.business_id = businesses.business_id AND anomalies.as_of = now.as_of
    LEFT JOIN churn_scores ON churn_scores.business_id = businesses.business_id AND churn_scores.as_of = now.as_of
    LEFT JOIN segments ON segments.business_id = businesses.business_id AND segments.view = 'main'
    LEFT JOIN months ON months.business_id = businesses.business_id
    LEFT JOIN loan_balances ON loan_balances.business_id = businesses.business_id
    LEFT JOIN account ON account.business_id = businesses.business_id
    LEFT JOIN held ON held.business_id = businesses.business_id
    LEFT JOIN contact ON contact.business_id = businesses.business_id
    LEFT JOIN main_driver ON main_driver.business_id = businesses.business_id
    LEFT JOIN main_loss ON main_loss.business_id = businesses.business_id AND now.score IS NOT NULL
)
SELECT
    *,
    -- A business that is 90 days late has defaulted: its loss is certain, there is no probability.
    CASE
        WHEN pd_state = 'DEFAULTED' THEN CAST($lgd * exposure_krw AS BIGINT)
        WHEN pd_basis = 'exposed' THEN CAST(pd_12m * $lgd * exposure_krw AS BIGINT)
    END AS expected_loss_krw,
    CASE WHEN pd_band IN ('D', 'E') AND driver_contribution > 0 THEN driver_reason ELSE lost_component END
        AS top_reason,
    CASE
        WHEN pd_band IN ('D', 'E') AND driver_contribution > 0 THEN 'default'
        WHEN lost_component IS NOT NULL THEN 'score'
    END AS top_reason_model,
    -- A good tier in the worst tenth of PD, or a weak tier in the better half: a person should look (docs/score.md).
    coalesce(
        (tier >= 4 AND pd_rank >= 0.9) OR (tier <= 2 AND pd_rank <= 0.5),
        FALSE
    ) AS conflict
FROM (
    SELECT
        *,
        CASE
            WHEN pd_basis = 'exposed' THEN percent_rank() OVER (PARTITION BY pd_basis ORDER BY pd_12m NULLS LAST)
        END AS pd_rank
    FROM joined
)
ORDER BY manager_id, business_id
