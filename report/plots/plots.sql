-- What each plot shows: a view plot_NAME for plots/NAME.csv, which NAME.gp draws, and a row of
-- plot_titles. They are asked after the claims are judged.

-- What the article says of a cell: the claims fill it.
CREATE TABLE IF NOT EXISTS main.article_figures (run, cell, wall_ns, pss_bytes);

-- Of several runs the first is drawn.
CREATE TEMP VIEW articles AS SELECT cell, wall_ns wall, pss_bytes pss FROM article_figures
    WHERE run = 1;
CREATE TEMP VIEW planned AS SELECT * FROM main.planned WHERE run = 1;
CREATE TEMP VIEW cells AS SELECT * FROM main.cells WHERE run = 1;
CREATE TEMP VIEW ranking AS SELECT * FROM main.ranking WHERE run = 1;
CREATE TEMP VIEW cpu AS SELECT * FROM main.cpu WHERE run = 1;
CREATE TEMP VIEW mixed_cells AS SELECT * FROM main.mixed_cells WHERE run = 1;
CREATE TEMP VIEW twin_cells AS SELECT * FROM main.twin_cells WHERE run = 1;
CREATE TEMP VIEW twins_memory AS SELECT * FROM main.twins_memory WHERE run = 1;
CREATE TEMP VIEW memory_cells AS SELECT * FROM main.memory_cells WHERE run = 1;
CREATE TEMP VIEW slopes AS SELECT * FROM main.slopes WHERE run = 1;
CREATE TEMP VIEW raw_patterns AS SELECT * FROM main.raw_patterns WHERE run = 1;
CREATE TEMP VIEW environment AS SELECT * FROM main.environment WHERE run = 1;

-- ---- Colour is the model, shape the language ------------------------------------------------

-- Further lanes of a model have its other tints.
CREATE TEMP TABLE tints (model_n, tint, colour);
INSERT INTO tints VALUES
    (1, 0, 0xCC79A7), (1, 1, 0x8C3F6B), (1, 2, 0xE0A5C5), (1, 3, 0xA64D79),
    (2, 0, 0xD98200), (2, 1, 0x8A4F00), (2, 2, 0xE8A33D), (2, 3, 0xB5651D),
    (3, 0, 0x009E73), (3, 1, 0x00573F), (3, 2, 0x4DB896), (3, 3, 0x5E8C31),
    (4, 0, 0x0072B2), (4, 1, 0x00395C), (4, 2, 0x3F9BD9), (4, 3, 0x5A5FC0),
    (9, 0, 0x8A4B08), (9, 1, 0x7A5195), (9, 2, 0x555555), (9, 3, 0xB8860B);

-- gnuplot's filled points; the one before is the same shape, hollow.
CREATE TEMP TABLE shapes (language, point);
INSERT INTO shapes VALUES ('c', 7), ('python', 9), ('go', 5), ('node', 13);

CREATE TEMP TABLE drawn AS
WITH lanes AS (
    SELECT run, lane, row_number() OVER (PARTITION BY run, model_n
            ORDER BY lane NOT IN (SELECT model FROM models),
                min(of_memory * 1000000 + n)) - 1 place,
        row_number() OVER (PARTITION BY run, model_n, language
            ORDER BY lane NOT IN (SELECT model FROM models),
                min(of_memory * 1000000 + n)) - 1 again,
        coalesce(point, 11) point
    FROM planned LEFT JOIN shapes USING (language) GROUP BY run, lane
)
SELECT p.run, of_memory, n, CASE
        WHEN offloaded AND compute = 'threads' THEN 0x56B4E9
        WHEN offloaded THEN 0x332288
        WHEN several_loops THEN 0x882255
        ELSE colour END colour,
    CASE WHEN several_loops THEN 15
        ELSE point - (gil OR offloaded OR blocks > 32 OR again % 2) END point, 1 + gil dash
FROM planned p JOIN lanes l ON l.run = p.run AND l.lane = p.lane
    JOIN tints t ON t.model_n = p.model_n AND tint = place % 4;

