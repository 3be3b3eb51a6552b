/* What each plot shows: a table plot_NAME for plots/NAME.csv, which the plot's form draws, and what
 * its subtitle says of the run. They are asked after the claims are judged. Of several runs the
 * first is drawn: the table `drawn` holds no other. */

/* What the article says of a cell: the claims fill it. */
CREATE TABLE IF NOT EXISTS main.article_figures (run, cell, wall_ns, memory_bytes);

/* ---- Colour is the model, shape the language ------------------------------------------------ */

/* Okabe and Ito's colours, which colour-blind readers can tell apart; further lanes of a model have
 * its other tints. */
CREATE TEMP VIEW tints (model_n, tint, colour) AS VALUES
    (1, 0, 0xCC79A7), (1, 1, 0x8C3F6B), (1, 2, 0xB565C8), (1, 3, 0xA64D79),
    (2, 0, 0xD98200), (2, 1, 0x8A4F00), (2, 2, 0xA8871A), (2, 3, 0xB5651D),
    (3, 0, 0x009E73), (3, 1, 0x00573F), (3, 2, 0x1B9AA0), (3, 3, 0x5E8C31),
    (4, 0, 0x0072B2), (4, 1, 0x00395C), (4, 2, 0x3F9BD9), (4, 3, 0x5A5FC0),
    (5, 0, 0xB0400B), (5, 1, 0x6B2606), (5, 2, 0xD97B52), (5, 3, 0x7F3B1D),
    (9, 0, 0x8A4B08), (9, 1, 0x7A5195), (9, 2, 0x555555), (9, 3, 0xB8860B);

/* gnuplot's filled points; the one before is the same shape, hollow. */
CREATE TEMP VIEW shapes (language, point) AS
VALUES ('c', 7), ('python', 9), ('go', 5), ('node', 13), ('rust', 11), ('java', 15);

CREATE TEMP TABLE drawn AS
WITH lanes AS (
    SELECT lane, model_n, language, lane NOT IN (SELECT model FROM models) further,
        min(of_memory * 1000000 + n) first
    FROM planned WHERE run = 1 GROUP BY lane
), placed AS (
    SELECT lane, row_number() OVER (PARTITION BY model_n ORDER BY further, first) - 1 place,
        row_number() OVER (PARTITION BY model_n, language ORDER BY further, first) - 1 again,
        coalesce(point, 11) point
    FROM lanes LEFT JOIN shapes USING (language)
)
SELECT run, of_memory, n, CASE
        WHEN offloaded AND compute = 'threads' THEN 0x2A93C9
        WHEN offloaded THEN 0x332288
        WHEN several_loops THEN 0x882255
        ELSE colour END colour,
    iif(several_loops, 15, point - (gil OR offloaded OR blocks > 32 OR again % 2)) point,
    1 + gil dash
FROM planned p JOIN placed USING (lane) JOIN tints t ON t.model_n = p.model_n AND tint = place % 4
WHERE run = 1;

/* ---- Rows: one figure each, by group --------------------------------------------------------- */

/* Every measured cell as a row shows it. */
CREATE TEMP TABLE measured AS
WITH figures AS (
    SELECT of_memory, run, n, cell, ranked, wall_ns figure, duration(median(wall_ns)) text,
        floor_ns low, NULL extra, samples(wall_ns) samples FROM cells
    UNION ALL SELECT of_memory, run, n, cell, ranked, memory_bytes,
        bytes(median(memory_bytes)), base_bytes, median(memory_bytes) + median(library_bytes),
        samples(memory_bytes)
    FROM memory_cells
)
SELECT of_memory, f.run, n, low, median(figure) value, least(figure) value_min,
    most(figure) value_max, extra, iif(of_memory, a.memory_bytes, a.wall_ns) article,
    text, iif(ranked, colour, 0x999999) colour, iif(ranked, point, 6) point, samples
FROM figures f JOIN drawn USING (run, of_memory, n)
    LEFT JOIN article_figures a ON a.run = f.run AND a.cell = f.cell
WHERE median(figure) > 0;

CREATE TEMP TABLE timed_rows AS
SELECT * FROM ranking JOIN measured USING (run, of_memory, n);
CREATE TEMP TABLE held_rows AS
SELECT * FROM memory_cells JOIN measured USING (run, of_memory, n);

/* A label does without what its heading says. */
CREATE TEMP TABLE plot_wall AS
SELECT work_label heading, CASE WHEN concurrency = requests
        THEN replace(label, ', ' || count_text(concurrency) || ' at once', '') ELSE label END
    || iif(ranked, '', ' (invalid)') label, m.*
