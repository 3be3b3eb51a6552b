-- The dataset: every figure is defined here, once. Tables raw_… hold a JSON document a row, as the
-- run folder has it, or words.json; everything else is a view on them. Each view has the column `run`: 1 for the
-- first folder, 2 for the second. Names end with their unit: _ns, _bytes; what has none is a count,
-- a ratio or a share of 1. A column without "median", "low" … in its name that several executions
-- gave is a summary of them (functions.c): median(wall_ns), low(wall_ns), high(wall_ns) …
-- Truths are 1 and 0. What is not known is NULL.

-- ---- What was loaded -----------------------------------------------------------------------

CREATE TABLE raw_run (run, folder, j);
CREATE TABLE raw_cells (run, n, j);
CREATE TABLE raw_memory_cells (run, n, j);
CREATE TABLE raw_samples (run, n, j);
CREATE TABLE raw_passes (run, n, j);
CREATE TABLE raw_patterns (run, n, j);
CREATE TABLE records (run INTEGER, cell TEXT, id INTEGER, worker INTEGER, start_ns REAL,
    connected_ns REAL, first_byte_ns REAL, end_ns REAL, outcome TEXT, resends INTEGER);
CREATE TABLE faults (run INTEGER, fault TEXT);

-- ---- Words and colours ---------------------------------------------------------------------

-- Okabe and Ito's colours, which colour-blind readers can tell apart.
CREATE TABLE models (model_n, model, name, unit, one, colour);
INSERT INTO models VALUES
    (1, 'sync', 'sequential', NULL, NULL, 0xCC79A7),
    (2, 'threads', 'thread pool', 'threads', '1 thread', 0xD98200),
    (3, 'procs', 'process pool', 'processes', '1 process', 0x009E73),
    (4, 'async', 'event loop', NULL, NULL, 0x0072B2);

CREATE TABLE languages (language_n, language, language_name);
INSERT INTO languages VALUES (1, 'c', 'C'), (2, 'python', 'Python'), (3, 'go', 'Go'), (4, 'node', 'Node'),
    (5, 'rust', 'Rust'), (6, 'java', 'Java');

-- ---- Runs ----------------------------------------------------------------------------------

CREATE VIEW runs AS
SELECT run, folder, string(j->>'id') id, string(j->>'started_at') started_at,
    string(j->>'finished_at') finished_at, string(j->>'status') status,
    string(j->>'$.plan.name') plan, string(j->>'$.plan.description') description,
    number(j->>'seed') seed, string(j->>'rounds_ended') rounds_ended
FROM raw_run;

CREATE VIEW environment AS
WITH RECURSIVE fact (run, place, depth, what, type, value) AS (
    SELECT run, '', 0, NULL, 'object', j->'environment' FROM raw_run
    UNION ALL
    SELECT run, place || printf('.%06d', e.id), depth + 1,
        coalesce(what || '.', '') || e.key, e.type, e.value
    FROM fact, json_each(fact.value) e WHERE fact.type = 'object' AND depth < 5
)
SELECT run, what, CASE WHEN type = 'object' THEN NULL ELSE value END value
FROM fact WHERE what IS NOT NULL AND (type <> 'object' OR depth = 5) ORDER BY run, place;

CREATE VIEW skipped AS
SELECT run, e.value->>'id' cell, coalesce(string(e.value->>'reason'), 'no reason is given') reason
FROM raw_run, json_each(j, '$.skipped') e WHERE e.type = 'object' GROUP BY 1, 2;

-- The lanes that a plan names beside the suite's own, in its order.
CREATE VIEW plan_lanes AS
SELECT run, e.id n, lane_name(e.key) lane, string(e.value->>'model') model,
    coalesce(e.value->>'language', 'c') language
FROM raw_run, json_each(j, '$.plan.lanes') e WHERE e.type = 'object';

-- ---- Executions ----------------------------------------------------------------------------

-- What no execution of a cell can undercut. The CPU time of an item is a calibration, of which a
-- tenth is granted; how long a server of the user's own lets requests wait is not known.
CREATE VIEW possible AS
WITH listed AS (
    SELECT 0 of_memory, run, j, number(j->>'latency_ns') latency_ns FROM raw_cells
    UNION ALL
    SELECT 1, run, j, number(j->>'hold_ns') FROM raw_memory_cells
), read AS (
    SELECT of_memory, l.run, string(l.j->>'id') cell, number(l.j->>'requests') requests,
        number(l.j->>'concurrency') concurrency, coalesce(number(l.j->>'floor_ns'), 0) floor_ns,
        coalesce(latency_ns, 0) latency_ns, coalesce(l.j->>'work', 'io') work,
        coalesce(number(l.j->>'cpu_ns'), 0) item_ns, r.j->>'$.settings.server_url' server
    FROM listed l JOIN raw_run r USING (run)
)
SELECT of_memory, run, cell, requests, concurrency,
    max(CASE WHEN server IS NOT NULL AND work IN ('io', 'mixed') THEN NULL
        WHEN work = 'io' THEN max(floor_ns, coalesce(ceil(1.0 * requests / concurrency), 0) * latency_ns)
        ELSE max(0.9 * floor_ns, coalesce(ceil(1.0 * requests / concurrency), 0)
            * (latency_ns + 0.9 * item_ns)) END) least_ns
FROM read GROUP BY of_memory, run, cell;

-- A line is not believed where it says itself that it cannot be: `impossible` is the reason.
CREATE VIEW checked AS
WITH lines AS (
    SELECT 0 of_memory, run, n, j FROM raw_samples UNION ALL SELECT 1, run, n, j FROM raw_passes
), read AS (
    SELECT of_memory, run, n, j, string(j->>'cell') cell, number(j->>'round') round,
        number(j->>'wall_ns') wall_ns, number(j->>'$.lane.wall_ns') own_ns,
        number(j->>'$.lane.verified') verified, number(j->>'exit_status') exit_status,
        number(j->>'$.server.requests') received, number(j->>'$.server.responses') answered,
        number(j->>'$.server.aborted') aborted, number(j->>'$.server.in_flight_peak') peak,
        coalesce(number(j->>'$.lane.resends'), 0) resends,
        (SELECT sum(e.value) FROM json_each(j, '$.server.statuses') e
            WHERE e.key NOT LIKE '2%') refused
    FROM lines
), numbered AS (
    SELECT *, CASE WHEN round IS NULL THEN 1
        ELSE count(*) OVER (PARTITION BY of_memory, run, cell, round) END copies FROM read
)
SELECT of_memory, run, n, CASE
    WHEN coalesce(json_array_length(j, '$.problems'), 0) > 0 THEN NULL
    WHEN copies > 1 THEN 'Round ' || count_text(round) || ' of this cell is there '
        || count_text(copies) || ' times'
    WHEN number(j->>'$.server.resets') > 0
        THEN 'Somebody else reset the server''s counts meanwhile (POST /reset)'
    WHEN aborted > 0 THEN 'The server answered ' || count_text(answered) || ' of '
        || count_text(requests) || ' requests; the client left ' || count_text(aborted)
        || ' before the answer'
    WHEN answered <> requests THEN 'The server answered ' || count_text(answered) || ' of '
        || count_text(requests) || ' requests'
    WHEN received <> requests + resends THEN 'The server received ' || count_text(received)
        || ' requests instead of ' || count_text(requests + resends)
    WHEN peak > concurrency THEN 'The server saw ' || count_text(peak)
        || ' requests in flight at once, ' || count_text(concurrency) || ' were asked'
    WHEN number(j->>'$.server.lateness_ns.early') > 0 THEN 'The server sent '
        || count_text(number(j->>'$.server.lateness_ns.early')) || ' replies too early'
    WHEN refused > 0 THEN 'The server answered ' || count_text(refused)
        || ' requests with a status of failure'
    WHEN verified <> requests OR number(j->>'$.lane.outcomes.ok') <> requests
        THEN count_text(min(verified, coalesce(number(j->>'$.lane.outcomes.ok'), verified)))
            || ' of ' || count_text(requests) || ' requests were verified'
    WHEN exit_status <> 0 THEN 'The lane ended with exit status ' || count_text(exit_status)
    WHEN wall_ns <= 0 THEN 'Its wall time is not positive'
    WHEN wall_ns < least_ns THEN 'It took ' || duration(wall_ns)
        || ', but nothing can take less than ' || duration(least_ns) || ' (floor)'
    WHEN wall_ns < own_ns THEN 'It took ' || duration(wall_ns)
        || ', but the lane says that its requests alone took ' || duration(own_ns)
    END impossible
FROM numbered LEFT JOIN possible USING (of_memory, run, cell);

CREATE VIEW samples AS
WITH read AS (
    SELECT run, n, string(j->>'cell') cell, number(j->>'round') round, number(j->>'order') "order",
        string(j->>'started_at') started_at, number(j->>'wall_ns') wall_ns,
        number(j->>'user_ns') user_ns, number(j->>'system_ns') system_ns,
        number(j->>'$.lane.wall_ns') own_ns, number(j->>'$.lane.max_rss_bytes') rss_bytes,
        number(j->>'$.lane.verified') verified,
        number(j->>'$.server.in_flight_peak') in_flight_peak,
        number(j->>'$.server.lateness_ns.p99') lateness_p99_ns,
        number(j->>'$.lane.latency_ns.p50') request_p50_ns,
        number(j->>'$.lane.latency_ns.p90') request_p90_ns,
        number(j->>'$.lane.latency_ns.p99') request_p99_ns,
        number(j->>'$.lane.connections_opened') connections,
        number(j->>'$.lane.workload.workers') workers,
        number(j->>'$.lane.loop.lateness_ns.p50') heartbeat_p50_ns,
        number(j->>'$.lane.loop.lateness_ns.p99') heartbeat_p99_ns,
        number(j->>'$.lane.loop.lateness_ns.max') heartbeat_max_ns,
        number(j->>'$.lane.loop.longest_block_ns') longest_block_ns,
        string(j->>'$.lane.loop.longest_block') longest_block,
        json_type(j, '$.valid') = 'true' said_valid,
        coalesce(string(j->>'$.problems[0]'), impossible) problem,
        coalesce(impossible, (SELECT group_concat(value, '; ') FROM json_each(j, '$.problems')
            WHERE type = 'text')) problems,
        (SELECT group_concat(value, '; ') FROM json_each(j, '$.noise') WHERE type = 'text') noise,
        coalesce(json_array_length(j, '$.noise') > 0, 0) noisy, impossible,
        CASE json_type(j, '$.lane.outcomes') WHEN 'object' THEN coalesce(
            (SELECT sum(e.value) FROM json_each(j, '$.lane.outcomes') e
                WHERE e.key <> 'ok' AND number(e.value) > 0), 0) END failed,
        j->'$.lane.outcomes' outcomes
    FROM raw_samples JOIN checked USING (run, n) WHERE NOT of_memory
)
SELECT *, user_ns + system_ns cpu_ns, wall_ns - own_ns start_ns,
    coalesce(said_valid AND wall_ns IS NOT NULL AND impossible IS NULL, 0) valid
