-- One row: what the advice knows of the business when it sizes a loan; none when it is in no book of $manager_ids.
SELECT
    as_of,
    monthly_sales_krw,
    sales_12m_krw,
    margin,
    instalment_krw,
    loan_balance_krw,
    loans_open,
    gap_krw,
    cash_flow_krw,
    dscr_stressed
FROM advice_facts
WHERE business_id = $business_id AND manager_id IN $manager_ids