FROM ranking JOIN measured m USING (run, of_memory, n)
WHERE work IN ('io', 'file', 'websocket', 'sql')
ORDER BY work <> 'io', work, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place;

CREATE TEMP TABLE plot_memory AS
SELECT count_text(concurrency) || ' requests in flight' heading,
    replace(label, ', ' || count_text(concurrency) || ' at once', '')
    || iif(ranked, '', ' (invalid)') label, m.*
FROM memory_cells JOIN measured m USING (run, of_memory, n)
WHERE concurrency > 1 AND work <> 'sleep' ORDER BY concurrency, value, m.n;

CREATE TEMP TABLE plot_task_bytes AS
SELECT s.run, '' heading, cut(lane, 32) label, NULL low, slope_bytes value,
    coalesce(slope_low_bytes, slope_bytes) value_min,
    coalesce(slope_high_bytes, slope_bytes) value_max,
    NULL extra, NULL article, bytes(slope_bytes) text, colour, point, passes samples
FROM slopes s JOIN drawn d ON d.run = s.run AND d.of_memory AND d.n = s.first
WHERE of_tasks AND what = 'memory' AND slope_bytes > 0 ORDER BY value;

CREATE TEMP TABLE twins_drawn AS
SELECT work = 'io' waits, replace(work_label, ', each with', ' and') || blocks_label || ': '
        || coalesce(follows_name, 'another model')
        || CASE WHEN follows IN ('threads', 'procs') THEN ' of ' || count_text(concurrency)
             WHEN concurrency > 1 AND work <> 'cpu' THEN ', ' || count_text(concurrency)
                 || ' at once'
             ELSE '' END heading,
    replace(replace(twin_label, ' (' || CASE language WHEN 'c' THEN '' ELSE language_name END
        || ')', ''), ' compute', '') || iif(ranked, '', ' (invalid)') label, m.*
FROM twin_cells JOIN measured m USING (run, of_memory, n) ORDER BY twin_n;
/* Of two languages the plots of wall time and memory show the same. */
CREATE TEMP TABLE plot_twins AS SELECT * FROM twins_drawn
WHERE waits AND (SELECT count(DISTINCT language) FROM twin_cells WHERE run = 1) > 2;
CREATE TEMP TABLE plot_twins_computing AS SELECT * FROM twins_drawn WHERE NOT waits;

CREATE TEMP TABLE plot_twins_memory AS
SELECT count_text(asked) || ' requests in flight: '
        || coalesce(follows_name, 'another model') heading,
    twin_label || iif(ranked, '', ' (invalid)') label, m.*
FROM twin_memory_cells JOIN measured m USING (run, of_memory, n)
WHERE (SELECT count(DISTINCT language) FROM twin_memory_cells WHERE run = 1) > 2 ORDER BY twin_n;

/* What is right and what is wrong say the patterns themselves. What was projected was not measured.
 */
CREATE TEMP TABLE patterns_drawn AS
WITH bars AS (
    SELECT run, n, b.key i, coalesce(string(j->>'title'), '?') title,
        min(n) OVER (PARTITION BY j->>'title') first, coalesce(language_n, 1) language_n,
        coalesce(string(b.value->>0), '?') label, number(b.value->>1) ns,
        coalesce(' (' || language_name || ')', '') language,
        CASE WHEN language_n > 1 THEN 2 ELSE 0 END shape
    FROM raw_patterns LEFT JOIN languages ON language = j->>'language', json_each(j, '$.bars') b
    WHERE run = 1 AND b.type = 'array'
        AND b.value->>2 LIKE '%\_ns' ESCAPE '\' AND number(b.value->>1) > 0
        AND coalesce(b.value->>0, '') NOT LIKE '%(projected)'
)
SELECT run, title LIKE 'Mistake%' OR title LIKE 'Practice%' practice, cut(title, 80) heading,
    cut(label, 48) || language label, NULL low, ns value,
    ns value_min, ns value_max, NULL extra, NULL article, duration(ns) text,
    CASE WHEN label LIKE 'wrong:%' THEN 0xD55E00 WHEN label LIKE 'right:%' THEN 0x009E73
        WHEN label LIKE 'floor:%' THEN 0x777777 ELSE 0x0072B2 END colour,
    CASE WHEN label LIKE 'wrong:%' THEN 2
        WHEN label LIKE 'floor:%' THEN 12 ELSE 7 + shape END point, NULL samples
FROM bars ORDER BY first, i, language_n LIMIT 120;
CREATE TEMP TABLE plot_patterns AS SELECT * FROM patterns_drawn WHERE NOT practice;
CREATE TEMP TABLE plot_practices AS SELECT * FROM patterns_drawn WHERE practice;

