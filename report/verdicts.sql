/* What comes of the claims (claims.sql), once their queries are answered. */

/* Reproduced is what lies between two limits; "more" and "no more" are by the smallest effect of
 * interest. The rounding is for 2.3 s, which is within 15 % of 2 s although 0.15 is no binary
 * fraction. */
CREATE TEMP VIEW claims_limits AS
WITH rules AS (
    SELECT n, variant, article_value, (SELECT key FROM json_each(criterion)) rule,
        (SELECT value FROM json_each(criterion)) bound, share
    FROM claims_entries, tolerance WHERE title IS NULL
), limits AS (
    SELECT *, CASE rule WHEN 'within_percent' THEN article_value * (1 - bound / 100.0)
            WHEN 'factor' THEN 1.0 * article_value / bound WHEN 'at_least' THEN bound
            WHEN 'more_than' THEN bound * (1 + share) END least,
        CASE rule WHEN 'within_percent' THEN article_value * (1 + bound / 100.0)
            WHEN 'factor' THEN article_value * bound WHEN 'at_most' THEN bound
            WHEN 'no_more_than' THEN bound * (1 + share) END most
    FROM rules
)
SELECT n, variant, rule, bound, share, coalesce(least - 1e-9 * (1 + least), -9e999) least,
    coalesce(most + 1e-9 * (1 + most), 9e999) most
FROM limits;

/* Every claim by every set of lanes that measure it, judged. Measured values are in the claim's
 * unit; `absent` says that it is not measured and that no cell of the run is the reason. One of the
 * sets `stands` for its language: the first that measures it. A claim is reproduced, or not, where
 * all of the interval is on one side of the limit, of few executions all of their range. One
 * execution has no range; it is known to the smallest effect of interest, unless it is a count.
 * Where the article's own case was not measured, `open` says so: the claim is not refuted then. */