-- ---- Rows: one figure each, by group ---------------------------------------------------------

-- The fastest model and the slowest of the group in which most lanes were measured.
CREATE TEMP TABLE main_group AS
SELECT run, requests, latency_ns, work_label FROM ranking WHERE work = 'io' AND ranked
GROUP BY run, requests, latency_ns ORDER BY count(DISTINCT lane) DESC, requests DESC,
    latency_ns DESC
LIMIT 1;

CREATE TEMP VIEW plot_wall AS
SELECT r.run, CASE WHEN lag(work_label) OVER w IS work_label THEN '' ELSE work_label END heading,
    label, floor_ns low, median(wall_ns) value, least(wall_ns) value_min,
    most(wall_ns) value_max, NULL extra, wall article,
    duration(median(wall_ns)) || CASE WHEN ranked THEN '' ELSE ' (invalid)' END text,
    CASE WHEN ranked THEN colour ELSE 0x999999 END colour, CASE WHEN ranked THEN point
        ELSE 6 END point
FROM ranking r JOIN drawn USING (run, of_memory, n)
    LEFT JOIN articles USING (cell)
WHERE work = 'io' AND median(wall_ns) > 0
WINDOW w AS (ORDER BY requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place);

CREATE TEMP VIEW memory_rows AS
SELECT m.*, median(pss_bytes) value, least(pss_bytes) value_min, most(pss_bytes) value_max,
    median(pss_bytes) + median(kernel_bytes) extra, pss article,
    bytes(median(pss_bytes)) || CASE WHEN ranked THEN '' ELSE ' (invalid)' END text,
    CASE WHEN ranked THEN colour ELSE 0x999999 END drawn_colour,
    CASE WHEN ranked THEN point ELSE 6 END drawn_point
FROM memory_cells m JOIN drawn USING (run, of_memory, n)
    LEFT JOIN articles USING (cell)
WHERE median(pss_bytes) > 0;

CREATE TEMP VIEW plot_memory AS
SELECT run, CASE WHEN lag(concurrency) OVER w IS concurrency THEN ''
        ELSE count_text(concurrency) || ' requests in flight' END heading,
    label, base_bytes low, value, value_min, value_max, extra, article, text,
    drawn_colour colour, drawn_point point
FROM memory_rows WHERE concurrency > 1 AND work <> 'sleep'
WINDOW w AS (ORDER BY concurrency, value, n);

CREATE TEMP VIEW plot_task_bytes AS
SELECT s.run, '' heading, cut(s.lane, 32) label, NULL low, slope_of(s.line) value,
    CASE WHEN s.concurrencies >= 3 THEN coalesce(slope_low(s.line), slope_of(s.line)) END value_min,
    CASE WHEN s.concurrencies >= 3 THEN coalesce(slope_high(s.line),
        slope_of(s.line)) END value_max,
    slope_of(s.line) + slope_of(k.line) extra, NULL article, bytes(slope_of(s.line)) text, colour,
        point
FROM slopes s JOIN drawn d ON d.run = s.run AND d.of_memory AND d.n = s.first
    LEFT JOIN slopes k ON k.run = s.run AND k.of_tasks AND k.lane = s.lane AND k.what = 'kernel'
WHERE s.of_tasks AND s.what = 'pss' AND slope_of(s.line) > 0
ORDER BY value;

CREATE TEMP VIEW plot_twins AS
SELECT t.run, CASE WHEN lag(heading) OVER w IS heading THEN '' ELSE heading END heading,
    twin_label label, floor_ns low, median(wall_ns) value, least(wall_ns) value_min,
    most(wall_ns) value_max, NULL extra, wall article,
    duration(median(wall_ns)) || CASE WHEN ranked THEN '' ELSE ' (invalid)' END text,
    CASE WHEN ranked THEN colour ELSE 0x999999 END colour, CASE WHEN ranked THEN point
        ELSE 6 END point