/* ---- Curves: a panel each, a series for each lane -------------------------------------------- */

/* Points of several series at the same place are drawn side by side: `shift` is by how much. */

/* One cell for each lane and number of calls at once, of the latency that most were measured with:
 * of several those with as many calls as most lanes have, then with the most. */
CREATE TEMP TABLE by_concurrency AS
WITH every AS (
    SELECT c.*, count(*) OVER (PARTITION BY requests, concurrency) together
    FROM timed_rows c JOIN (SELECT run, latency_ns FROM main_work) USING (run, latency_ns)
    WHERE work = 'io' AND ranked AND (NOT several_loops OR worker_processes > 1)
        AND concurrency >= 1 AND value_min > 0
), chosen AS (
    SELECT *, row_number() OVER (PARTITION BY lane, concurrency
        ORDER BY together DESC, requests DESC, n) choice
    FROM every
)
SELECT *, min(n) OVER (PARTITION BY lane) first FROM chosen WHERE choice = 1;

/* The lanes that stand for a model in a language: its own lane, or the one that was measured at
 * most numbers at once, then the fastest at the largest. */
CREATE TEMP TABLE headline_lanes AS
WITH lanes AS (
    SELECT lane, language, model_n, language_n, count(*) points, max(concurrency) most_n,
        min(value) FILTER (WHERE concurrency >= 100) value
    FROM by_concurrency GROUP BY lane
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY language, model_n
        ORDER BY points DESC, most_n DESC, value) choice
    FROM lanes
)
SELECT lane, language_n * 10 + model_n place FROM placed WHERE choice = 1 AND model_n < 9;

/* By when which share of the requests is answered: of what each execution tells the median. Of runs
 * whose lanes did not yet tell it of each twentieth, three points are known, with steps to them. */
CREATE TEMP TABLE answered AS
WITH told AS (
    SELECT run, cell, 5.0 * (e.key + 1) share, e.value figure
    FROM counted JOIN raw_samples USING (run, n), json_each(j, '$.lane.latency_ns.twentieths') e
    UNION ALL SELECT run, cell, 50, request_p50_ns FROM counted
    UNION ALL SELECT run, cell, 90, request_p90_ns FROM counted
    UNION ALL SELECT run, cell, 99, request_p99_ns FROM counted
), points AS (
    SELECT run, cell, share, median(summary(figure)) / 1e6 x,
        lag(share, 1, 0) OVER v before, count(*) OVER (PARTITION BY run, cell) < 20 stepped
    FROM told GROUP BY run, cell, share WINDOW v AS (PARTITION BY run, cell ORDER BY share)
)
SELECT c.*, panel, x, share, iif(corner, before, share) y, stepped,
    NOT corner AND share IN (50, 90, 99) seen
FROM by_concurrency c JOIN points USING (run, cell) JOIN headline_lanes USING (lane),
    (SELECT 1 panel, 10 at_once UNION SELECT 2, 100 UNION SELECT 3, 1000),
    (SELECT 0 corner UNION SELECT 1)
WHERE concurrency = at_once AND x > 0 AND stepped >= corner;