CREATE TABLE claims AS
WITH answers AS (
    SELECT runs.run, e.*, measured, cell, a.figures, CASE WHEN said_why IS NOT NULL
            AND query IS NULL THEN said_why WHEN why IS NOT NULL THEN why
            WHEN error IS NOT NULL
                THEN 'Its pattern, ' || e.pattern || ', came to no end: ' || error || '.'
            WHEN p.run IS NOT NULL THEN 'Its pattern, ' || e.pattern
                || ', ended without this figure'
                || coalesce(' (n = ' || nullif(count_text(p.n), '–') || ')', '')
                || coalesce('; of its checks these did not hold: ' || which, '') || '.'
            WHEN e.pattern IS NOT NULL AND e.language IN (SELECT language FROM every_pattern l
                WHERE l.run = runs.run) THEN 'Its pattern was not run' || CASE plan
                WHEN 'article' THEN '.' ELSE '; plan `article` runs all.' END
            WHEN e.pattern IS NOT NULL THEN iif(e.language = 'c' OR NOT EXISTS (SELECT 1
                    FROM every_pattern l WHERE l.run = runs.run),
                'The patterns were not run with this run (make patterns RUN=…).',
                'The patterns of this run are not in ' || language_name || '.')
            WHEN a.figures IS NOT NULL THEN 'The run holds no execution of it.'
            WHEN other_latency_ns IS NOT NULL THEN 'This run''s latency is '
                || short(duration(other_latency_ns)) || '; the article speaks of '
                || short(duration(1e6 * latency_ms)) || '.'
            ELSE 'No cell of this plan measures it' || CASE plan WHEN home THEN ''
                ELSE '; plan `' || home || '` does' END || '.' END why,
        other_latency_ns IS NULL AND (cell IS NULL OR why IS NULL) absent,
        CASE unit WHEN 's' THEN 1e9 WHEN 'MB' THEN 1e6 ELSE 1.0 END scale
    FROM claims_entries e JOIN runs JOIN languages USING (language) LEFT JOIN claims_asked a
        ON a.run = runs.run AND a.title IS NULL AND a.n = e.n AND a.variant = e.variant
        LEFT JOIN (SELECT * FROM every_pattern GROUP BY run, pattern, language) p
        ON p.run = runs.run AND p.pattern = e.pattern AND p.language = e.language
    WHERE e.title IS NULL
), values_of AS (
    SELECT a.*, coalesce(samples(measured), ratio_pairs(measured), measured IS NOT NULL) count,
        coalesce(median(measured), ratio(measured), number(measured)) / scale median,
        coalesce(low(measured), ratio_low(measured)) / scale low,
        coalesce(high(measured), ratio_high(measured)) / scale high,
        coalesce(least(measured), ratio_least(measured), number(measured)) / scale min,
        coalesce(most(measured), ratio_most(measured), number(measured)) / scale max
    FROM answers a
), deciding AS (
    SELECT d.*, rule, bound, share, least, most,
        CASE judged WHEN 'most' THEN max WHEN 'least' THEN min ELSE median END value,
        iif(judged = 'median' AND unit <> 'count' AND count = 1, 1 + share, 1) spread
    FROM values_of d JOIN claims_limits USING (n, variant)
), ends AS (
    SELECT *,
        CASE judged WHEN 'median' THEN coalesce(low, min) / spread ELSE value END likely_least,
        CASE judged WHEN 'median' THEN coalesce(high, max) * spread ELSE value END likely_most
    FROM deciding
), verdicts AS (
    SELECT *, CASE WHEN value IS NULL THEN 'not measured'
            WHEN likely_least >= least AND likely_most <= most THEN 'reproduced'
            WHEN likely_most >= least AND likely_least <= most OR figures->>'open' IS NOT NULL
                THEN 'undecided'
            ELSE 'not reproduced' END verdict,
        CASE WHEN likely_least < least AND likely_most >= least THEN least ELSE most END crossed,
        CASE WHEN value BETWEEN least AND most THEN 'reproduced'
            WHEN value > most THEN 'higher' ELSE 'lower' END outcome
    FROM ends
), needs AS (
    SELECT *, count * likely / (value - crossed) * likely / (value - crossed) rounds
    FROM (SELECT *, CASE WHEN value > crossed THEN value - likely_least ELSE likely_most - value
        END likely FROM verdicts)
)
SELECT run, n, variant, id, claim, claim_group, about, counted, article, article_value, language,
    lane, "to", CASE WHEN value IS NOT NULL THEN cell END cell, unit, value measured,
    low measured_low, high measured_high, min measured_min, max measured_max, count, verdict,
    CASE WHEN value IS NULL THEN why
         ELSE trim(coalesce(filled(reasons->'measured', figures), '') || ' ' || CASE verdict
             WHEN 'undecided' THEN CASE WHEN figures->>'open' IS NOT NULL
                 THEN 'Undecided: ' || (figures->>'open') || ' would decide it. '
                     || coalesce(filled(reasons->outcome, figures), '')
                 WHEN low IS NULL
                 THEN 'Undecided: the range of so few executions reaches across the limit; '
                     || '6 rounds would give an interval.'
                 ELSE 'Undecided: the interval reaches across the limit; ' || CASE WHEN rounds < 100
                     THEN 'some ' || count_text(max(count + 1, rounds))
                         || ' rounds would decide it, if the median stays.'
                     ELSE 'the figure lies at it, so that more rounds would hardly decide it.'
                     END END
             ELSE coalesce(filled(reasons->outcome, figures), '') END) END reason,
    CASE WHEN value IS NULL THEN '–' ELSE figure_text(value, unit) || CASE
         WHEN judged <> 'median' OR count < 2 THEN ''
         WHEN low IS NULL
             THEN ' (' || figure_text(min, unit) || ' … ' || figure_text(max, unit) || ')'
         ELSE ' [' || figure_text(low, unit) || ', ' || figure_text(high, unit) || ']' END
         || CASE unit WHEN 's' THEN coalesce(nullif(' ' || (figures->>'beside'), ' '), '')
            WHEN 'count' THEN ' ' || CASE value WHEN 1 THEN coalesce(one, what) ELSE what END
            ELSE '' END || coalesce(', ' || (figures->>'at'), '') END measured_text,
    CASE rule WHEN 'within_percent' THEN CASE WHEN unit IN ('s', 'MB') THEN ''
            ELSE short(figure_text(article_value, unit)) || ' ' END || printf('±%g %%', bound)
         WHEN 'factor' THEN printf('within a factor of %g', bound)
         ELSE coalesce(replace(rule, '_', ' ') || ' ' || short(figure_text(bound, unit)), '') END
        || coalesce(CASE WHEN unit IN ('ratio', 's', 'MB') THEN ', ' ELSE ' ' END
            || CASE bound WHEN 1 THEN coalesce(one, what) ELSE what END, '')
        || CASE rule WHEN 'no_more_than' THEN printf(', within %g %%', 100 * share)
            WHEN 'more_than' THEN printf(', by over %g %%', 100 * share) ELSE '' END
        || iif(rule IS NOT NULL AND whose = 'ours', '; our limit', '') criterion_text,
    value IS NULL AND absent absent, row_number() OVER (PARTITION BY run, n, language
        ORDER BY value IS NULL, value IS NULL AND absent, variant) = 1 stands
FROM needs ORDER BY run, n, variant;

/* The sentences of the explanations; and what the article says of a cell. */
CREATE TABLE explanations AS
SELECT a.run, title, row_number() OVER (PARTITION BY a.run ORDER BY n, variant) n,
    filled(reasons->'measured', figures) text
FROM claims_entries JOIN claims_asked a USING (n, variant, title)
WHERE title IS NOT NULL AND measured IS NOT NULL AND text IS NOT NULL
    AND a.run IN (SELECT run FROM planned WHERE language <> 'c' AND work <> 'sleep') ORDER BY 1, 3;

CREATE TABLE article_figures AS
SELECT run, cell, max(1e9 * article_value) FILTER (WHERE unit = 's') wall_ns,
    max(1e6 * article_value) FILTER (WHERE unit = 'MB') memory_bytes
FROM claims WHERE cell IS NOT NULL GROUP BY run, cell
HAVING wall_ns IS NOT NULL OR memory_bytes IS NOT NULL;