FROM (SELECT *, work_label || blocks_label || ': ' || coalesce(follows_name, 'another model')
        || CASE WHEN follows IN ('threads', 'procs') THEN ' of ' || count_text(concurrency)
             WHEN concurrency > 1 AND work <> 'cpu' THEN ', ' || count_text(concurrency)
                 || ' at once'
             ELSE '' END heading FROM twin_cells) t
    JOIN drawn USING (run, of_memory, n) LEFT JOIN articles USING (cell)
WHERE median(wall_ns) > 0
WINDOW w AS (ORDER BY work_n, requests NULLS LAST, latency_ns NULLS LAST, item_ns NULLS LAST,
    block_bytes NULLS LAST, model_n, CASE WHEN follows IS NOT NULL THEN concurrency END,
        language_n, n);

CREATE TEMP VIEW plot_twins_memory AS
SELECT m.run, CASE WHEN lag(heading) OVER w IS heading THEN '' ELSE heading END heading,
    twin_label label, base_bytes low, value, value_min, value_max, extra, article, text,
    drawn_colour colour, drawn_point point
FROM (SELECT *, count_text(asked) || ' requests in flight: ' || coalesce(follows_name,
    'another model')
        heading FROM memory_rows WHERE cell IN (SELECT cell FROM twins_memory)) m
WINDOW w AS (ORDER BY asked, model_n, CASE WHEN follows IS NOT NULL THEN concurrency END,
    language_n, n);

-- What is right and what is wrong say the patterns themselves. What was projected was not measured.
CREATE TEMP VIEW plot_patterns AS
WITH bars AS (
    SELECT run, n, b.key i, coalesce(string(j->>'title'), '?') title,
        coalesce(string(b.value->>0), '?') label, number(b.value->>1) ns
    FROM raw_patterns, json_each(j, '$.bars') b
    WHERE b.type = 'array' AND b.value->>2 LIKE '%\_ns' ESCAPE '\' AND number(b.value->>1) > 0
        AND coalesce(b.value->>0, '') NOT LIKE '%(projected)'
)
SELECT run, CASE WHEN lag(n) OVER w IS n THEN '' ELSE cut(title, 80) END heading, cut(label,
    48) label,
    NULL low, ns value, ns value_min, ns value_max, NULL extra, NULL article, duration(ns) text,
    CASE WHEN label LIKE 'wrong:%' THEN 0xD55E00 WHEN label LIKE 'right:%' THEN 0x009E73
        WHEN label LIKE 'floor:%' THEN 0x777777 ELSE 0x0072B2 END colour,
    CASE WHEN label LIKE 'wrong:%' THEN 2
        WHEN label LIKE 'floor:%' THEN 12 ELSE 7 END point
FROM bars WINDOW w AS (ORDER BY n, i) LIMIT 60;

-- ---- Curves: a panel each, a series for each lane --------------------------------------------

-- Points of several series at the same place are drawn side by side: `shift` is by how much.

CREATE TEMP VIEW memory_curves AS
WITH points AS (
    SELECT *, work = 'sleep' of_tasks, count(*) OVER (PARTITION BY run, work = 'sleep', lane) points
    FROM memory_rows WHERE ranked AND concurrency >= 1 AND value_min > 0
)
SELECT run, of_tasks, 1 panel, dense_rank() OVER (PARTITION BY of_tasks ORDER BY first) series,
    lane_label label, colour, point, 1 dash, concurrency x, value y, value_min y_min,
    value_max y_max, extra, 0.0 shift, max(points) OVER (PARTITION BY of_tasks) points
FROM (SELECT *, drawn_colour colour, drawn_point point,
        min(n) OVER (PARTITION BY run, of_tasks, lane) first FROM points)
ORDER BY series, x;

CREATE TEMP VIEW plot_memory_concurrency AS SELECT * FROM memory_curves WHERE NOT of_tasks
    AND points >= 3;
CREATE TEMP VIEW plot_tasks AS SELECT * FROM memory_curves WHERE of_tasks AND points >= 3;