/* `step` is the order of a curve's points. A plot of a single place is none. */
CREATE TEMP TABLE curves AS
WITH alike AS ( -- what lines join
    SELECT * FROM held_rows WHERE ranked AND value_min > 0 AND work IN ('sleep',
        (SELECT work FROM held_rows WHERE work <> 'sleep' GROUP BY work
        ORDER BY count(*) DESC LIMIT 1))
), points AS (
    SELECT 'concurrency' plot, 1 panel, run, lane, first, lane_label label, colour, point, samples,
        concurrency step, concurrency x, (value - floor_ns) / requests y,
        (value_min - floor_ns) / requests y_min, (value_max - floor_ns) / requests y_max, NULL extra
    FROM by_concurrency WHERE value > floor_ns
    UNION ALL
    SELECT 'cpu-calls', 1, run, lane, first, lane_label, colour, point, samples, concurrency,
        concurrency, cpu_per_request_ns, least(cpu_ns) / requests, most(cpu_ns) / requests, NULL
    FROM by_concurrency WHERE least(cpu_ns) > 0
    UNION ALL
    SELECT 'latency', panel, run, lane, max(x) OVER (PARTITION BY lane), lane_label, colour,
        iif(seen, point, 0), samples, share + y / 1e3, x, y, y, y, NULL
    FROM answered
    UNION ALL
    SELECT CASE work WHEN 'sleep' THEN 'tasks' ELSE 'memory-concurrency' END, 1, run, lane,
        min(n) OVER (PARTITION BY work = 'sleep', lane),
        lane_label || iif(work = 'websocket', ', WebSockets', ''), colour, point, samples,
        concurrency, concurrency, value, value_min, value_max, extra
    FROM alike WHERE concurrency >= 1
    UNION ALL -- where the base is no longer seen
    SELECT 'memory-calls', 1, run, lane, min(n) OVER (PARTITION BY lane), lane_label, colour, point,
        samples, concurrency, concurrency, value / concurrency, value_min / concurrency,
        value_max / concurrency, NULL
    FROM alike WHERE concurrency >= 10000 AND work <> 'sleep'
), every AS (
    SELECT * FROM points
    UNION ALL
    SELECT CASE plot WHEN 'concurrency' THEN 'headline-time' ELSE 'headline-memory' END, panel, run,
        lane, place, label, colour, point, samples, step, x, y, y_min, y_max, NULL
    FROM points JOIN headline_lanes USING (lane) WHERE plot IN ('concurrency', 'memory-concurrency')
)
SELECT plot, run, panel, dense_rank() OVER (PARTITION BY plot ORDER BY first, lane) series, label,
    colour, point, 1 dash, x, y, iif(y_min > 0, y_min, 0.3 * y) y_min, -- no place for 0
    y_max, extra, samples, (row_number() OVER of_place - (count(*) OVER at_place + 1) / 2.0)
        * iif(plot = 'latency', 0, min(0.04, 0.24 / count(*) OVER at_place)) shift
FROM every e WHERE CASE plot WHEN 'memory-concurrency' THEN 2 WHEN 'tasks' THEN 2 ELSE 1 END
    < (SELECT count(DISTINCT x) FROM every a WHERE a.plot = e.plot)
WINDOW at_place AS (PARTITION BY plot, panel, x),
    of_place AS (PARTITION BY plot, panel, x ORDER BY first)
ORDER BY plot, panel, series, step;

/* What choose predicted of the wall times of the run, if it did, around 1, and a band of 10 %. */
CREATE TEMP TABLE IF NOT EXISTS residuals (run, cell, lane, what, predicted, error, measured);
CREATE TEMP TABLE plot_predicted AS
WITH points AS (
    SELECT lane, label, colour, point, measured / 1e9 x, predicted / measured y, error / measured e
    FROM residuals JOIN (SELECT run, cell, n, lane_label label FROM cells) USING (run, cell)
        JOIN drawn USING (run, n) WHERE what = 'wall' AND run = 1 AND NOT of_memory
)
SELECT 1 run, 1 panel, dense_rank() OVER (ORDER BY lane) series, label, colour, point, 0 dash, x, y,
    max(y - e, 0) y_min, y + e y_max, NULL extra, NULL samples, 0 shift FROM points
UNION ALL SELECT 1, 1, 40 + (b.value > 1), iif(b.value > 1, '10 % more', '10 % less'), 0x777777,
    0, 2, e.value, b.value, b.value, b.value, NULL, NULL, 0
FROM json_each('[0.9,1.1]') b, (SELECT min(x) value FROM points UNION SELECT max(x) FROM points) e
WHERE e.value > 0 ORDER BY series, x;

/* The work of which most can be held against a sequential cell; the last series is the ideal. */
CREATE TEMP TABLE speed_up_figures AS
WITH figures AS (
    SELECT u.*, c.series, c.n, c.work_label, d.colour, d.point, d.dash,
        count(*) OVER (PARTITION BY u.requests, cpu_item_ns) alike
    FROM cpu u JOIN cells c USING (run, cell) JOIN drawn d USING (run, of_memory, n)
    WHERE workers_computing >= 1 AND against <> cell AND speed_up IS NOT NULL
), ranked AS (
    SELECT *, dense_rank() OVER (ORDER BY alike DESC, requests, cpu_item_ns) choice,
        row_number() OVER (PARTITION BY requests, cpu_item_ns, series, workers_computing
            ORDER BY speed_up DESC) best,
        min(n) OVER (PARTITION BY requests, cpu_item_ns, series) first
    FROM figures
)
SELECT *, row_number() OVER (PARTITION BY workers_computing ORDER BY first) place,
    count(*) OVER (PARTITION BY workers_computing) together
FROM ranked WHERE choice = 1 AND best = 1;