FROM read;

-- What counts: the valid executions of a cell; where there is none, all.
CREATE VIEW counted AS
SELECT * FROM (SELECT *, max(valid) OVER (PARTITION BY run, cell) ranked FROM samples)
WHERE valid OR NOT ranked;

CREATE VIEW executed AS
SELECT run, cell, count(*) executions, sum(valid) valid, sum(valid AND noisy) noisy,
    min(n) FILTER (WHERE NOT valid) first_invalid, max(failed) failed
FROM samples GROUP BY run, cell;

CREATE VIEW figures AS
SELECT run, cell, max(ranked) ranked, summary(wall_ns) wall_ns, summary(own_ns) own_ns,
    summary(start_ns) start_ns, summary(cpu_ns) cpu_ns, summary(rss_bytes) rss_bytes,
    summary(lateness_p99_ns) lateness_p99_ns, summary(in_flight_peak) in_flight_peak,
    summary(verified) verified, summary(request_p50_ns) request_p50_ns,
    summary(request_p90_ns) request_p90_ns, summary(request_p99_ns) request_p99_ns,
    summary(connections) connections, summary(heartbeat_p50_ns) heartbeat_p50_ns,
    summary(heartbeat_p99_ns) heartbeat_p99_ns, summary(heartbeat_max_ns) heartbeat_max_ns,
    summary(longest_block_ns) longest_block_ns, max(workers) workers_used
FROM counted GROUP BY run, cell;

CREATE VIEW longest_blocks AS
SELECT run, cell, longest_block FROM (
    SELECT run, cell, longest_block,
        row_number() OVER (PARTITION BY run, cell ORDER BY longest_block_ns DESC, n) place
    FROM counted WHERE longest_block_ns IS NOT NULL)
WHERE place = 1;

-- ---- Cells ---------------------------------------------------------------------------------

-- Timed cells and memory cells, as planned: one lane with one set of parameters each.
CREATE VIEW planned AS
WITH all_cells AS (
    SELECT 0 of_memory, run, n, j, number(j->>'latency_ns') latency_ns FROM raw_cells
    UNION ALL
    SELECT 1, run, n, j, number(j->>'hold_ns') FROM raw_memory_cells
), read AS (
    SELECT of_memory, run, n, latency_ns,
        coalesce(string(j->>'id'), 'unnamed') cell,
        lane_name(coalesce(string(j->>'lane'), 'unknown')) lane,
        string(j->>'model') planned_model, coalesce(string(j->>'language'), 'c') language,
        number(j->>'requests') requests, number(j->>'concurrency') concurrency,
        number(j->>'floor_ns') floor_ns, number(j->>'rounds') rounds,
        number(j->>'lateness') lateness_limit,
        CASE WHEN coalesce(string(j->>'work'), 'io') IN ('io', 'cpu', 'mixed', 'sleep')
             THEN coalesce(string(j->>'work'), 'io') ELSE 'other' END work,
        number(j->>'cpu_ns') item_ns, number(j->>'block_bytes') block_bytes,
        string(j->>'compute') compute, number(j->>'workers') workers, number(j->>'loops') loops,
        json_type(j, '$.gil') IS 'true' gil
    FROM all_cells
)
SELECT of_memory, run, n, cell, lane, language, language_name,
    coalesce(language_n, 9) language_n, coalesce(own.model, named.model) follows,
    coalesce(own.model_n, named.model_n, 9) model_n,
    coalesce(language <> 'c' AND language_n IS NOT NULL, 0) twin,
    requests, concurrency, min(concurrency, requests) asked, latency_ns,
    coalesce(floor_ns, CASE WHEN work = 'io' AND concurrency >= 1
        THEN ceil(1.0 * requests / concurrency) * latency_ns END) floor_ns,
    rounds, lateness_limit, work, CASE work WHEN 'io' THEN 0 ELSE item_ns END item_ns,
    block_bytes, coalesce(nullif(block_bytes, 0), 32) blocks, compute,
    coalesce(compute <> 'loop', 0) offloaded,
    coalesce(workers, CASE WHEN compute <> 'loop' THEN workers_used END) workers,
    loops, coalesce(loops > 1, 0) several_loops, gil, skipped.reason skipped
FROM read
    LEFT JOIN models own ON own.model = lane
    LEFT JOIN models named ON named.model = planned_model
    LEFT JOIN languages USING (language)
    LEFT JOIN skipped USING (run, cell)
    LEFT JOIN (SELECT run, cell, 0 of_memory, workers_used FROM figures) USING (run, cell, of_memory);

-- What a cell is called: "1000 threads", "event loop", "python-aiohttp, 100 at once".
CREATE VIEW labels AS
WITH named AS (
    SELECT p.*, own.unit, own.one, follows_as.name follows_name,
        CASE WHEN twin AND follows IS NOT NULL THEN NULL ELSE own.model END own_model,
        CASE WHEN twin AND follows IS NOT NULL THEN follows_as.name
             ELSE coalesce(own.name, 'other lane') END model
    FROM planned p LEFT JOIN models own ON own.model = lane
        LEFT JOIN models follows_as ON follows_as.model = follows
), worded AS (
    SELECT *, CASE WHEN own_model IS NULL THEN lane ELSE model END lane_label,
        CASE WHEN several_loops THEN ', ' || count_text(loops) || ' loops' ELSE '' END loops_label,
        CASE WHEN offloaded AND workers = 1
             THEN ', 1 ' || CASE compute WHEN 'processes' THEN 'process' ELSE 'thread' END || ' computes'
             WHEN offloaded
             THEN ', ' || CASE WHEN workers IS NULL THEN '' ELSE count_text(workers) || ' ' END
                  || CASE compute WHEN 'processes' THEN 'processes' ELSE 'threads' END || ' compute'
             ELSE '' END pool_label,
        CASE WHEN offloaded
             THEN ', ' || CASE compute WHEN 'processes' THEN 'processes' ELSE 'threads' END || ' compute'
             ELSE '' END any_pool_label,
        CASE WHEN gil THEN ', simulated GIL' ELSE '' END gil_label,
        CASE WHEN blocks <= 32 THEN ''
             WHEN blocks % 1024 = 0 THEN ', ' || count_text(blocks / 1024) || ' KiB blocks'
             ELSE ', ' || count_text(blocks) || '-byte blocks' END blocks_label
    FROM named
)
SELECT of_memory, run, n, model, own_model, follows_name, lane_label,
    CASE WHEN own_model IS NOT NULL AND unit IS NOT NULL
         THEN CASE concurrency WHEN 1 THEN one ELSE count_text(concurrency) || ' ' || unit END
         WHEN own_model = 'sync' AND concurrency = 1 AND requests IS NOT 1 THEN 'sequential'
         WHEN own_model IS NOT NULL AND concurrency = 1 AND requests IS NOT 1 THEN 'event loop, 1 at once'
         ELSE cut(lane_label, 24) || CASE WHEN own_model IS NULL OR NOT coalesce(concurrency >= requests, 0)
              THEN ', ' || count_text(concurrency) || ' at once' ELSE '' END
    END || loops_label || pool_label || gil_label || blocks_label label,
    lane_label || any_pool_label || gil_label || blocks_label
        || CASE WHEN several_loops THEN ', several loops' ELSE '' END series,
    cut(lane, 32) || ' (' || coalesce(language_name, 'another language') || ')'
        || loops_label || pool_label || gil_label twin_label,
    count_text(requests) || CASE work WHEN 'cpu' THEN ' item' ELSE ' request' END
        || CASE requests WHEN 1 THEN '' ELSE 's' END || ' of '
        || CASE work WHEN 'cpu' THEN '' ELSE short(duration(latency_ns)) END
        || CASE work WHEN 'mixed' THEN ', each with ' ELSE '' END
        || CASE work WHEN 'io' THEN '' ELSE short(duration(item_ns)) || ' of computing' END work_label,
    blocks_label
FROM worded;

CREATE VIEW executions AS
SELECT run, cell, round, "order", started_at, s.wall_ns, user_ns, system_ns, s.rss_bytes,
    s.verified, s.in_flight_peak, s.lateness_p99_ns, valid,
    valid AND is_outlier(f.wall_ns, s.wall_ns) AND (run, cell) IN (SELECT p.run, p.cell FROM planned p WHERE NOT of_memory) outlier,
    problems, noise
FROM samples s LEFT JOIN figures f USING (run, cell) ORDER BY run, n;

-- ---- Timed cells ---------------------------------------------------------------------------

-- One row per timed cell with all its figures.
CREATE VIEW cells AS
SELECT p.*, model, own_model, follows_name, lane_label, label, series, twin_label, work_label,
    blocks_label, coalesce(executions, 0) executions, coalesce(valid, 0) valid,
    coalesce(noisy, 0) noisy, failed,
    coalesce(ranked AND wall_ns IS NOT NULL, 0) ranked,
    (SELECT coalesce(problem, 'it is marked as invalid or lacks its figures') FROM samples s
        WHERE s.run = p.run AND s.n = first_invalid) problem,
    wall_ns, own_ns, start_ns, cpu_ns, rss_bytes, lateness_p99_ns, in_flight_peak, verified,
    request_p50_ns, request_p90_ns, request_p99_ns, connections,
    heartbeat_p50_ns, heartbeat_p99_ns, heartbeat_max_ns, longest_block_ns, longest_block,
    median(wall_ns) - floor_ns overhead_ns, median(cpu_ns) / requests cpu_per_request_ns
