-- What is recommended, and what was predicted, of the cells that were measured: tables that check.c
-- fills, and the views of them that `choose --check` prints and the report's section asks.

CREATE TEMP TABLE residuals (run, cell, lane, what, predicted, error, measured);
CREATE TEMP TABLE advice (cell, chosen_ns, best_ns);
CREATE TEMP TABLE predicted_from (about, own); -- JSON; whether the run itself was fitted as well

CREATE TEMP VIEW residual_list AS
SELECT cell, what, iif(what = 'wall', duration(measured), bytes(measured)) "measured>",
    iif(what = 'wall', duration(predicted), bytes(predicted)) || ' ± '
        || iif(what = 'wall', duration(error), bytes(error)) "predicted>",
    printf('%+.1f %%', 100 * (predicted / measured - 1)) "off>",
    iif(abs(predicted - measured) <= error, '', 'outside') "its error"
FROM residuals ORDER BY what DESC, abs(predicted / measured - 1) DESC;

CREATE TEMP VIEW advice_missed AS
SELECT cell "not the best recommended", duration(chosen_ns) "took>", duration(best_ns) "best>"
FROM advice WHERE chosen_ns > 1.05 * best_ns;

CREATE TEMP VIEW residual_summary AS
SELECT what, count(*) "cells>", share(avg(abs(predicted / measured - 1) <= 0.05)) "within 5 %>",
    share(avg(abs(predicted / measured - 1) <= 0.1)) "within 10 %>",
    share(avg(abs(predicted - measured) <= error)) "within their errors>"
FROM residuals GROUP BY what
UNION ALL SELECT 'recommendation', count(*), share(avg(chosen_ns <= 1.05 * best_ns)),
    share(avg(chosen_ns <= 1.1 * best_ns)), '' FROM advice HAVING count(*) > 0;

-- ---- The decision table ------------------------------------------------------------------------

-- The models from the simplest one on.
CREATE TEMP VIEW simplicity (lane, simple) AS
VALUES ('sync', 1), ('threads', 2), ('async', 3), ('procs', 4), ('co', 5);

-- The same work with as many at once, each way against the fastest, round by round.
CREATE TEMP VIEW ways AS
WITH placed AS (
    SELECT c.*, simple + 5 * (offloaded OR several_loops) simple,
        first_value(cell) OVER (PARTITION BY run, work, requests, concurrency, latency_ns, item_ns,
            gil ORDER BY median(wall_ns)) best
    FROM cells c JOIN simplicity USING (lane)
    WHERE ranked AND work IN ('io', 'mixed') AND client IS NOT 'raw' AND blocks <= 32
), walls AS (
    SELECT run, cell, run_n, round, wall_ns FROM samples WHERE valid AND wall_ns > 0
), timed AS (
    SELECT p.run, p.cell, best, paired(x.wall_ns, y.wall_ns, share, x.run_n) times
    FROM tolerance, placed p JOIN walls x ON x.run = p.run AND x.cell = p.cell
        JOIN walls y ON y.run = p.run AND y.cell = best AND y.run_n = x.run_n AND y.round = x.round
    GROUP BY p.run, p.cell, best
)
SELECT p.*, p.cell = p.best OR difference(times) <= 0 OR is_equal(times)
    OR median(p.wall_ns) <= (1 + share) * median(b.wall_ns) as_good
FROM tolerance, placed p JOIN cells b ON b.run = p.run AND b.cell = p.best
    LEFT JOIN timed t ON t.run = p.run AND t.cell = p.cell;

-- The simplest of those that are as good as the fastest, where there was a choice.
CREATE TEMP VIEW choices AS
SELECT run, work, requests, concurrency, latency_ns, item_ns, count(*) ways,
    sum(as_good) - 1 others, min(CASE WHEN as_good THEN simple * 1000 + n END) % 1000 n
FROM ways GROUP BY run, work, requests, concurrency, latency_ns, item_ns
HAVING count(DISTINCT lane) > 1;

CREATE TEMP VIEW choice_rows AS
SELECT c.run, count_text(c.requests) calls, count_text(c.concurrency) at_once,
    short(duration(c.latency_ns)) waits,
    iif(c.item_ns > 0, short(duration(c.item_ns)), '–') computes,
    w.label take, duration(median(w.wall_ns)) wall,
    coalesce((SELECT group_concat(label, '; ') FROM ways o WHERE o.run = c.run AND as_good
        AND o.cell <> w.cell AND o.best = w.best), '–') as_fast,
    coalesce((SELECT bytes(median(memory_bytes)) FROM memory_cells m WHERE m.run = c.run
        AND m.lane = w.lane AND m.asked = c.concurrency AND m.ranked AND m.work = 'io'), '–') memory
FROM choices c JOIN ways w ON w.run = c.run AND w.n = c.n
ORDER BY c.run, coalesce(c.item_ns, 0), c.latency_ns, c.concurrency, c.requests;

-- How many calls in flight there is memory for.
CREATE TEMP VIEW memory_rows_of_choice AS
SELECT run, (SELECT follows_name FROM memory_cells m WHERE m.lane = s.lane) model, limit_mb,
    count_text((limit_mb * 1e6 - base_bytes) / slope_bytes) most,
    count_text((limit_mb * 1e6 - base_bytes) / slope_high_bytes) low,
    count_text((limit_mb * 1e6 - base_bytes) / slope_low_bytes) high
FROM memory_slopes s JOIN simplicity USING (lane),
    (SELECT 64 limit_mb UNION SELECT 256 UNION SELECT 1024)
WHERE what = 'memory' AND slope_low_bytes > 0 AND limit_mb * 1e6 > base_bytes;

-- ---- The plot ----------------------------------------------------------------------------------

CREATE TEMP VIEW plot_predicted AS
SELECT 1 run, dense_rank() OVER (ORDER BY lane) series, lane_label label, cell, colour, point,
    measured / 1e9 x, predicted / measured y, (predicted - error) / measured y_min,
    (predicted + error) / measured y_max
FROM residuals JOIN (SELECT run, cell, n, lane_label FROM cells) USING (run, cell)
    JOIN drawn USING (run, n) WHERE what = 'wall' AND run = 1 AND NOT of_memory
ORDER BY series, x;