CREATE TEMP TABLE plot_speed_up AS
WITH machine AS (
    SELECT number(value) cores FROM environment
    WHERE run = 1 AND what = 'cores' AND number(value) >= 1
), ideal AS (
    SELECT 1 x, cores FROM machine UNION SELECT cores, cores FROM machine
    UNION SELECT max(workers_computing, cores), cores FROM machine, (
        SELECT max(workers_computing) workers_computing FROM speed_up_figures)
)
SELECT run, 1 panel, dense_rank() OVER (ORDER BY first) series, replace(replace(series,
    ' compute', ''), 'event loop, ', 'loop, ') label, colour, point,
    dash, workers_computing x, speed_up y, coalesce(speed_up_low, speed_up_min) y_min,
    coalesce(speed_up_high, speed_up_max) y_max, NULL extra, rounds samples,
    (place - (together + 1) / 2.0) * min(0.09, 0.6 / together) shift,
    (SELECT cores FROM machine) mark
FROM speed_up_figures
UNION ALL
SELECT 1, 1, 1 + (SELECT count(DISTINCT first) FROM speed_up_figures), 'ideal', 0x777777, 0, 2, x,
    min(x, cores), min(x, cores), min(x, cores), NULL, NULL, 0, cores
FROM ideal WHERE EXISTS (SELECT 1 FROM speed_up_figures) ORDER BY series, x;

/* From the share on that `mark` names another than the single loop is clearly faster. */
CREATE TEMP TABLE mixed_curves AS
WITH shares AS (
    SELECT l.run, l.requests, l.latency_ns, l.item_ns, s.cpu_share,
        max(CASE WHEN difference IS 1 THEN -1 ELSE s.cpu_share END) OVER () unbeaten
    FROM mixed_shares s JOIN mixed_cells l ON l.run = s.run AND l.cell = s.loop
        LEFT JOIN compared c ON c.run = s.run AND why = 'share' AND a = s.loop AND b = s.other
    WHERE s.run = 1
), fastest AS (
    SELECT m.*, (SELECT min(cpu_share) FROM shares WHERE cpu_share > unbeaten) mark,
        replace(label, ', ' || count_text(concurrency) || ' at once', '') short_label,
        row_number() OVER (PARTITION BY series, m.cpu_share ORDER BY m.items_per_second DESC) best
    FROM mixed_cells m JOIN shares USING (run, requests, latency_ns, item_ns) WHERE ranked
), named AS (
    SELECT *, min(n) OVER v first, CASE WHEN min(short_label) OVER v = max(short_label) OVER v
        THEN short_label ELSE series END name
    FROM fastest JOIN drawn USING (run, of_memory, n) WHERE best = 1
    WINDOW v AS (PARTITION BY series)
), panels AS (
    SELECT 1 panel, *, wall_ns figure, requests * 1e9 of FROM named
    UNION ALL SELECT 2, *, wall_ns, 100 * floor_ns FROM named
    UNION ALL SELECT 3, *, heartbeat_p99_ns, NULL FROM named WHERE median(heartbeat_p99_ns) > 0
), points AS (
    SELECT *, median(figure) y, coalesce(low(figure), least(figure)) y_least,
        coalesce(high(figure), most(figure)) y_most FROM panels
)
SELECT run, panel, dense_rank() OVER (ORDER BY first) series, replace(replace(name,
    ' compute', ''), 'event loop, ', 'loop, ') label, colour, point, dash,
    100 * cpu_share x, coalesce(of / y, y) y, coalesce(of / y_most, y_least) y_min,
    coalesce(of / y_least, y_most) y_max, NULL extra, samples(figure) samples,
    0 shift, 100 * mark mark
FROM points WHERE (SELECT count(*) FROM shares) > 1 ORDER BY panel, series, x;
CREATE TEMP TABLE plot_mixed AS SELECT * FROM mixed_curves WHERE panel = 1;
CREATE TEMP TABLE plot_mixed_late AS SELECT * FROM mixed_curves WHERE panel > 1;
UPDATE plot_mixed_late SET panel = panel - 1;

/* The open loads of which there are most; `mark` is what most of them can serve at most. */
CREATE TEMP TABLE open_group AS
SELECT latency, arrivals, work_label FROM open_loads WHERE run = 1 AND ranked
GROUP BY latency, arrivals, work_label HAVING count(DISTINCT rate) > 1
ORDER BY count(*) DESC LIMIT 1;