FROM planned p JOIN labels USING (of_memory, run, n) LEFT JOIN executed USING (run, cell)
    LEFT JOIN figures f USING (run, cell) LEFT JOIN longest_blocks USING (run, cell)
WHERE NOT of_memory;

-- Cells with the same work make a group, the fastest first; those without valid executions follow.
CREATE VIEW ranking AS
SELECT *, row_number() OVER (PARTITION BY run, work, requests, item_ns, latency_ns
        ORDER BY ranked DESC, wall_ns IS NULL, median(wall_ns), cell) place
FROM cells;

CREATE VIEW wall AS
SELECT run, cell, lane, model, label, requests, concurrency, latency_ns, floor_ns, ranked,
    executions, valid, noisy, coalesce(outliers(wall_ns), 0) outliers, wall_ns, cpu_ns, cpu_per_request_ns,
    rss_bytes, in_flight_peak, lateness_p99_ns, overhead_ns, low(wall_ns) - floor_ns overhead_low_ns,
    high(wall_ns) - floor_ns overhead_high_ns, skipped, problem
FROM ranking WHERE work = 'io'
ORDER BY run, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place;

-- ---- Comparisons ---------------------------------------------------------------------------

-- The smallest effect of interest, for every comparison: a difference has to be larger than this
-- share of 1 with its whole interval, and two are equal in practice whose interval lies within it.
CREATE TABLE tolerance (share);
INSERT INTO tolerance VALUES (0.02);

-- A verdict in words; by its floor where the rounds are too few and one cannot be as fast as the
-- other is: no execution takes less than its floor.
CREATE TABLE verdicts (sign, equal, time, size, speed);
INSERT INTO verdicts VALUES (NULL, 0, 'too few rounds', 'too few passes', 'too few rounds'),
    (-1, 0, 'faster', 'less', 'slower'), (1, 0, 'slower', 'more', 'faster'),
    (0, 0, 'no clear difference', 'no clear difference', 'no clear difference'),
    (0, 1, 'equal in practice', 'equal in practice', 'equal in practice');

-- Work that computes, each against the sequential lane of the same language that does the same.
CREATE VIEW speed_pairs AS
SELECT c.run, c.cell, (SELECT b.cell FROM ranking b WHERE b.run = c.run AND b.work = 'cpu' AND b.ranked
        AND b.follows = 'sync' AND b.requests IS c.requests AND b.item_ns IS c.item_ns
        AND b.latency_ns IS c.latency_ns AND b.language_name IS c.language_name AND b.blocks = c.blocks
        ORDER BY b.place LIMIT 1) base
FROM cells c WHERE c.work = 'cpu';

-- Mixed work, with what only waits as long as that waits and computes: a share of 0. Each with the
-- fastest single loop that does the same, and with the fastest of the others.
CREATE VIEW mixed_cells AS
WITH shares AS (
    SELECT *, item_ns / (0.0 + item_ns + latency_ns) cpu_share,
        coalesce(ranked AND lane = 'async' AND NOT offloaded AND NOT several_loops, 0) single_loop,
        CASE WHEN ranked AND median(wall_ns) > 0 THEN requests / (median(wall_ns) / 1e9) END items_per_second
    FROM ranking a
    WHERE work = 'mixed' OR work = 'io' AND EXISTS (SELECT 1 FROM planned b WHERE b.run = a.run
        AND b.work = 'mixed' AND NOT b.of_memory AND b.requests = a.requests
        AND b.concurrency = a.concurrency AND b.latency_ns + b.item_ns = a.latency_ns + a.item_ns)
)
SELECT *, first_value(CASE WHEN single_loop THEN cell END) OVER (
        PARTITION BY run, requests, item_ns, latency_ns ORDER BY single_loop DESC, place) loop,
    first_value(CASE WHEN ranked AND NOT single_loop THEN cell END) OVER (
        PARTITION BY run, requests, item_ns, latency_ns ORDER BY single_loop, place) other
FROM shares;

-- The single loop against the fastest of the others at each CPU share, for the number of requests
-- with most such shares.
CREATE VIEW mixed_shares AS
WITH groups AS (
    SELECT DISTINCT run, requests, cpu_share, loop, other,
        count(*) FILTER (WHERE cell = loop) OVER (PARTITION BY run, requests) shares
    FROM mixed_cells WHERE loop IS NOT NULL AND other IS NOT NULL
), chosen AS (
    SELECT *, dense_rank() OVER (PARTITION BY run ORDER BY shares DESC, requests) choice FROM groups
)
SELECT run, row_number() OVER (PARTITION BY run ORDER BY cpu_share) share_n, cpu_share, loop, other
FROM chosen WHERE choice = 1 AND cpu_share IS NOT NULL;

-- Cells of the same work, but only where another language does it as well; C first.
CREATE VIEW twin_cells AS
SELECT * FROM (
    SELECT *, max(language <> 'c') OVER (PARTITION BY run, work, requests, latency_ns, item_ns, block_bytes) shared,
        CASE work WHEN 'io' THEN 1 WHEN 'cpu' THEN 2 ELSE 3 END work_n
    FROM cells WHERE work IN ('io', 'cpu', 'mixed'))
WHERE shared;

-- A cell of a twin, with that in C which does the same; of memory, with as many at once.
CREATE VIEW twin_originals AS
SELECT run, of_memory, cell, c_cell FROM (
    SELECT t.run, t.of_memory, t.cell, c.cell c_cell,
        row_number() OVER (PARTITION BY t.run, t.of_memory, t.n ORDER BY c.n) place
    FROM planned t JOIN planned c ON c.run = t.run AND c.of_memory = t.of_memory AND c.work = t.work
        AND (t.of_memory AND c.asked = t.asked AND c.blocks = t.blocks OR NOT t.of_memory
            AND c.requests IS t.requests AND c.latency_ns IS t.latency_ns
            AND c.item_ns IS t.item_ns AND c.block_bytes IS t.block_bytes)
        AND c.follows = t.follows AND c.concurrency IS t.concurrency AND c.gil = t.gil
        AND coalesce(nullif(c.loops, 0), 1) = coalesce(nullif(t.loops, 0), 1)
        AND coalesce(c.workers, 0) = coalesce(t.workers, 0) AND c.offloaded = t.offloaded
        AND (NOT c.offloaded OR c.compute = t.compute)
    WHERE t.language <> 'c' AND c.language = 'c' AND c.lane IN (SELECT model FROM models)
        AND t.work IN ('io', 'cpu', 'mixed') AND (NOT t.of_memory OR t.asked > 1))
WHERE place = 1;

-- Every pair of cells that is held against each other by the wall times of the rounds that both
-- have: the ratio is that of `a` to `b`.
CREATE VIEW pairs AS
WITH grouped AS (
    SELECT *, first_value(cell) OVER w first, lag(cell) OVER w above FROM ranking
    WHERE ranked AND work = 'io'
    WINDOW w AS (PARTITION BY run, requests, item_ns, latency_ns ORDER BY place)
)
SELECT run, 'first' why, cell a, first b FROM grouped WHERE cell <> first
UNION ALL SELECT run, 'above', cell, above FROM grouped WHERE above <> first
UNION ALL SELECT run, 'speed', base, s.cell FROM speed_pairs s JOIN cells USING (run, cell)
    WHERE ranked AND base IS NOT NULL
UNION ALL SELECT run, 'loop', cell, loop FROM mixed_cells WHERE ranked AND cell <> loop
UNION ALL SELECT run, 'twin', cell, c_cell FROM twin_originals
    JOIN cells USING (run, of_memory, cell)
    JOIN (SELECT run, cell c_cell, ranked c_ranked FROM cells) USING (run, c_cell)
    WHERE ranked AND c_ranked
UNION ALL SELECT run, 'share', loop, other FROM mixed_shares;

CREATE VIEW compared AS
WITH timed AS (
    SELECT run, why, a, b, paired(x.wall_ns, y.wall_ns, share) times
    FROM tolerance, pairs
        LEFT JOIN (SELECT run, cell a, round, wall_ns FROM samples WHERE valid AND wall_ns > 0) x USING (run, a)
        LEFT JOIN (SELECT run, cell b, round, wall_ns FROM samples WHERE valid AND wall_ns > 0) y USING (run, b, round)
    GROUP BY run, why, a, b
), settled AS (
    SELECT t.*, difference(times) IS NULL AND cb.floor_ns > high(ca.wall_ns) b_beyond,
        difference(times) IS NULL AND ca.floor_ns > high(cb.wall_ns) a_beyond
    FROM timed t JOIN cells ca ON ca.run = t.run AND ca.cell = a
        JOIN cells cb ON cb.run = t.run AND cb.cell = b
)
SELECT run, why, a, b, times, difference, verdicts.equal,
    CASE WHEN NOT by_floor THEN time WHEN difference > 0 THEN 'slower (by its floor)'
         ELSE 'faster (by the other''s floor)' END verdict
FROM (SELECT *, coalesce(a_beyond OR b_beyond, 0) by_floor,
        CASE WHEN a_beyond THEN 1 WHEN b_beyond THEN -1 ELSE difference(times) END difference
    FROM settled)
JOIN verdicts ON verdicts.sign IS difference AND verdicts.equal = is_equal(times);

CREATE VIEW comparisons AS
SELECT c.run, a cell, b against, coalesce(ratio_pairs(times), 0) rounds, ratio(times) ratio,
    ratio_low(times) ratio_low, ratio_high(times) ratio_high, ratio_least(times) ratio_min,
    ratio_most(times) ratio_max, ratio_p(times) mann_whitney_p, verdict
FROM compared c JOIN ranking r ON r.run = c.run AND r.cell = a
WHERE why IN ('first', 'above')
ORDER BY c.run, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place, why DESC;

-- ---- Work that computes --------------------------------------------------------------------

