-- Share of each customer's favourite hour (with its two neighbours) before each payment of payment_events, smoothed as
-- hour_habit is; unknown before five payments. The risk's part of time is measured against it.
WITH counted AS (
    SELECT
        payment_id,
        count(*) OVER past AS known,
        count(*) FILTER (WHERE hour = 0) OVER past AS h0,
        count(*) FILTER (WHERE hour = 1) OVER past AS h1,
        count(*) FILTER (WHERE hour = 2) OVER past AS h2,
        count(*) FILTER (WHERE hour = 3) OVER past AS h3,
        count(*) FILTER (WHERE hour = 4) OVER past AS h4,
        count(*) FILTER (WHERE hour = 5) OVER past AS h5,
        count(*) FILTER (WHERE hour = 6) OVER past AS h6,
        count(*) FILTER (WHERE hour = 7) OVER past AS h7,
        count(*) FILTER (WHERE hour = 8) OVER past AS h8,
        count(*) FILTER (WHERE hour = 9) OVER past AS h9,
        count(*) FILTER (WHERE hour = 10) OVER past AS h10,
        count(*) FILTER (WHERE hour = 11) OVER past AS h11,
        count(*) FILTER (WHERE hour = 12) OVER past AS h12,
        count(*) FILTER (WHERE hour = 13) OVER past AS h13,
        count(*) FILTER (WHERE hour = 14) OVER past AS h14,
        count(*) FILTER (WHERE hour = 15) OVER past AS h15,
        count(*) FILTER (WHERE hour = 16) OVER past AS h16,
        count(*) FILTER (WHERE hour = 17) OVER past AS h17,
        count(*) FILTER (WHERE hour = 18) OVER past AS h18,
        count(*) FILTER (WHERE hour = 19) OVER past AS h19,
        count(*) FILTER (WHERE hour = 20) OVER past AS h20,
        count(*) FILTER (WHERE hour = 21) OVER past AS h21,
        count(*) FILTER (WHERE hour = 22) OVER past AS h22,
        count(*) FILTER (WHERE hour = 23) OVER past AS h23
    FROM payment_events
    WINDOW past AS (
        PARTITION BY customer_id, spell ORDER BY "at"
        RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
    )
)
SELECT
    payment_id,
    CASE
        WHEN known >= 5
            THEN
                (greatest(
                    h23 + h0 + h1,
                    h0 + h1 + h2,
                    h1 + h2 + h3,
                    h2 + h3 + h4,
                    h3 + h4 + h5,
                    h4 + h5 + h6,
                    h5 + h6 + h7,
                    h6 + h7 + h8,
                    h7 + h8 + h9,
                    h8 + h9 + h10,
                    h9 + h10 + h11,
                    h10 + h11 + h12,
                    h11 + h12 + h13,
                    h12 + h13 + h14,
                    h13 + h14 + h15,
                    h14 + h15 + h16,
                    h15 + h16 + h17,
                    h16 + h17 + h18,
                    h17 + h18 + h19,
                    h18 + h19 + h20,
                    h19 + h20 + h21,
                    h20 + h21 + h22,
                    h21 + h22 + h23,
                    h22 + h23 + h0
                ) + 3.0) / (known + 24.0)
    END AS habit_most
FROM counted