-- Ranked cells that only wait: the time of the process, and what of it is above the floor.
CREATE TEMP VIEW wall_curves AS
WITH cells_drawn AS (
    SELECT c.*, d.colour, d.point, min(n) OVER (PARTITION BY run, lane) first,
        least(wall_ns) wall_min, most(wall_ns) wall_max, median(wall_ns) wall
    FROM cells c JOIN drawn d USING (run, of_memory, n)
    WHERE work = 'io' AND ranked AND concurrency >= 1 AND least(wall_ns) > 0
), both AS (
    SELECT 1 panel, *, wall y, wall_min y_min, wall_max y_max, floor_ns extra FROM cells_drawn
    UNION ALL
    SELECT 2, *, wall - floor_ns, CASE WHEN wall_min > floor_ns THEN wall_min - floor_ns
        ELSE 0.3 * (wall - floor_ns) END, wall_max - floor_ns, NULL -- the axis has no place for 0
    FROM cells_drawn WHERE wall > floor_ns
)
SELECT run, work_label, requests, latency_ns, lane, first, panel, lane_label label, colour, point,
    concurrency x, y, y_min, y_max, extra FROM both;

-- The requests that were run at most concurrencies.
CREATE TEMP TABLE concurrency_group AS
SELECT requests, latency_ns, work_label FROM wall_curves
WHERE latency_ns > 0 GROUP BY requests, latency_ns HAVING count(DISTINCT x) >= 2
ORDER BY count(DISTINCT x) DESC, requests DESC, latency_ns DESC LIMIT 1;

-- A sweep: one cell a lane at each concurrency, of which the requests grow with it.
CREATE TEMP TABLE sweep_group AS
WITH lanes AS (
    SELECT latency_ns, lane, count(*) points, count(DISTINCT x) places FROM wall_curves
    WHERE panel = 1 GROUP BY latency_ns, lane
)
SELECT latency_ns FROM lanes GROUP BY latency_ns
HAVING max(places) >= 3 AND max(points - places) = 0 AND 1 < (SELECT count(DISTINCT requests)
    FROM wall_curves c WHERE c.latency_ns = lanes.latency_ns)
ORDER BY count(*) DESC, latency_ns LIMIT 1;

CREATE TEMP VIEW placed_curves AS
WITH shown AS (
    SELECT 'concurrency' plot, w.* FROM wall_curves w
        JOIN concurrency_group USING (requests, latency_ns)
    UNION ALL SELECT 'sweep', w.* FROM wall_curves w JOIN sweep_group USING (latency_ns)
), counted AS (
    SELECT *, row_number() OVER v place, count(*) OVER (PARTITION BY plot, panel, x) together
    FROM shown WINDOW v AS (PARTITION BY plot, panel, x ORDER BY first)
)
SELECT plot, run, panel, dense_rank() OVER (PARTITION BY plot ORDER BY first) series, label, colour,
    point, 1 dash, x, y, y_min, y_max, extra,
    (place - (together + 1) / 2.0) * min(0.035, 0.24 / together) shift
FROM counted;

CREATE TEMP VIEW plot_concurrency AS
SELECT * FROM placed_curves WHERE plot = 'concurrency' ORDER BY panel, series, x;
CREATE TEMP VIEW plot_sweep AS
SELECT * FROM placed_curves WHERE plot = 'sweep' ORDER BY panel, series, x;

-- The work of which most can be held against a sequential cell; the last series is the ideal.
CREATE TEMP TABLE speed_up_figures AS
WITH figures AS (
    SELECT u.*, c.series, c.n, c.work_label, d.colour, d.point, d.dash
    FROM cpu u JOIN cells c USING (run, cell) JOIN drawn d USING (run, of_memory, n)
    WHERE workers_computing >= 1 AND against <> cell AND speed_up IS NOT NULL
)
SELECT *, min(n) OVER (PARTITION BY series) first,
    row_number() OVER (PARTITION BY series, workers_computing ORDER BY speed_up DESC) best
