-- Formulas that several SQL files share. TEMP macros exist on the connection of a build only, the others are stored in
-- the build: pages call them on cursors of a served build, and a cursor sees no TEMP macro.

-- Names that Spark has and DuckDB lacks: with these two the feature SQL runs unchanged on both.
CREATE OR REPLACE TEMP MACRO percentile(X, P) AS quantile_cont(x, p);
CREATE OR REPLACE TEMP MACRO unix_date(D) AS CAST(d AS DATE) - DATE '1970-01-01';

-- What is still owed on a loan, in won, not rounded. The contract has no balance column: instalment loans fall in a
-- straight line, month by month, from the day they open to the day they mature; bullet loans stay whole.
CREATE OR REPLACE TEMP MACRO loan_balance(PRINCIPAL, REPAYMENT_TYPE, OPENED, MATURES, TODAY) AS
principal * CASE
    WHEN repayment_type = 'bullet' THEN 1.0
    ELSE least(
        greatest(date_diff('month', today, matures), 0)
        / CAST(greatest(date_diff('month', opened, matures), 1) AS DOUBLE), 1.0
    )
END;

-- Won lent per won of monthly instalment, the same as annuity_factor of core/advice/lending.py.
CREATE OR REPLACE TEMP MACRO annuity_factor(RATE_A_YEAR, TERM) AS CASE
    WHEN rate_a_year > 0 THEN (1 - pow(1 + rate_a_year / 12, -term)) / (rate_a_year / 12)
    ELSE CAST(term AS DOUBLE)
END;

-- Is a business left without an offer in a campaign, so that the effect of the offer can be measured? A hash draws: the
-- same businesses in every build, other ones for another campaign.
CREATE OR REPLACE MACRO is_held_out(BUSINESS, CAMPAIGN_NAME, SHARE) AS
('0x' || left(md5(business || '|' || campaign_name), 8))::UBIGINT % 10000 < 10000 * share;

-- The last day of the ban on tied sales after a loan paid out on this day (Financial Consumer Protection Act, article
-- 20, unfair business practices): one month, counted as 31 days.
CREATE OR REPLACE MACRO tying_until(DAY_OF_LOAN) AS CAST(day_of_loan + INTERVAL 31 DAY AS DATE);

-- Point in time: did the bank have this row on the day of the figure? The contract gives every row the day on which it
-- was available; a figure of a day reads no row that came later. Spark has it as a SQL function of the same name.
CREATE OR REPLACE MACRO is_known(ROW_AVAILABLE_ON, DAY_OF_FIGURE) AS row_available_on <= CAST(day_of_figure AS DATE);