CREATE TEMP TABLE plot_rate AS
WITH shown AS (
    SELECT o.*, colour, dash, min(o.n) OVER (PARTITION BY lane, label) first,
        point - (dense_rank() OVER (PARTITION BY lane ORDER BY concurrency) - 1) % 2 point
    FROM open_loads o JOIN open_group USING (latency, arrivals, work_label)
        JOIN drawn d ON d.run = o.run AND d.n = o.n AND NOT d.of_memory
    WHERE ranked
), panels AS (
    SELECT 1 panel, *, due_p99_ns figure, median(due_p50_ns) extra FROM shown
    UNION ALL SELECT 2, *, queue_peak, NULL FROM shown WHERE least(queue_peak) > 0
)
SELECT run, panel, dense_rank() OVER (ORDER BY first) series, label, colour, point, dash, rate x,
    median(figure) y, least(figure) y_min, most(figure) y_max, extra, samples(figure) samples,
    0 shift, (SELECT capacity FROM shown GROUP BY capacity ORDER BY count(*) DESC, capacity LIMIT 1)
    mark
FROM panels ORDER BY panel, series, x;

/* The concurrency that most lanes were watched at, by the memory cgroup where all have one: RSS,
 * summed, counts shared pages once for each process. */
CREATE TEMP TABLE watched AS
WITH passes_watched AS (
    SELECT run, cell, pass, count(nullif(t.cgroup_bytes, 0)) > 1 by_cgroup
    FROM memory_time t JOIN (SELECT run, cell, n pass FROM passes WHERE run = 1 AND valid)
        USING (run, cell, pass)
    GROUP BY cell, pass HAVING count(nullif(rss_bytes, 0)) > 1
), firsts AS (
    SELECT *, row_number() OVER (PARTITION BY cell ORDER BY by_cgroup DESC, pass) place
    FROM passes_watched
), together AS (
    SELECT run, cell, pass, m.n, label, concurrency, min(by_cgroup) OVER w by_cgroup,
        count(*) OVER w together, language
    FROM firsts JOIN memory_cells m USING (run, cell) WHERE place = 1 AND work <> 'sleep'
    WINDOW w AS (PARTITION BY concurrency)
)
SELECT * FROM together WHERE concurrency = (SELECT concurrency FROM together
    ORDER BY together DESC, concurrency DESC LIMIT 1);

/* How long each holds its requests depends on how long it takes to send them: of longer holds the
 * end is left out, so that all are as long as the shortest. */
CREATE TEMP TABLE plot_memory_time AS
WITH seen AS (
    SELECT w.run, w.n, lane_label label, w.language, t_ns / 1e9 t,
        CASE WHEN by_cgroup THEN cgroup_bytes ELSE m.rss_bytes END bytes, m.in_flight,
        m.in_flight >= 0.99 * max(m.in_flight) OVER (PARTITION BY w.n) held
    FROM watched w JOIN memory_time m USING (run, cell, pass)
        JOIN (SELECT run, cell, lane_label FROM memory_cells) USING (run, cell)
), holds AS (
    SELECT n, min(t) FILTER (WHERE held) begun, max(t) FILTER (WHERE held) ended
    FROM seen GROUP BY n
), moments AS (
    SELECT run, dense_rank() OVER (ORDER BY n) series, n, label, language, bytes, in_flight,
        CASE WHEN t >= ended THEN t - (ended - begun) + hold ELSE t END x
    FROM seen JOIN holds USING (n), (SELECT min(ended - begun) hold FROM holds)
    WHERE t <= begun + hold OR t BETWEEN ended AND ended + 0.5 OR begun IS NULL
), panels AS (
    SELECT 1 panel, *, bytes y FROM moments UNION ALL SELECT 2, *, in_flight FROM moments
), high AS (
    SELECT *, round(1.0 * y / max(y) OVER (PARTITION BY panel) * 400) height FROM panels
    WHERE x IS NOT NULL AND bytes > 0 AND y IS NOT NULL
), bends AS ( -- what a straight line goes through shows nothing
    SELECT *, lag(height) OVER w IS height AND lead(height) OVER w IS height flat FROM high
    WINDOW w AS (PARTITION BY panel, series ORDER BY x)
)
SELECT run, panel, series, label, colour, 0 point,
    coalesce(language_n, 7) dash, x, y, y y_min, y y_max, NULL extra, NULL samples, 0 shift
FROM bends b JOIN drawn d USING (run, n) LEFT JOIN languages USING (language)
WHERE d.of_memory AND NOT flat ORDER BY panel, series, x;

/* ---- Timelines: a panel for each lane at its fastest, the slowest first ---------------------- */