FROM figures JOIN (SELECT requests, cpu_item_ns FROM figures GROUP BY requests, cpu_item_ns
    ORDER BY count(*) DESC, requests, cpu_item_ns LIMIT 1) USING (requests, cpu_item_ns);
DELETE FROM speed_up_figures WHERE best > 1;

CREATE TEMP VIEW plot_speed_up AS
WITH points AS (
    SELECT *, row_number() OVER v place, count(*) OVER (PARTITION BY workers_computing) together
    FROM speed_up_figures WINDOW v AS (PARTITION BY workers_computing ORDER BY first)
), machine AS (
    SELECT number(value) cores, (SELECT max(workers_computing) FROM points) most
    FROM environment WHERE what = 'cores' AND number(value) >= 1 AND EXISTS (SELECT 1 FROM points)
)
SELECT run, 1 panel, dense_rank() OVER (ORDER BY first) series, series label, colour, point,
    dash, workers_computing x, speed_up y, coalesce(speed_up_low, speed_up_min) y_min,
    coalesce(speed_up_high, speed_up_max) y_max, NULL extra,
    (place - (together + 1) / 2.0) * min(0.09, 0.6 / together) shift,
    (SELECT cores FROM machine) mark
FROM points
UNION ALL
SELECT 1, 1, 1000, 'ideal: every worker has a core', 0x777777, 0, 2, x, min(x, cores),
    min(x, cores), min(x, cores), NULL, 0, cores
FROM machine, (SELECT 1 x UNION SELECT cores FROM machine
    UNION SELECT max(most, cores) FROM machine)
ORDER BY series, x;

-- Shares of computing that both a single loop and something else have run. From the share on that `mark` names another is clearly faster.
CREATE TEMP TABLE mixed_points AS
WITH firsts AS (
    SELECT run, requests, latency_ns, item_ns, cpu_share, single_loop, cell,
        row_number() OVER (PARTITION BY requests, latency_ns, item_ns, single_loop
            ORDER BY place) place
    FROM mixed_cells WHERE ranked
), both AS (
    SELECT l.*, b.cell best FROM firsts l JOIN firsts b USING (run, requests, latency_ns, item_ns)
    WHERE l.single_loop AND NOT b.single_loop AND l.place = 1 AND b.place = 1
), compared AS (
    SELECT p.*, (SELECT difference(paired(x.wall_ns, y.wall_ns, share)) FROM tolerance, samples x JOIN samples y
        ON y.run = x.run AND y.round = x.round WHERE x.run = p.run AND x.cell = p.cell AND y.cell = p.best AND x.valid
        AND y.valid AND x.wall_ns > 0 AND y.wall_ns > 0) beaten
    FROM both p WHERE requests = (SELECT requests FROM both GROUP BY requests
        ORDER BY count(*) DESC, requests LIMIT 1)
)
SELECT *, (SELECT min(cpu_share) FROM compared WHERE cpu_share > coalesce(
    (SELECT max(cpu_share) FROM compared WHERE beaten IS NOT 1), -1)) mark
FROM compared;

CREATE TEMP VIEW plot_mixed AS
WITH fastest AS (
    SELECT m.*, mark, replace(label, ', ' || count_text(concurrency) || ' at once', '') short_label,
        row_number() OVER (PARTITION BY series, m.cpu_share ORDER BY m.items_per_second DESC) best
    FROM mixed_cells m JOIN mixed_points p USING (run, requests, latency_ns, item_ns) WHERE ranked
), named AS (
    SELECT *, min(n) OVER (PARTITION BY series) first, requests * 1e9 items,
        coalesce(low(wall_ns), least(wall_ns)) fast, coalesce(high(wall_ns), most(wall_ns)) slow,
        CASE WHEN min(short_label) OVER v = max(short_label) OVER v THEN short_label
            ELSE series END name
    FROM fastest JOIN drawn USING (run, of_memory, n) WHERE best = 1
        WINDOW v AS (PARTITION BY series)
), panels AS (
    SELECT 1 panel, *, items / median(wall_ns) y, items / slow y_min, items / fast y_max FROM named
    UNION ALL SELECT 2, *, 100 * floor_ns / median(wall_ns), 100 * floor_ns / slow,
        100 * floor_ns / fast FROM named
    UNION ALL SELECT 3, *, median(heartbeat_p99_ns), coalesce(low(heartbeat_p99_ns),
        least(heartbeat_p99_ns)),
        coalesce(high(heartbeat_p99_ns), most(heartbeat_p99_ns)) FROM named
            WHERE median(heartbeat_p99_ns) > 0
)
SELECT run, panel, dense_rank() OVER (ORDER BY first) series, name label, colour, point, dash,
    100 * cpu_share x, y, y_min, y_max, NULL extra, 0 shift, 100 * mark mark