CREATE VIEW cpu AS
WITH computed AS (
    SELECT r.*, base, CASE WHEN offloaded THEN workers WHEN several_loops THEN loops
        WHEN follows = 'async' AND language = 'go' THEN NULL -- goroutines run on all cores
        WHEN follows IN ('sync', 'async') THEN 1 ELSE asked END workers_computing
    FROM ranking r JOIN speed_pairs USING (run, cell)
)
SELECT w.run, cell, lane, model, label, requests, concurrency, item_ns cpu_item_ns, block_bytes, compute, workers,
    loops, gil, floor_ns, ranked, executions, valid, noisy, wall_ns, cpu_ns, base against,
    workers_computing, coalesce(ratio_pairs(times), 0) rounds, ratio(times) speed_up,
    ratio_low(times) speed_up_low, ratio_high(times) speed_up_high, ratio_least(times) speed_up_min,
    ratio_most(times) speed_up_max, ratio(times) / workers_computing efficiency,
    CASE WHEN base IS NOT NULL THEN speed END verdict,
    heartbeat_p50_ns, heartbeat_p99_ns, heartbeat_max_ns, longest_block_ns, longest_block
FROM computed w LEFT JOIN compared c ON c.run = w.run AND why = 'speed' AND b = cell
    JOIN verdicts ON verdicts.sign IS c.difference
        AND verdicts.equal = coalesce(c.equal, 0)
ORDER BY w.run, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place;

CREATE VIEW mixed AS
SELECT g.run, cell, lane, model, label, requests, concurrency, item_ns cpu_item_ns, block_bytes, compute, workers,
    loops, gil, floor_ns, ranked, executions, valid, noisy, wall_ns, cpu_ns, latency_ns, cpu_share,
    items_per_second, loop against, coalesce(ratio_pairs(times), 0) rounds, ratio(times) ratio,
    ratio_low(times) ratio_low, ratio_high(times) ratio_high, ratio_least(times) ratio_min,
    ratio_most(times) ratio_max, verdict, heartbeat_p50_ns, heartbeat_p99_ns, heartbeat_max_ns, longest_block_ns, longest_block
FROM mixed_cells g LEFT JOIN compared c ON c.run = g.run AND why = 'loop' AND a = cell AND b = loop
ORDER BY g.run, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place;

-- ---- Memory --------------------------------------------------------------------------------

CREATE VIEW passes AS
WITH read AS (
    SELECT run, n, string(j->>'cell') cell, number(j->>'round') round,
        number(j->>'concurrency') concurrency,
        coalesce(json_type(j, '$.confirmed') = 'true', 0) confirmed, number(j->>'in_flight') in_flight,
        number(j->>'in_flight_peak') in_flight_peak, number(j->>'pss_bytes') pss_bytes,
        number(j->>'pss_anon_bytes') pss_anon_bytes, number(j->>'rss_bytes') rss_bytes,
        number(j->>'hwm_bytes') hwm_bytes, number(j->>'virtual_bytes') virtual_bytes,
        number(j->>'page_table_bytes') page_table_bytes, number(j->>'processes') processes,
        number(j->>'threads') threads, number(j->>'$.cgroup.usage_bytes') cgroup_bytes,
        number(j->>'$.cgroup.anon_bytes') cgroup_anon_bytes,
        number(j->>'$.cgroup.peak_bytes') cgroup_peak_bytes,
        number(j->>'$.cgroup.kernel_bytes') kernel_bytes,
        number(j->>'$.cgroup.tcp_bytes') tcp_bytes,
        coalesce(string(j->>'$.problems[0]'), impossible) problem, impossible,
        coalesce(json_array_length(j, '$.noise') > 0, 0) noisy,
        json_type(j, '$.confirmed') = 'true' AND coalesce(json_array_length(j, '$.problems'), 0) = 0
            AND impossible IS NULL counts
    FROM raw_passes JOIN checked USING (run, n) WHERE of_memory
)
SELECT *, cgroup_bytes - kernel_bytes cgroup_without_kernel_bytes,
    coalesce(counts AND pss_bytes IS NOT NULL, 0) valid
FROM read;

CREATE VIEW memory_figures AS
SELECT run, cell, max(ranked) ranked, summary(in_flight) in_flight,
    summary(in_flight_peak) in_flight_peak, summary(pss_bytes) pss_bytes,
    summary(pss_anon_bytes) pss_anon_bytes, summary(cgroup_anon_bytes) cgroup_anon_bytes,
    summary(cgroup_without_kernel_bytes) cgroup_without_kernel_bytes,
    summary(cgroup_peak_bytes) cgroup_peak_bytes, summary(kernel_bytes) kernel_bytes,
    summary(virtual_bytes) virtual_bytes, summary(rss_bytes) rss_bytes,
    summary(hwm_bytes) hwm_bytes, summary(page_table_bytes) page_table_bytes,
    summary(processes) processes, summary(threads) threads
FROM (SELECT *, max(valid) OVER (PARTITION BY run, cell) ranked FROM passes)
WHERE valid OR NOT ranked GROUP BY run, cell;

-- One row per memory cell with all its figures. The base is the same lane with one request.
CREATE VIEW memory_cells AS
WITH passed AS (
    SELECT run, cell, count(*) passes, sum(valid) valid, sum(valid AND noisy) noisy,
        min(n) FILTER (WHERE NOT valid) first_invalid
    FROM passes GROUP BY run, cell
), known AS (
    SELECT p.*, model, own_model, follows_name, lane_label, label, series, twin_label,
        coalesce(passes, 0) passes, coalesce(valid, 0) valid, coalesce(noisy, 0) noisy,
        coalesce(ranked, 0) ranked,
        (SELECT coalesce(problem, 'it is marked as invalid or lacks its figures') FROM passes s
            WHERE s.run = p.run AND s.n = first_invalid) problem,
        in_flight, in_flight_peak, pss_bytes, pss_anon_bytes, cgroup_anon_bytes,
        cgroup_without_kernel_bytes, cgroup_peak_bytes, kernel_bytes, virtual_bytes, rss_bytes,
        hwm_bytes, page_table_bytes, processes, threads
    FROM planned p JOIN labels USING (of_memory, run, n) LEFT JOIN passed USING (run, cell)
        LEFT JOIN memory_figures USING (run, cell)
    WHERE of_memory
), based AS (
    SELECT run, lane, median(pss_bytes) base_bytes, median(pss_anon_bytes) base_anon_bytes,
        row_number() OVER (PARTITION BY run, lane ORDER BY n) place
    FROM known WHERE concurrency = 1 AND ranked AND work <> 'sleep'
), increased AS (
    SELECT known.*, base_bytes, median(in_flight) - 1 more,
        CASE WHEN median(in_flight) > 1 THEN coalesce(median(pss_anon_bytes) - base_anon_bytes,
            median(pss_bytes) - base_bytes) END increase_bytes
    FROM known LEFT JOIN based ON based.run = known.run AND based.lane = known.lane AND place = 1
)
SELECT *, increase_bytes / more per_request_bytes,
    (median(cgroup_anon_bytes) - median(pss_anon_bytes)) / median(pss_anon_bytes) anonymous_difference,
    (median(cgroup_without_kernel_bytes) - median(pss_bytes)) / median(pss_bytes) difference
FROM increased;

CREATE VIEW memory_rows AS
SELECT run, cell, lane, model, label, requests, concurrency, ranked, passes, valid, noisy,
    coalesce(outliers(pss_bytes), 0) outliers, in_flight, pss_bytes, pss_anon_bytes, cgroup_anon_bytes,
    cgroup_without_kernel_bytes, cgroup_peak_bytes, kernel_bytes, virtual_bytes, rss_bytes,
    page_table_bytes, median(processes) processes, median(threads) threads, base_bytes,
    increase_bytes, per_request_bytes, anonymous_difference, difference
FROM memory_cells ORDER BY run, n;

-- Tasks only sleep: no request is made.
CREATE VIEW memory AS SELECT s.* FROM memory_rows s JOIN planned p USING (run, cell)
WHERE of_memory AND work <> 'sleep' ORDER BY run, n;
CREATE VIEW tasks AS SELECT s.* FROM memory_rows s JOIN planned p USING (run, cell)
WHERE of_memory AND work = 'sleep' ORDER BY run, n;

CREATE VIEW memory_time AS
SELECT run, cell, n pass, number(e.value->>'t_ns') t_ns, number(e.value->>'in_flight') in_flight,
    number(e.value->>'rss_bytes') rss_bytes, number(e.value->>'cgroup_bytes') cgroup_bytes
FROM raw_passes JOIN passes USING (run, n), json_each(j, '$.samples') e ORDER BY run, n, e.id;

-- What one more request (or task) costs: a line through the passes of a lane at several numbers.
CREATE VIEW slopes AS
WITH kinds (kind, what, name) AS (VALUES (1, 'anonymous', 'heap and stacks'), (2, 'pss', 'PSS'),
    (3, 'cgroup', 'memory cgroup, with the kernel''s share'), (4, 'kernel', 'kernel''s share'),
    (5, 'virtual', 'virtual')),
points AS (
    SELECT c.run, work = 'sleep' of_tasks, lane, kind, what, name, c.n, p.n pass, p.in_flight x,
        CASE kind WHEN 1 THEN p.pss_anon_bytes WHEN 2 THEN p.pss_bytes WHEN 3 THEN p.cgroup_bytes
            WHEN 4 THEN p.kernel_bytes ELSE p.virtual_bytes END y
    FROM memory_cells c JOIN passes p USING (run, cell), kinds WHERE p.valid
)
SELECT run, of_tasks, lane, what, name, count(DISTINCT x) concurrencies, slope(x, y) line,
    min(n) first, kind
FROM (SELECT * FROM points WHERE x IS NOT NULL AND y IS NOT NULL ORDER BY run, of_tasks, lane, kind, n, pass)
GROUP BY run, of_tasks, lane, kind;

-- A line through two numbers fits always, and proves nothing.
CREATE VIEW memory_slopes AS
SELECT run, lane, what, concurrencies, slope_points(line) passes, intercept(line) base_bytes,
    slope_of(line) slope_bytes, slope_low(line) slope_low_bytes, slope_high(line) slope_high_bytes,
    r_squared(line) r_squared