CREATE TEMP TABLE recorded AS
WITH known AS (
    SELECT r.*, end_ns, row_number() OVER (PARTITION BY requests, latency_ns, series
        ORDER BY place) of_lane
    FROM ranking r JOIN (SELECT run, cell, max(end_ns) end_ns FROM records
        WHERE run = 1 AND typeof(end_ns) = 'real' AND end_ns BETWEEN 1 AND 1e15 GROUP BY cell)
        USING (run, cell)
    WHERE work = 'io' AND ranked
), few AS (
    SELECT *, row_number() OVER (PARTITION BY requests, latency_ns
        ORDER BY own_model IS NULL, place) kept
    FROM known WHERE of_lane = 1
)
SELECT run, cell, requests, latency_ns, place, label, work_label, colour, end_ns,
    count(*) OVER w lanes, min(min(end_ns) OVER w * 1.15, max(end_ns) OVER w / 4) zoom_ns,
    row_number() OVER (PARTITION BY requests, latency_ns ORDER BY place DESC) panel
FROM few JOIN drawn USING (run, of_memory, n) WHERE kept <= 8
WINDOW w AS (PARTITION BY requests, latency_ns);

/* The fewest requests that several lanes have run: few enough to see each. */
CREATE TEMP TABLE few_requests AS SELECT requests, latency_ns, work_label FROM recorded
ORDER BY lanes < 2, requests, latency_ns LIMIT 1;

CREATE TEMP TABLE timed_records AS
SELECT run, requests, latency_ns, panel, label || ': ' || duration(c.end_ns) label, colour,
    c.end_ns last_ns, zoom_ns, start_ns, r.end_ns,
    iif(number(connected_ns) BETWEEN start_ns AND r.end_ns, connected_ns, start_ns) connected_ns,
    coalesce(number(first_byte_ns), r.end_ns) answered_ns,
    number(connected_ns) IS NOT NULL OR number(first_byte_ns) >= start_ns connected
FROM recorded c JOIN records r USING (run, cell)
WHERE typeof(start_ns) = 'real' AND typeof(r.end_ns) = 'real' AND r.end_ns >= start_ns
    AND r.end_ns <= 1e15;

CREATE TEMP TABLE plot_requests AS
WITH placed AS (
    SELECT *, row_number() OVER (PARTITION BY panel ORDER BY start_ns) place,
        count(*) OVER (PARTITION BY panel) drawn
    FROM timed_records JOIN few_requests USING (requests, latency_ns)
)
SELECT 1 run, panel, label, colour, place, start_ns / 1e9 start_s, connected_ns / 1e9 connected_s,
    end_ns / 1e9 end_s, last_ns / 1e9 last_s, zoom_ns / 1e9 zoom_s
FROM placed WHERE (place - 1) % ((drawn + 39) / 40) = 0 ORDER BY panel, place;

/* The most at once in spans as short as can be seen on both axes, the long one and the zoom: that
 * one request ends before the next begins is no gap. At the end none is left. */
CREATE TEMP TABLE plot_in_flight AS
WITH kinds (kind, change, wait) AS (VALUES (1, 1, 0), (2, -1, 0), (3, 0, 1), (4, 0, -1)),
events AS (
    SELECT *, CASE kind WHEN 1 THEN start_ns WHEN 2 THEN end_ns WHEN 3 THEN connected_ns
        ELSE answered_ns END t
    FROM timed_records JOIN main_work USING (run, requests, latency_ns), kinds
    WHERE kind <= 2 OR connected AND connected_ns <= answered_ns
), running AS (
    SELECT *, sum(change) OVER w in_flight, sum(wait) OVER w waiting, CASE WHEN t >= last_ns
        THEN 2000 WHEN t <= zoom_ns THEN ceil(t / zoom_ns * 100)
        ELSE 1000 + ceil(t / last_ns * 400) END span
    FROM events WINDOW w AS (PARTITION BY panel ORDER BY t, change, wait ROWS UNBOUNDED PRECEDING)
), moments AS (
    SELECT panel, label, colour, last_ns, zoom_ns, max(t) last,
        max(iif(t >= last_ns, 0, in_flight - min(change, 0))) in_flight,
        max(iif(t >= last_ns, 0, waiting - min(wait, 0))) waiting
    FROM running GROUP BY panel, span
), steps AS (
    SELECT *, lag(in_flight, 1, 0) OVER w before, lag(waiting, 1, 0) OVER w waited
    FROM moments WINDOW w AS (PARTITION BY panel ORDER BY last)
) -- each step has a point before it and one behind; between two steps is nothing to be seen
SELECT 1 run, panel, label, colour, last / 1e9 t_s, iif(step, in_flight, before) in_flight,
    iif(step, waiting, waited) waiting, last_ns / 1e9 last_s, zoom_ns / 1e9 zoom_s
FROM steps, (SELECT 0 step UNION ALL SELECT 1) WHERE in_flight <> before OR waiting <> waited
ORDER BY panel, last, step;