FROM panels WHERE (SELECT count(*) FROM mixed_points) > 1 ORDER BY panel, series, x;

-- The concurrency that most lanes were watched at, by the memory cgroup where all have one: RSS,
-- summed, counts shared pages once for each process.
CREATE TEMP TABLE watched AS
WITH passes_watched AS (
    SELECT t.run, t.cell, pass, count(nullif(t.cgroup_bytes, 0)) > 1 by_cgroup,
        row_number() OVER (PARTITION BY t.run, t.cell ORDER BY count(nullif(t.cgroup_bytes,
            0)) > 1 DESC, pass) place
    FROM memory_time t JOIN passes p ON p.run = t.run AND p.cell = t.cell AND p.n = t.pass
        AND p.valid
    GROUP BY t.run, t.cell, pass HAVING count(nullif(t.rss_bytes, 0)) > 1
)
SELECT w.run, w.cell, w.pass, m.n, m.concurrency, min(by_cgroup)
    OVER (PARTITION BY concurrency) by_cgroup,
    count(*) OVER (PARTITION BY concurrency) together
FROM passes_watched w JOIN memory_cells m USING (run, cell) WHERE place = 1 AND work <> 'sleep'
ORDER BY together DESC, concurrency DESC;
DELETE FROM watched WHERE concurrency <> (SELECT concurrency FROM watched LIMIT 1);

CREATE TEMP VIEW plot_memory_time AS
WITH moments AS (
    SELECT w.run, dense_rank() OVER (ORDER BY w.n) series, w.n, t_ns / 1e9 x,
        CASE WHEN by_cgroup THEN cgroup_bytes ELSE rss_bytes END bytes, in_flight
    FROM watched w JOIN memory_time t ON t.run = w.run AND t.cell = w.cell AND t.pass = w.pass
    WHERE t_ns IS NOT NULL AND CASE WHEN by_cgroup THEN cgroup_bytes ELSE rss_bytes END > 0
), panels AS (
    SELECT 1 panel, *, bytes y FROM moments UNION ALL SELECT 2, *, in_flight FROM moments
        WHERE in_flight IS NOT NULL
), seen AS (
    SELECT *, round(1.0 * y / max(y) OVER (PARTITION BY panel) * 400) height FROM panels
), bends AS ( -- what a straight line goes through shows nothing
    SELECT *, lag(height) OVER w IS height AND lead(height) OVER w IS height flat FROM seen
    WINDOW w AS (PARTITION BY panel, series ORDER BY x)
)
SELECT p.run, panel, p.series, label, colour, 0 point,
    CASE language WHEN 'python' THEN 2 WHEN 'go' THEN 3 WHEN 'node' THEN 4 ELSE 1 END dash, x, y,
        y y_min, y y_max,
    NULL extra, 0 shift
FROM bends p JOIN memory_cells m ON m.run = p.run AND m.n = p.n JOIN drawn d ON d.run = p.run
    AND d.of_memory AND d.n = p.n
WHERE NOT flat ORDER BY panel, p.series, x;

-- ---- Timelines: a panel for each lane at its fastest, the slowest first ----------------------