FROM slopes WHERE concurrencies >= 3 AND NOT of_tasks ORDER BY run, first, kind;

CREATE VIEW task_slopes AS
SELECT run, lane, what, concurrencies, slope_points(line) passes, intercept(line) base_bytes,
    slope_of(line) slope_bytes, slope_low(line) slope_low_bytes, slope_high(line) slope_high_bytes,
    r_squared(line) r_squared
FROM slopes WHERE concurrencies >= 3 AND of_tasks ORDER BY run, first, kind;

-- ---- Twins ---------------------------------------------------------------------------------

CREATE VIEW twins AS
SELECT t.run, t.cell, follows_name model, lane, CASE WHEN language_name IS NOT NULL THEN language END language,
    twin_label label, requests, asked at_once, c_cell, ranked, wall_ns, ratio(times) ratio_to_c,
    ratio_low(times) ratio_low, ratio_high(times) ratio_high, verdict, median(own_ns) own_ns, median(start_ns) start_ns, median(cpu_ns) cpu_ns,
    median(rss_bytes) rss_bytes, median(in_flight_peak) in_flight_peak, failed
FROM twin_cells t LEFT JOIN twin_originals USING (run, of_memory, cell)
    LEFT JOIN compared c ON c.run = t.run AND why = 'twin' AND a = t.cell AND b = c_cell
ORDER BY t.run, work_n, requests NULLS LAST, latency_ns NULLS LAST, item_ns NULLS LAST,
    block_bytes NULLS LAST, model_n, CASE WHEN follows IS NOT NULL THEN concurrency END,
    language_n, n;

CREATE VIEW twin_memory_cells AS
SELECT * FROM (SELECT *, max(language <> 'c') OVER (PARTITION BY run, asked) shared
    FROM memory_cells WHERE work <> 'sleep' AND asked > 1) WHERE shared;

CREATE VIEW twin_sizes AS
WITH ratios AS (
    SELECT t.run, t.cell, c_cell, c.ranked AND t.ranked comparable,
        unpaired(p.pss_bytes, p.cell = t.cell, share) sizes
    FROM tolerance, twin_originals o JOIN memory_cells t USING (run, of_memory, cell)
        JOIN memory_cells c ON c.run = t.run AND c.cell = c_cell
        LEFT JOIN passes p ON p.run = t.run AND p.cell IN (t.cell, c_cell) AND p.valid
    GROUP BY t.run, t.cell
)
SELECT ratios.*, CASE WHEN comparable THEN size END verdict
FROM ratios JOIN verdicts ON verdicts.sign IS difference(sizes)
    AND verdicts.equal = is_equal(sizes);

CREATE VIEW twins_memory AS
SELECT t.run, t.cell, follows_name model, lane, CASE WHEN language_name IS NOT NULL THEN language END language,
    twin_label label, requests, asked at_once, c_cell, ranked, median(in_flight) confirmed,
    median(pss_bytes) pss_bytes, ratio(sizes) ratio_to_c, ratio_low(sizes) ratio_low,
    ratio_high(sizes) ratio_high, verdict, median(rss_bytes) rss_bytes,
    median(virtual_bytes) virtual_bytes, median(kernel_bytes) kernel_bytes,
    median(processes) processes, median(threads) threads
FROM twin_memory_cells t LEFT JOIN twin_sizes s ON s.run = t.run AND s.cell = t.cell
ORDER BY t.run, asked, model_n, CASE WHEN follows IS NOT NULL THEN concurrency END, language_n, n;

-- ---- What bench shows ----------------------------------------------------------------------

CREATE VIEW shown_outcomes AS
SELECT run, cell, group_concat(outcome || ' ' || printf('%d', requests), ', ') outcomes,
    sum(requests) FILTER (WHERE outcome = 'ok') ok
FROM (
    SELECT run, cell, e.key outcome, sum(e.value) requests
    FROM samples, json_each(outcomes) e WHERE number(e.value) > 0
    GROUP BY run, cell, e.key ORDER BY run, cell, min(e.id))
GROUP BY run, cell;

-- Only executions that count have figures here.
CREATE VIEW shown_cells AS
SELECT run, n, cell, lane, follows model, requests, concurrency, latency_ns, floor_ns, rounds,
    executions, valid, noisy, CASE WHEN ranked THEN wall_ns END wall_ns,
    CASE WHEN ranked THEN overhead_ns END overhead_median_ns,
    CASE WHEN ranked THEN least(in_flight_peak) END in_flight_peak_min,
    CASE WHEN ranked THEN most(in_flight_peak) END in_flight_peak_max,
    CASE WHEN ranked THEN most(lateness_p99_ns) END lateness_p99_max_ns, coalesce(ok, 0) ok,
    language, work, CASE WHEN work <> 'io' THEN item_ns END cpu_ns, block_bytes, compute, workers,
    loops, gil, outcomes
FROM cells LEFT JOIN shown_outcomes USING (run, cell) ORDER BY run, n;

-- `middle`: the pass that stands for all of its cell, the one in the middle by its PSS.
CREATE VIEW shown_passes AS
SELECT run, n, cell, confirmed, concurrency, in_flight, processes, threads, pss_bytes,
    pss_anon_bytes, rss_bytes, hwm_bytes, virtual_bytes, page_table_bytes,
    cgroup_bytes cgroup_usage_bytes, cgroup_peak_bytes, kernel_bytes cgroup_kernel_bytes,
    cgroup_anon_bytes, tcp_bytes cgroup_tcp_bytes,
    min(n) OVER of_cell first, count(*) OVER of_cell passes,
    row_number() OVER (PARTITION BY run, cell ORDER BY pss_bytes, n)
        = (count(*) OVER of_cell + 1) / 2 middle
FROM passes WINDOW of_cell AS (PARTITION BY run, cell);

CREATE VIEW remarks AS
WITH kinds (list, kind) AS (VALUES ('problems', 'problem'), ('noise', 'noise')),
lines AS (
    SELECT run, 3 source, n, j FROM raw_samples UNION ALL SELECT run, 4, n, j FROM raw_passes
), said AS (
    SELECT run, 1 source, 0 n, e.id, string(e.value->>'id') cell, NULL round, 'left out' kind,
        string(e.value->>'reason') remark
    FROM raw_run, json_each(j, '$.skipped') e WHERE e.type = 'object'
    UNION ALL
    SELECT run, 2, n, e.id, string(j->>'id'), NULL, 'noise', string(e.value)
    FROM raw_cells, json_each(j, '$.noise') e
    UNION ALL
    SELECT run, source, n, e.id, string(j->>'cell'), number(j->>'round'), kind, string(e.value)
    FROM lines, kinds, json_each(j, '$.' || list) e
    UNION ALL
    SELECT run, 3, n, 0, cell, round, 'problem', impossible FROM samples WHERE impossible IS NOT NULL
    UNION ALL
    SELECT run, 4, n, 0, cell, round, 'problem', impossible FROM passes WHERE impossible IS NOT NULL
)
SELECT run, source, cell, round, kind, remark FROM said ORDER BY run, source, n, kind DESC, id;

-- ---- Run 2 against run 1 -------------------------------------------------------------------

CREATE VIEW calibrations AS
SELECT run, e.id n, number(e.value->>'cpu_ns') cpu_ns, number(e.value->>'block_bytes') block_bytes,
    number(e.value->>'rounds') rounds
FROM raw_run, json_each(j, '$.calibrations') e WHERE e.type = 'object';

-- How much an item of the second run computes for one of the first: each is calibrated anew.
CREATE VIEW work_ratios AS
SELECT a.n, cpu_ns, block_bytes, max(b.rounds) / (0.0 + a.rounds) work
FROM calibrations a JOIN calibrations b USING (cpu_ns, block_bytes)
WHERE a.run = 1 AND b.run = 2 AND a.rounds > 0 AND b.rounds > 0 GROUP BY a.n;

-- Cells of one name can come of different plans: `same` says whether their parameters agree.
CREATE VIEW run_pairs AS
SELECT of_memory, a.n, cell, b.cell_b, a.requests IS b.requests AND a.concurrency IS b.concurrency
        AND a.latency_ns IS b.latency_ns same, CASE a.work WHEN 'cpu' THEN w.work END work
FROM planned a
    LEFT JOIN (SELECT of_memory, cell, cell cell_b, requests, concurrency, latency_ns FROM planned
        WHERE run = 2 GROUP BY of_memory, cell) b USING (of_memory, cell)
    LEFT JOIN work_ratios w ON w.cpu_ns = item_ns AND w.block_bytes = a.block_bytes
WHERE run = 1 GROUP BY of_memory, a.n;

CREATE VIEW run_values AS
SELECT run, 0 of_memory, cell, 'wall' metric, wall_ns value FROM samples WHERE valid AND wall_ns > 0
UNION ALL SELECT run, 0, cell, 'cpu', cpu_ns FROM samples WHERE valid AND cpu_ns > 0
UNION ALL SELECT run, 1, cell, 'pss', pss_bytes FROM passes WHERE counts AND pss_bytes > 0;

-- `far` is a difference that is told without a verdict: all of run 2 a quarter above all of run 1.
CREATE VIEW run_comparison AS
WITH metrics (metric_n, of_memory, metric, unit) AS (
    VALUES (1, 0, 'wall', 'ns'), (2, 0, 'cpu', 'ns'), (3, 1, 'pss', 'bytes')
), compared AS (
    SELECT of_memory, n, metric_n, cell, metric, unit,
        summary(CASE run WHEN 1 THEN value END) a,
        summary(CASE run WHEN 2 THEN value / coalesce(work, 1) END) b,
        unpaired(CASE run WHEN 2 THEN value / coalesce(work, 1) ELSE value END, run = 2, share) ratio
    FROM tolerance, run_pairs JOIN metrics USING (of_memory)
        LEFT JOIN run_values USING (of_memory, cell, metric)
    WHERE same GROUP BY of_memory, n, metric_n
), judged AS (
    SELECT *, coalesce(difference(ratio) IS NULL AND metric <> 'cpu' AND least(b) > 1.25 * most(a), 0) far
    FROM compared
)
SELECT cell, metric, unit, a, b, ratio(ratio) ratio, ratio_low(ratio) ratio_low,
    ratio_high(ratio) ratio_high, ratio_p(ratio) mann_whitney_p, difference(ratio) difference, far,
    CASE WHEN far THEN CASE metric WHEN 'pss' THEN 'far more, in too few passes'
            ELSE 'far slower, in too few rounds' END
        WHEN metric = 'wall' OR metric = 'cpu' AND difference(ratio) IS NULL THEN time
        ELSE size END verdict
