/* What bench history says: a figure of each cell over the runs of a folder, and where it changed.
 */

/* The only cell and figure that are asked for; NULL: every cell; all but cpu. */
CREATE TEMP TABLE history_wanted (cell, figure);

/* Cells of one name but other parameters are others: only those that the newest run has count.
 * What computes is converted to the items of the first run: each run is calibrated anew. */
CREATE TEMP TABLE history_figures AS
WITH metrics (metric, of_memory, unit) AS (VALUES ('wall', 0, 'ns'), ('cpu', 0, 'ns'),
    ('p99 from due', 0, 'ns'), ('memory', 1, 'bytes')
), ordered AS (
    SELECT run, row_number() OVER (ORDER BY started_at, run) place FROM runs
), cells_then AS (
    SELECT p.*, place, iif(work = 'cpu', coalesce((0.0 + c.rounds) / first_value(c.rounds) OVER (
            PARTITION BY of_memory, cell, item_ns, p.block_bytes ORDER BY place), 1), 1) more,
        json_array(requests, concurrency, latency_ns) parameters
    FROM planned p JOIN ordered USING (run) LEFT JOIN calibrations c
        ON c.run = p.run AND c.cpu_ns = item_ns AND c.block_bytes = p.block_bytes
), kept AS (
    SELECT *, first_value(parameters) OVER (PARTITION BY of_memory, cell ORDER BY place DESC) newest
    FROM cells_then
)
SELECT min(n) n, cell, metric, unit, place, run, median(figure) median, low(figure) low,
    high(figure) high, samples(figure) executions, figure, row_number() OVER (
        PARTITION BY cell, metric ORDER BY low(figure) IS NULL, place) i
FROM (SELECT k.run, n, cell, metric, unit, place, summary(value / more, run_n) figure
    FROM kept k JOIN metrics USING (of_memory)
        JOIN run_values v USING (run, of_memory, cell, metric)
    WHERE parameters = newest AND (work = 'open' OR metric <> 'p99 from due')
    GROUP BY k.run, of_memory, cell, metric)
GROUP BY cell, metric, run;

/* A change is a run whose interval and that of the run at the last change have nothing in common,
 * beyond the tolerance, where the next run says the same or there is none yet. */
CREATE TEMP TABLE all_history AS
WITH RECURSIVE told AS (SELECT * FROM history_figures WHERE low IS NOT NULL),
walk (cell, metric, i, base) AS (
    SELECT cell, metric, i, i FROM told WHERE i = 1
    UNION ALL
    SELECT p.cell, p.metric, p.i, CASE
        WHEN p.low > b.high AND p.median > b.median * (1 + share) AND coalesce(next.low > b.high, 1)
            OR p.high < b.low AND p.median < b.median * (1 - share)
                AND coalesce(next.high < b.low, 1)
        THEN p.i ELSE base END
    FROM walk w JOIN told p ON p.cell = w.cell AND p.metric = w.metric AND p.i = w.i + 1
        JOIN told b ON b.cell = w.cell AND b.metric = w.metric AND b.i = base
        LEFT JOIN told next ON next.cell = w.cell AND next.metric = w.metric AND next.i = w.i + 2,
        tolerance
), changes AS (
    SELECT *, lag(base) OVER w before, i = max(i) OVER (PARTITION BY cell, metric) last FROM walk
    WINDOW w AS (PARTITION BY cell, metric ORDER BY i)
)
SELECT f.n, f.cell, f.metric, f.unit, f.place, f.run, r.id, r.started_at, g.value "commit",
    f.executions, f.median, f.low, f.high, iif(base <> before, f.median / b.median, NULL) change,
    base <> before AND last unconfirmed
FROM history_figures f JOIN runs r USING (run)
    LEFT JOIN environment g ON g.run = f.run AND what = 'git.revision'
    LEFT JOIN changes c ON c.cell = f.cell AND c.metric = f.metric AND c.i = f.i
        AND f.low IS NOT NULL
    LEFT JOIN history_figures b ON b.cell = f.cell AND b.metric = f.metric AND b.i = before
ORDER BY f.metric = 'memory', f.metric, f.n, f.cell, f.place;

CREATE TEMP VIEW history AS
SELECT h.* FROM all_history h, history_wanted w
WHERE h.cell IS coalesce(w.cell, h.cell)
    AND iif(figure IS NULL, metric <> 'cpu', metric = figure);