CREATE TEMP TABLE recorded AS
WITH known AS (
    SELECT r.*, end_ns, row_number() OVER (PARTITION BY requests, latency_ns, series
        ORDER BY place) of_lane
    FROM ranking r JOIN (SELECT run, cell, max(end_ns) end_ns FROM records
        WHERE typeof(end_ns) = 'real' AND end_ns BETWEEN 1 AND 1e15 GROUP BY run, cell) USING (run,
            cell)
    WHERE work = 'io' AND ranked
), few AS (
    SELECT *, row_number() OVER (
        PARTITION BY requests, latency_ns ORDER BY own_model IS NULL, place) kept FROM known
            WHERE of_lane = 1
)
SELECT f.run, cell, requests, latency_ns, place, label, work_label, colour, end_ns,
    count(*) OVER (PARTITION BY requests, latency_ns) lanes,
    min(end_ns) OVER (PARTITION BY requests, latency_ns) * 1.15 zoom_ns,
    row_number() OVER (PARTITION BY requests, latency_ns ORDER BY place DESC) panel
FROM few f JOIN drawn USING (run, of_memory, n) WHERE kept <= 8;

-- The fewest requests that several lanes have run: few enough to see each.
CREATE TEMP TABLE few_requests AS
SELECT * FROM recorded ORDER BY lanes < 2, requests, latency_ns LIMIT 1;

CREATE TEMP TABLE timed_records AS
SELECT c.requests, c.latency_ns, panel, label, colour, c.end_ns last_ns, zoom_ns, start_ns,
    r.end_ns,
    CASE WHEN number(connected_ns) BETWEEN start_ns AND r.end_ns THEN connected_ns
        ELSE start_ns END connected_ns,
    coalesce(number(first_byte_ns), r.end_ns) answered_ns, number(connected_ns) IS NOT NULL
        OR number(first_byte_ns) >= start_ns connected
FROM recorded c JOIN records r USING (run, cell)
WHERE typeof(start_ns) = 'real' AND typeof(r.end_ns) = 'real' AND r.end_ns >= start_ns
    AND r.end_ns <= 1e15;

CREATE TEMP VIEW plot_requests AS
WITH placed AS (
    SELECT t.*, row_number() OVER (PARTITION BY t.panel ORDER BY start_ns) place,
        count(*) OVER (PARTITION BY t.panel) requests_drawn
    FROM timed_records t JOIN few_requests f USING (requests, latency_ns)
)
SELECT 1 run, panel, label || ': ' || duration(last_ns) label, colour, place,
    start_ns / 1e9 start_s,
    connected_ns / 1e9 connected_s, end_ns / 1e9 end_s, last_ns / 1e9 last_s, zoom_ns / 1e9 zoom_s
FROM placed WHERE (place - 1) % ((requests_drawn + 149) / 150) = 0 ORDER BY panel, place;

-- Moments as dense as can be seen on both axes, the long one and the zoom.
CREATE TEMP VIEW plot_in_flight AS
WITH timed AS (
    SELECT t.* FROM timed_records t JOIN main_group USING (requests, latency_ns)
), events AS (
    SELECT panel, label, colour, last_ns, zoom_ns, start_ns t, 1 change, 0 waiting FROM timed
    UNION ALL SELECT panel, label, colour, last_ns, zoom_ns, end_ns, -1, 0 FROM timed
    UNION ALL SELECT panel, label, colour, last_ns, zoom_ns, connected_ns, 0, 1 FROM timed
        WHERE connected AND connected_ns <= answered_ns
    UNION ALL SELECT panel, label, colour, last_ns, zoom_ns, answered_ns, 0, -1 FROM timed
        WHERE connected AND connected_ns <= answered_ns
), moments AS (
    SELECT *, max(t) last, sum(change) changed, sum(waiting) waited FROM events
    GROUP BY panel, CASE WHEN t <= zoom_ns THEN ceil(t / zoom_ns * 300)
        ELSE 1000 + ceil(t / last_ns * 300) END
)
SELECT 1 run, panel, label || ': ' || duration(last_ns) label, colour, last / 1e9 t_s,
    sum(changed) OVER w in_flight, sum(waited) OVER w waiting, last_ns / 1e9 last_s,
        zoom_ns / 1e9 zoom_s