FROM judged JOIN verdicts ON sign IS difference(ratio) AND equal = is_equal(ratio)
ORDER BY of_memory, n, metric_n;

CREATE VIEW run_verdicts AS
SELECT coalesce(sum(difference > 0), 0) slower, coalesce(sum(difference < 0), 0) faster,
    coalesce(sum(difference = 0), 0) unclear, coalesce(sum(difference IS NULL), 0) too_few,
    coalesce(sum(far), 0) far, coalesce(sum(a IS NOT NULL AND b IS NULL), 0) lost,
    (SELECT count(*) FROM run_pairs WHERE same IS NOT 1 AND (of_memory, cell) IN (
        SELECT of_memory, cell FROM run_values WHERE run = 1)) missing
FROM run_comparison WHERE metric <> 'cpu';

-- Two cells of one run, round by round.
CREATE TABLE chosen (a, b);
CREATE VIEW cell_comparison AS
WITH compared AS (
    SELECT chosen.a, chosen.b, paired(y.wall_ns, x.wall_ns, share) times
    FROM tolerance, chosen JOIN samples x ON x.cell = chosen.a
        JOIN samples y ON y.cell = chosen.b AND y.run = x.run AND y.round IS x.round
    WHERE x.valid AND y.valid AND x.wall_ns > 0 AND y.wall_ns > 0
)
SELECT a, b, ratio_pairs(times) rounds, ratio(times) ratio, ratio_low(times) low,
    ratio_high(times) high, ratio_p(times) p, time verdict, difference(times) difference
FROM compared JOIN verdicts ON sign IS difference(times) AND equal = is_equal(times)
WHERE times IS NOT NULL;

-- What only one run has, and what should be the same for a difference to be that of the programs.
CREATE VIEW run_notes AS
WITH facts (fact_n, what) AS (VALUES (1, 'cpu_model'), (2, 'kernel'), (3, 'virtualisation'),
    (4, 'versions.libcurl'), (5, 'versions.libuv'), (6, 'versions.compiler'),
    (7, 'versions.suite'), (8, 'git.revision')),
stated AS (
    SELECT fact_n, what, coalesce(max(CASE run WHEN 1 THEN value END), 'unknown') a,
        coalesce(max(CASE run WHEN 2 THEN value END), 'unknown') b
    FROM facts LEFT JOIN environment USING (what) GROUP BY fact_n
), said (part, n, note) AS (
    SELECT 1 + 2 * of_memory, n, cell || CASE WHEN cell_b IS NULL
        THEN ': only the first run has this cell'
        ELSE ': the runs gave this cell different parameters' END
    FROM run_pairs WHERE same IS NOT 1
    UNION ALL
    SELECT 2 + 2 * of_memory, n, cell || ': only the second run has this cell' FROM planned b
    WHERE run = 2 AND NOT EXISTS (SELECT 1 FROM planned a
        WHERE a.run = 1 AND a.of_memory = b.of_memory AND a.cell = b.cell)
    UNION ALL
    SELECT 5, fact_n, what || ' differs: ' || a || ', then ' || b FROM stated WHERE a <> b
    UNION ALL
    SELECT 6, 0, 'cores: the machines have different numbers of them'
    FROM runs a JOIN runs b ON b.run = 2 WHERE a.run = 1 AND
        (SELECT value FROM environment WHERE run = 1 AND what = 'cores')
        IS NOT (SELECT value FROM environment WHERE run = 2 AND what = 'cores')
    UNION ALL
    SELECT 7, n, printf('calibration of %g ms: an item of the second run has %.2f %% %s rounds; '
        || 'times of work cpu are converted, those of mixed work are not', cpu_ns / 1e6,
        100 * abs(work - 1), CASE WHEN work > 1 THEN 'more' ELSE 'fewer' END)
    FROM work_ratios WHERE work <> 1
)
SELECT note FROM said ORDER BY part, n;

-- ---- What is kept --------------------------------------------------------------------------

-- The cells whose records stand for the run: the fastest of each model in the group with the most
-- lanes, then the most requests.
CREATE VIEW headlines AS
WITH recorded AS (
    SELECT * FROM ranking JOIN (SELECT DISTINCT run, cell FROM records) USING (run, cell)
    WHERE ranked AND work = 'io'
), grouped AS (
    SELECT run, requests, latency_ns, row_number() OVER (PARTITION BY run
        ORDER BY count(DISTINCT lane) DESC, requests DESC, latency_ns DESC) group_n
    FROM recorded GROUP BY run, requests, latency_ns
)
SELECT run, follows model, cell FROM (
    SELECT r.run, r.follows, r.cell,
        row_number() OVER (PARTITION BY r.run, r.follows ORDER BY place) model_place
    FROM recorded r JOIN grouped g ON g.run = r.run AND g.requests IS r.requests
        AND g.latency_ns IS r.latency_ns AND group_n = 1)
WHERE model_place = 1;

-- ---- Claims --------------------------------------------------------------------------------

-- What the queries of claims.json ask. They see one run, the one that is judged. A figure without a
-- unit in its name is the text that a sentence shows; "–" is one that is not known. These views are
-- TEMP, so that nothing of them is computed but what a claim asks for.
CREATE TEMP TABLE judged (run);

-- What is special about a cell's lane is its `way`: '', 'simulated GIL', 'processes compute' …
-- A figure of a cell is there only where executions count. What a claim about correctness asks for,
-- all_…, is of all executions: those that broke a promise are what it is about. One that does not
-- count and says nothing has answered nothing.
CREATE TEMP VIEW claim_memory AS
WITH every AS (
    SELECT cell,
        summary(CASE WHEN valid THEN in_flight ELSE coalesce(in_flight, 0) END) all_in_flight,
        summary(threads) all_threads
    FROM passes JOIN judged USING (run) GROUP BY cell
)
SELECT n, cell, language, lane, requests, concurrency, substr(series, length(lane_label) + 3) way,
    CASE WHEN valid > 0 THEN pss_bytes END pss_bytes,
    CASE WHEN valid > 0 THEN in_flight END in_flight,
    CASE WHEN valid > 0 THEN threads END thread_count, all_in_flight, all_threads,
    CASE WHEN skipped IS NOT NULL THEN 'This machine could not run it: ' || md(skipped) || '.'
         WHEN valid > 0 THEN 'Its executions lack this figure.'
         WHEN passes > 0 THEN 'No execution of it counts: ' || md(problem) || '.' END why,
    bytes(median(pss_bytes)) pss, bytes(median(rss_bytes)) resident,
    bytes(median(virtual_bytes)) virtual, bytes(median(kernel_bytes)) kernel,
    count_text(median(in_flight)) held, count_text(median(threads)) threads,
    count_text(median(processes)) processes, bytes(base_bytes) base,
    bytes(per_request_bytes) per_request,
    bytes(median(pss_bytes) / median(in_flight)) pss_per_request,
    bytes(median(virtual_bytes) / median(in_flight)) virtual_per_request
FROM memory_cells JOIN judged USING (run) LEFT JOIN every USING (cell)
WHERE work <> 'sleep' ORDER BY n;

-- An execution: `calls_ns` is the time of the calls, without start, imports and exit of the process.
CREATE TEMP VIEW claim_executions AS
SELECT cell, round, nullif(s.wall_ns, 0) wall_ns, nullif(s.heartbeat_p99_ns, 0) heartbeat_p99_ns,
    CASE WHEN own_ns BETWEEN coalesce(floor_ns, 0) AND s.wall_ns THEN own_ns
        ELSE s.wall_ns END calls_ns
FROM samples s JOIN judged USING (run)
    JOIN (SELECT run, cell, floor_ns FROM cells) USING (run, cell)
WHERE s.valid ORDER BY round, s.n;

CREATE TEMP VIEW claim_cells AS
WITH every AS (
    SELECT cell, summary(in_flight_peak) all_peaks,
        summary(CASE WHEN valid THEN verified ELSE coalesce(verified, 0) END) all_verified
    FROM samples JOIN judged USING (run) GROUP BY cell
), calls AS (
    SELECT cell, summary(calls_ns) calls_ns FROM claim_executions GROUP BY cell
)
SELECT n, cell, language, lane, work, requests, concurrency, latency_ns, item_ns, workers,
    substr(series, length(lane_label) + 3) way,
    CASE WHEN valid > 0 THEN wall_ns END wall_ns, calls_ns, all_peaks, all_verified,
    CASE WHEN valid > 0 THEN heartbeat_p99_ns END heartbeat_p99_ns,
    CASE WHEN skipped IS NOT NULL THEN 'This machine could not run it: ' || md(skipped) || '.'
         WHEN valid > 0 THEN 'Its executions lack this figure.'
         WHEN executions > 0 THEN 'No execution of it counts: ' || md(problem) || '.' END why,
    CASE WHEN median(wall_ns) > median(calls_ns) THEN 'of calls + '
        || duration(median(wall_ns) - median(calls_ns)) || ' of start-up' ELSE '' END
        || CASE WHEN most(in_flight_peak) < asked THEN '; of ' || count_text(asked)
            || ' at most ' || count_text(most(in_flight_peak)) || ' in flight' ELSE '' END beside,
    duration(median(wall_ns)) wall, duration(median(calls_ns)) calls,
    duration(median(start_ns)) start, duration(median(cpu_ns)) cpu,
    duration(cpu_per_request_ns) cpu_each, bytes(median(rss_bytes)) rss,
    duration(floor_ns) floor, duration(median(calls_ns) - floor_ns) overhead,
    change((median(calls_ns) - floor_ns) / floor_ns) overhead_percent,
    duration(median(lateness_p99_ns)) lateness_p99,
    count_text(most(all_peaks)) peak, count_text(least(all_verified)) verified,
    count_text(requests - least(all_verified)) failed, duration(median(heartbeat_p99_ns)) heartbeat_p99,
    duration(median(heartbeat_max_ns)) heartbeat_max,
    duration(median(longest_block_ns)) longest_block,
    rate(CASE WHEN ranked THEN requests / (median(wall_ns) / 1e9) END) items,
    (SELECT pss FROM claim_memory m WHERE m.lane = c.lane AND m.concurrency = c.concurrency
        AND pss_bytes IS NOT NULL) pss