/* ---- What their subtitles say of the run ----------------------------------------------------- */

CREATE TEMP TABLE said AS
WITH named AS (
    SELECT *, text || ' (' || label || ')' it, count(*) OVER (PARTITION BY concurrency) together
    FROM held_rows WHERE concurrency > 1 AND work <> 'sleep'
), memories AS (
    SELECT count_text(concurrency) || ' in flight: ' || first_value(it) OVER w || ' to '
        || last_value(it) OVER w
    FROM named WINDOW w AS (PARTITION BY concurrency ORDER BY value
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ORDER BY together DESC, concurrency DESC LIMIT 1
), walls AS (
    SELECT work_label || ': ' || first_value(it) OVER w
        || coalesce(' to ' || nullif(last_value(it) OVER w, first_value(it) OVER w), '')
    FROM (SELECT r.*, text || ' (' || label || ')' it FROM timed_rows r
        JOIN main_work USING (run, requests, item_ns, latency_ns) WHERE work = 'io' AND r.ranked)
    WINDOW w AS (ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) LIMIT 1
)
SELECT 'wall' name, (SELECT * FROM walls) what
UNION ALL SELECT 'memory', (SELECT * FROM memories)
UNION ALL SELECT name, (SELECT 'calls of ' || short(duration(latency_ns)) FROM main_work
    WHERE run = 1)
FROM (SELECT 'headline-time' name UNION SELECT 'concurrency')
UNION ALL SELECT 'latency', (SELECT 'calls of ' || short(duration(latency_ns)) || '; '
        || iif((SELECT max(stepped) FROM answered), 'known are', 'marked are')
        || ' half, 90 and 99 of 100' FROM main_work WHERE run = 1)
UNION ALL SELECT 'in-flight', (SELECT work_label FROM main_work WHERE run = 1)
UNION ALL SELECT 'requests', (SELECT work_label FROM few_requests)
UNION ALL SELECT 'memory-time', (SELECT 'up to ' || count_text(concurrency)
    || ' requests in flight; ' || iif(by_cgroup, 'memory cgroup, kernel included', 'RSS, summed')
    FROM watched)
UNION ALL SELECT 'rate', (SELECT work_label FROM open_group)
UNION ALL SELECT 'speed-up', (SELECT work_label FROM speed_up_figures)
UNION ALL SELECT name, (SELECT count_text(concurrency) FROM cells
    WHERE run = 1 AND work = 'mixed') FROM (SELECT 'mixed' name UNION SELECT 'mixed-late');

/* ---- The plots: from plots.json, with their settings as gnuplot reads them ------------------- */

/* What has no table of its own is a part of `curves`. A value of JSON, quoted, is one of gnuplot as
 * well. The title stands in the first row only, and so does a heading in the first of its rows.
 * Texts are quoted for gnuplot (plot_text). */
CREATE TEMP VIEW listed AS
WITH list AS (
    SELECT key n, value->>'name' name, value->>'title' title, value->'settings' settings,
        coalesce((SELECT name FROM sqlite_temp_schema
            WHERE name = 'plot_' || replace(value->>'name', '-', '_')), 'curves') view,
        common || CASE value->>'form' WHEN 'rows' THEN "rows" WHEN 'curves' THEN curves
            ELSE timelines END script,
        iif(instr(value->>'more', '{}'), replace(value->>'more', '{}', what), value->>'more') more
    FROM embedded, json_each(j) LEFT JOIN said ON said.name = value->>'name'
)
SELECT name, title || coalesce(', ' || more, '') title,
    (SELECT group_concat(CASE type WHEN 'array' THEN printf('array %s[%d] = %s', key,
        json_array_length(value), value) ELSE key || ' = ' || json_quote(value) END, char(10))
        FROM json_each(settings)) || char(10) || script script,
    (SELECT printf('SELECT CASE row_number() OVER () WHEN 1 THEN plot_text(%Q) END title, '
            || 'CASE row_number() OVER () WHEN 1 THEN plot_text(%Q) END more, %s FROM %s',
            title, more, group_concat(CASE name WHEN 'heading' THEN
                'CASE WHEN lag(heading) OVER () IS heading THEN '''' '
                || 'ELSE plot_text(heading) END heading'
                ELSE 'plot_text(' || name || ') ' || name END, ', '), view)
            || CASE view WHEN 'curves' THEN printf(' WHERE plot = %Q', list.name) ELSE '' END
        FROM pragma_table_info(view)
        WHERE name NOT IN ('run', 'of_memory', 'n', 'plot', 'waits', 'practice')) query
FROM list ORDER BY n;