FROM moments WINDOW w AS (PARTITION BY panel ORDER BY last) ORDER BY panel, last;

-- ---- What they are called --------------------------------------------------------------------

CREATE TEMP VIEW plot_titles AS
WITH walls AS (
    SELECT g.work_label, first_value(duration(median(wall_ns)) || ' (' || label || ')')
        OVER w least,
        first_value(duration(median(wall_ns)) || ' (' || label || ')')
            OVER (ORDER BY place DESC) most
    FROM main_group g JOIN ranking r USING (run, requests, latency_ns) WHERE r.work = 'io'
        AND ranked
    WINDOW w AS (ORDER BY place) LIMIT 1
), memories AS (
    SELECT concurrency, min(value) least, max(value) most
    FROM memory_rows WHERE concurrency > 1 AND work <> 'sleep' GROUP BY concurrency
    ORDER BY count(*) DESC, concurrency DESC LIMIT 1
)
SELECT 'wall' name, 'Wall time of the whole process' title,
    (SELECT work_label || ': ' || least || CASE WHEN most <> least THEN ' to ' || most ELSE '' END
        FROM walls) more
UNION ALL SELECT 'memory', 'Memory (PSS) with the requests in flight', (
    SELECT count_text(m.concurrency) || ' in flight: ' || bytes(least) || ' (' || a.label || ') to '
        || bytes(most) || ' (' || b.label || ')'
    FROM memories m JOIN memory_rows a ON a.concurrency = m.concurrency AND a.value = least
        JOIN memory_rows b ON b.concurrency = m.concurrency AND b.value = most
    WHERE a.work <> 'sleep' AND b.work <> 'sleep' LIMIT 1)
UNION ALL SELECT 'concurrency', 'Wall time against concurrency',
    (SELECT work_label FROM concurrency_group) || '; crosses: the floor, the least time possible'
UNION ALL SELECT 'in-flight', 'Requests in flight over time', (SELECT work_label FROM main_group)
    || '; line: in flight, filled: of them waiting for the answer'
UNION ALL SELECT 'requests', 'A line for each request', (SELECT work_label FROM few_requests)
    || '; dark: connecting, colour: until its answer'
UNION ALL VALUES
    ('memory-concurrency', 'Memory (PSS) against requests in flight',
        'dashed: with what the kernel holds for them'),
    ('tasks', 'Memory (PSS) against sleeping tasks', 'dashed: with what the kernel holds for them')
UNION ALL SELECT 'memory-time', 'Memory over time', 'up to ' || count_text(concurrency)
    || ' requests in flight; '
    || CASE WHEN by_cgroup THEN 'memory cgroup, kernel included' ELSE 'RSS, summed' END
    FROM (SELECT * FROM watched LIMIT 1)
UNION ALL SELECT 'sweep', 'Wall time against concurrency, with requests that grow with it',
    (SELECT short(duration(latency_ns)) FROM sweep_group)
    || ' each; crosses: the floor, the least time possible'
UNION ALL SELECT 'speed-up', 'Speed-up of computing against workers',
    (SELECT work_label FROM speed_up_figures LIMIT 1)
    || '; each against one after another in its language'
UNION ALL SELECT 'mixed', 'Mixed work against its CPU share', (SELECT count_text(concurrency)
    FROM cells
    WHERE work = 'mixed' LIMIT 1) || ' requests at once: items per second, and how late the loop is'
UNION ALL VALUES
    ('patterns', 'Times of the patterns, way beside way', NULL),
    ('twins', 'Wall time by language', 'in each group the same work under the same model'),
    ('twins-memory', 'Memory (PSS) by language',
        'in each group as many requests in flight under the same model'),
    ('task-bytes', 'Memory of one more sleeping task, by kind', NULL);