FROM cells c JOIN judged USING (run) LEFT JOIN every USING (cell) LEFT JOIN calls USING (cell)
ORDER BY n;

-- Two cells that do the same work, the other's figures with "to_" before their names. They are held
-- against each other within each round, or as they are where they have no round in common.
CREATE TEMP VIEW claim_pairs AS
SELECT CASE WHEN a.wall_ns IS NULL THEN a.why WHEN b.wall_ns IS NULL THEN b.why
        ELSE 'Its figures are no measurement.' END why,
    a.*, b.n to_n, b.language to_language, b.lane to_lane, b.concurrency to_concurrency,
    b.workers to_workers, b.way to_way, b.wall to_wall, b.start to_start, b.cpu to_cpu,
    b.cpu_each to_cpu_each, b.peak to_peak, b.pss to_pss, b.heartbeat_p99 to_heartbeat_p99,
    b.heartbeat_max to_heartbeat_max, b.longest_block to_longest_block, b.items to_items,
    coalesce((SELECT paired(x.wall_ns, y.wall_ns, share) FROM tolerance, claim_executions x
            JOIN claim_executions y USING (round) WHERE x.cell = a.cell AND y.cell = b.cell),
        (SELECT unpaired(wall_ns, cell = a.cell, share) FROM tolerance, claim_executions
            WHERE cell IN (a.cell, b.cell))) wall_ratio,
    coalesce((SELECT paired(y.wall_ns, x.wall_ns, share) FROM tolerance, claim_executions x
            JOIN claim_executions y USING (round) WHERE x.cell = a.cell AND y.cell = b.cell),
        (SELECT unpaired(wall_ns, cell = b.cell, share) FROM tolerance, claim_executions
            WHERE cell IN (a.cell, b.cell))) speed_up,
    coalesce((SELECT paired(x.heartbeat_p99_ns, y.heartbeat_p99_ns, share)
            FROM tolerance, claim_executions x
            JOIN claim_executions y USING (round) WHERE x.cell = a.cell AND y.cell = b.cell),
        (SELECT unpaired(heartbeat_p99_ns, cell = a.cell, share) FROM tolerance, claim_executions
            WHERE cell IN (a.cell, b.cell))) heartbeat_ratio
FROM claim_cells a JOIN claim_cells b ON b.work = a.work AND b.requests IS a.requests
    AND b.latency_ns IS a.latency_ns AND b.item_ns IS a.item_ns AND b.n <> a.n
ORDER BY a.n, b.n;

CREATE TEMP VIEW claim_memory_pairs AS
SELECT CASE WHEN a.pss_bytes IS NULL THEN a.why WHEN b.pss_bytes IS NULL THEN b.why
        ELSE 'Its figures are no measurement.' END why,
    a.*, b.language to_language, b.lane to_lane, b.requests to_requests,
    b.concurrency to_concurrency, b.way to_way, b.pss to_pss, b.resident to_resident,
    b.virtual to_virtual, b.kernel to_kernel, b.held to_held, b.threads to_threads,
    b.processes to_processes, b.base to_base, b.per_request to_per_request,
    b.pss_per_request to_pss_per_request,
    (SELECT unpaired(p.pss_bytes, p.cell = a.cell, share) FROM tolerance, passes p
        JOIN judged USING (run) WHERE p.valid AND p.cell IN (a.cell, b.cell)) pss_ratio
FROM claim_memory a JOIN claim_memory b ON b.n <> a.n ORDER BY a.n, b.n;

-- Mixed work: the single loop against the fastest of the others at each CPU share, where it is most
-- clearly beaten first.
CREATE TEMP VIEW claim_shares AS
SELECT cpu_share, times, share(cpu_share) at_share, ratio_spread(times) spread, label other,
    'There are no rounds in common at a CPU share of ' || share(cpu_share) || '.' why
FROM mixed_shares JOIN judged USING (run)
    JOIN compared ON compared.run = judged.run AND compared.why = 'share' AND a = loop AND b = other
    JOIN (SELECT run, cell other, label FROM cells) USING (run, other), tolerance
ORDER BY coalesce(ratio_low(times), ratio_least(times)) > 1 + tolerance.share DESC,
    coalesce(ratio_high(times), ratio_most(times)) DESC;

-- A line of patterns.jsonl a row, with its figures as numbers. `broken` are those of its checks that
-- no busy machine excuses and that did not hold.
CREATE TEMP VIEW claim_patterns AS
SELECT string(j->>'pattern') pattern, coalesce(string(j->>'language'), 'c') language,
    number(j->>'n') n,
    (SELECT json_group_object(e.key, 1.0 * number(e.value)) FROM json_each(j, '$.figures') e)
        figures,
    (SELECT sum(e.value->>'ok' IS NOT 1) FROM json_each(j, '$.checks') e
        WHERE e.type = 'object' AND e.value->>'timing' IS NOT 1) broken
FROM raw_patterns JOIN judged USING (run);

CREATE TEMP VIEW no_pattern AS
SELECT language, CASE WHEN language IN (SELECT language FROM claim_patterns)
    THEN 'The patterns that were run have no such figure.' WHEN language = 'c'
    THEN 'The patterns were not run with this run (make patterns RUN=…).'
    ELSE 'The patterns of this run are not in ' || language_name || '.' END why
FROM languages;

-- The claims file, a row for each claim by each lanes that measure it (`variant` from 1 on) and for
-- each point of an explanation (`title` is not NULL). What is said of lanes stands in `own`.
CREATE TEMP TABLE claims_file (j);
CREATE TEMP VIEW claims_listed AS
WITH claims AS (
    SELECT key + 1 n, CASE type WHEN 'object' THEN value ELSE '{}' END j
    FROM json_each((SELECT j FROM claims_file), '$.claims')
), ways AS (
    SELECT n, c.j, coalesce(l.key, 'c') language, coalesce(l.type, 'array') list_type,
        coalesce(w.type, 'object') own_type,
        CASE w.type WHEN 'object' THEN w.value ELSE '{}' END own,
        row_number() OVER (PARTITION BY n ORDER BY l.id, w.id) variant
    FROM claims c LEFT JOIN json_each(c.j, '$.measured_by') l
        LEFT JOIN json_each(CASE l.type WHEN 'array' THEN l.value END) w
), points AS (
    SELECT e.key + 1 explanation, p.key + 1 point, p.value j, coalesce(e.value->>'title', '') title
    FROM json_each((SELECT j FROM claims_file), '$.explanations') e,
        json_each(e.value, '$.points') p
    WHERE e.type = 'object' AND p.type = 'object'
)
SELECT n, variant, NULL title, string(j->>'id') id, string(j->>'claim') claim,
    coalesce(j->>'group', 'model') claim_group, coalesce(j->>'about', 'model') about,
    NOT coalesce(own->>'check', j->>'check', 0) counted,
    string(j->>'$.article.text') article, number(j->>'$.article.value') article_value, language,
    own->>'lane' || coalesce(', ' || nullif(own->>'way', ''), '') lane, own->>'to' "to", own,
    list_type, own_type,
    coalesce(own->>'unit', j->>'unit') unit,
    coalesce(own->>'judged', j->>'judged', 'median') judged,
    CASE WHEN own->>'why' IS NULL THEN string(coalesce(own->>'query', j->>'query')) END query,
    string(coalesce(own->>'why', j->>'why')) said_why,
    coalesce(own->>'latency_ms', j->>'latency_ms') latency_ms,
    coalesce(own->'criterion', j->'criterion') criterion, coalesce(j->>'limit', 'ours') whose,
    coalesce(own->'reasons', j->'reasons') reasons
FROM ways
UNION ALL
SELECT explanation, point, title, title, NULL, NULL, 'model', 0, NULL, NULL, 'c', NULL, NULL, j,
    'array', 'object', NULL, 'median', coalesce(string(j->>'query'), ''), NULL, NULL, NULL, 'ours',
    json_object('measured', j->'text')
FROM points;

-- With what messages call them.
CREATE TEMP VIEW claims_placed AS
SELECT *, CASE WHEN title IS NULL THEN printf('claim %d (%.60s)', n, coalesce(id, 'without id'))
    ELSE printf('explanation %d (%.60s), point %d', n, title, variant) END place
FROM claims_listed;

CREATE TEMP TABLE claims_entries AS SELECT * FROM claims_placed;

-- What their queries gave, by run: the figure, why there is none, and the figures for sentences. In
-- run 0 nothing is measured: there stand the columns and the parameters of the queries.
CREATE TEMP TABLE claims_asked (run INTEGER, title, n INTEGER, variant INTEGER, measured, cell, why,
    figures, parameters, other_latency_ns);

-- What is wrong with the claims.
CREATE TEMP VIEW claims_faults AS
WITH rules AS (
    SELECT l.*, (SELECT count(*) FROM json_each(criterion)) rules,
        (SELECT key FROM json_each(criterion)) rule,
        (SELECT count(*) FROM json_each(criterion) WHERE type IN ('integer', 'real')) limits
    FROM claims_entries l
)
SELECT place, r.title, r.n, r.variant, CASE
    WHEN r.title = '' THEN 'it needs a title'
    WHEN r.title IS NULL AND (id IS NULL OR claim IS NULL OR article IS NULL)
        THEN 'it needs the texts id, claim and article.text'
    WHEN about NOT IN ('model', 'python') THEN 'it is about the model, or about python'
    WHEN whose NOT IN ('ours', 'article') THEN 'its limit is ours, or of the article'
    WHEN language NOT IN (SELECT language FROM languages)
        THEN 'it is measured by c, python, go or node'
    WHEN list_type <> 'array' THEN 'each of its languages needs an array'
    WHEN own_type <> 'object' THEN 'what measures it must be an object'
    WHEN query IS NULL AND said_why IS NULL THEN 'it needs a query, or why there is none'
    WHEN r.title IS NOT NULL AND coalesce(json_array_length(own, '$.text'), 0) = 0
        THEN 'it needs an array "text"'
    WHEN EXISTS (SELECT 1 FROM json_each(reasons) WHERE type <> 'array')
        THEN 'its sentences must be arrays of texts'
    WHEN query IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(reasons) r, json_each(r.value) s
        WHERE s.type <> 'text' OR filled(json_array(s.value), figures) IS NULL)
        THEN 'a sentence names a figure that is no column of its query'
    WHEN query IS NULL OR r.title IS NOT NULL THEN NULL
    WHEN unit IS NULL OR figure_text(1, unit) IS NULL
        THEN 'its unit must be s, MB, count, ratio, times or share'
    WHEN latency_ms IS NOT NULL AND number(latency_ms) IS NULL
        THEN 'its latency_ms must be a number'
    WHEN judged NOT IN ('median', 'most', 'least')
        THEN 'what is judged must be median, most or least'
    WHEN rules <> 1 OR limits <> 1 OR rule NOT IN ('within_percent', 'factor', 'at_most',
            'at_least', 'no_more_than', 'more_than')
        THEN 'it needs a criterion: at_most, at_least, no_more_than, more_than, within_percent or '
            || 'factor, and a number'
    WHEN rule IN ('within_percent', 'factor') AND NOT coalesce(article_value > 0, 0)
        THEN 'its criterion needs article.value'
    ELSE (SELECT 'its query has no parameter :' || key FROM json_each(own) WHERE key NOT IN ('lane',
        'to', 'query', 'latency_ms', 'reasons', 'unit', 'judged', 'criterion', 'check', 'why')
        AND key NOT IN (SELECT value FROM json_each(parameters))) END fault
FROM rules r LEFT JOIN claims_asked a
    ON a.run = 0 AND a.title IS r.title AND a.n = r.n AND a.variant = r.variant;

-- Reproduced is what lies between two limits; "more" and "no more" are by the smallest effect of
-- interest. The rounding is for 2.3 s, which is within 15 % of 2 s although 0.15 is no binary
-- fraction.
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

-- Every claim by every lanes, judged. Measured values are in the claim's unit; `absent` says that it
-- is not measured and that no cell of the run is the reason. A claim is reproduced, or not, where all
-- of the interval is on one side of the limit, of few executions all of their range. One execution
-- has no range; it is taken to be known to the smallest effect of interest, unless it is a count.
CREATE TEMP VIEW claims_judged AS
WITH answers AS (
    SELECT runs.run, e.*, measured, cell, figures, CASE WHEN said_why IS NOT NULL AND query IS NULL
            THEN said_why WHEN why IS NOT NULL THEN why
            WHEN figures IS NOT NULL THEN 'The run holds no execution of it.'
            WHEN other_latency_ns IS NOT NULL THEN 'This run''s latency is '
                || short(duration(other_latency_ns)) || '; the article speaks of '
                || short(duration(1e6 * latency_ms)) || '.'
            ELSE 'No cell of this plan measures it.' END why,
        other_latency_ns IS NULL AND (cell IS NULL OR why IS NULL) absent,
        CASE unit WHEN 's' THEN 1e9 WHEN 'MB' THEN 1e6 ELSE 1.0 END scale
    FROM claims_entries e JOIN runs LEFT JOIN claims_asked a
        ON a.run = runs.run AND a.title IS NULL AND a.n = e.n AND a.variant = e.variant
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
        CASE WHEN judged = 'median' AND unit <> 'count' AND count = 1
             THEN 1 + share ELSE 1 END spread
    FROM values_of d JOIN claims_limits USING (n, variant)
), ends AS (
    SELECT *, CASE judged WHEN 'median' THEN coalesce(low, min) / spread ELSE value END likely_least,
        CASE judged WHEN 'median' THEN coalesce(high, max) * spread ELSE value END likely_most
    FROM deciding
), verdicts AS (
    SELECT *, CASE WHEN value IS NULL THEN 'not measured'
            WHEN likely_least >= least AND likely_most <= most THEN 'reproduced'
            WHEN likely_most < least OR likely_least > most THEN 'not reproduced'
            ELSE 'undecided' END verdict,
        CASE WHEN likely_least < least AND likely_most >= least THEN least ELSE most END crossed,
        CASE WHEN value BETWEEN least AND most THEN 'reproduced'
            WHEN value > most THEN 'higher' ELSE 'lower' END outcome
    FROM ends
), needs AS (
    SELECT *, count * CASE WHEN value > crossed THEN value - likely_least ELSE likely_most - value END
        / (value - crossed) * CASE WHEN value > crossed THEN value - likely_least
            ELSE likely_most - value END / (value - crossed) rounds
    FROM verdicts
)
SELECT run, n, variant, id, claim, claim_group, about, counted, article, article_value, language,
    lane, "to", CASE WHEN value IS NOT NULL THEN cell END cell, unit, value measured,
    low measured_low, high measured_high, min measured_min, max measured_max, count, verdict,
    CASE WHEN value IS NULL THEN why
         ELSE trim(coalesce(filled(reasons->'measured', figures), '') || ' ' || CASE verdict
             WHEN 'undecided' THEN CASE WHEN low IS NULL
                 THEN 'Undecided: the range of so few executions reaches across the limit; 6 rounds '
                     || 'would give an interval.'
                 ELSE 'Undecided: the interval reaches across the limit; ' || CASE WHEN rounds < 100
                     THEN 'some ' || count_text(max(count + 1, rounds))
                         || ' rounds would decide it, if the median stays.'
                     ELSE 'the figure lies at it, so that more rounds would hardly decide it.' END END
             ELSE coalesce(filled(reasons->outcome, figures), '') END) END reason,
    CASE WHEN value IS NULL THEN '–' ELSE figure_text(value, unit) || CASE
         WHEN judged <> 'median' OR count < 2 THEN ''
         WHEN low IS NULL
             THEN ' (' || figure_text(min, unit) || ' … ' || figure_text(max, unit) || ')'
         ELSE ' [' || figure_text(low, unit) || ', ' || figure_text(high, unit) || ']' END
         || CASE unit WHEN 's' THEN coalesce(nullif(' ' || (figures->>'beside'), ' '), '')
            ELSE '' END END measured_text,
    CASE rule WHEN 'within_percent' THEN printf('±%g %%', bound)
         WHEN 'factor' THEN printf('within a factor of %g', bound)
         WHEN 'at_most' THEN 'at most ' || short(figure_text(bound, unit))
         WHEN 'at_least' THEN 'at least ' || short(figure_text(bound, unit))
         WHEN 'no_more_than' THEN 'no more than ' || short(figure_text(bound, unit))
         WHEN 'more_than' THEN 'more than ' || short(figure_text(bound, unit)) ELSE '' END
        || CASE rule WHEN 'no_more_than' THEN printf(', within %g %%', 100 * share)
            WHEN 'more_than' THEN printf(', by over %g %%', 100 * share) ELSE '' END
        || CASE WHEN rule IS NOT NULL AND whose = 'ours' THEN '; our limit' ELSE '' END
        criterion_text,
    value IS NULL AND absent absent
FROM needs;

-- The table of the report: a row for each claim by each lanes that measure it. One of them stands for
-- its language: the first that measures it. And the sentences of the explanations; and what the
-- article says of a cell.
CREATE TEMP VIEW claims_answered AS
SELECT run, id, claim, claim_group, about, counted, language, lane, "to",
    row_number() OVER (PARTITION BY run, n, language
        ORDER BY verdict = 'not measured', variant) = 1 stands,
    article, article_value, measured, measured_low, measured_high, measured_min, measured_max, count,
    verdict, reason, measured_text, criterion_text, absent
FROM claim_verdicts ORDER BY run, n, variant;

CREATE TEMP VIEW claims_explained AS
SELECT run, title, row_number() OVER (PARTITION BY run ORDER BY n, variant) n, text FROM (
    SELECT a.run, title, n, variant, filled(reasons->'measured', figures) text
    FROM claims_entries JOIN claims_asked a USING (n, variant, title)
    WHERE title IS NOT NULL AND measured IS NOT NULL)
WHERE text IS NOT NULL
    AND run IN (SELECT run FROM planned WHERE language <> 'c' AND work <> 'sleep') ORDER BY 1, 3;

CREATE TEMP VIEW claims_of_cells AS
SELECT run, cell, max(1e9 * article_value) FILTER (WHERE unit = 's') wall_ns,
    max(1e6 * article_value) FILTER (WHERE unit = 'MB') pss_bytes
FROM claim_verdicts WHERE cell IS NOT NULL GROUP BY run, cell
HAVING wall_ns IS NOT NULL OR pss_bytes IS NOT NULL;

-- ---- What is exported ----------------------------------------------------------------------

CREATE TABLE exports (name, optional);
INSERT INTO exports VALUES ('claims', 0), ('wall', 0), ('comparisons', 0), ('executions', 0),
    ('memory', 0), ('memory_slopes', 0), ('memory_time', 0), ('environment', 0), ('tasks', 1),
    ('task_slopes', 1), ('twins', 1), ('twins_memory', 1), ('cpu', 1),
    ('mixed', 1);

-- ---- What the views are --------------------------------------------------------------------

-- What a row of each view is; the view whose columns it has as well; which columns are summaries.
CREATE TABLE documentation (view PRIMARY KEY, meaning, extends, summaries);
INSERT INTO documentation
SELECT key, value->>'row', value->>'extends', coalesce(value->>'summaries',
    json_extract(j, '$.views.' || (value->>'summaries_as') || '.summaries'), '')
FROM raw_words, json_each(j, '$.views');

-- What the names of columns do not say, the same in all views.
CREATE TABLE column_documentation (name PRIMARY KEY, meaning);
INSERT INTO column_documentation SELECT key, value FROM raw_words, json_each(j, '$.columns');
