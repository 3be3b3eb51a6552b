/* The dataset: every figure is defined here, once. Tables raw_… hold a JSON document a row, as the
 * run folder has it, or words.json; everything else is a view on them. Each view has the column
 * `run`: 1 for the first folder, 2 for the second. Names end with their unit: _ns, _bytes; what has
 * none is a count, a ratio or a share of 1. A column without "median", "low" … in its name that
 * several executions gave is a summary of them (functions.c): median(wall_ns), low(wall_ns) …
 * Truths are 1 and 0. What is not known is NULL. What a row of each view is says words.json, and
 * which figures stand where there is a list in braces (dataset/lists.sql). */

/* ---- What was loaded ----------------------------------------------------------------------- */

CREATE TABLE raw_run (run, folder, j);
CREATE TABLE raw_cells (run, n, j);
CREATE TABLE raw_memory_cells (run, n, j);
CREATE TABLE raw_samples (run, n, j);
CREATE TABLE raw_passes (run, n, j);
CREATE TABLE raw_patterns (run, n, j);
CREATE TABLE records (run INTEGER, cell TEXT, id INTEGER, worker INTEGER, start_ns REAL,
    connected_ns REAL, first_byte_ns REAL, end_ns REAL, outcome TEXT, resends INTEGER);
CREATE TABLE faults (run INTEGER, fault TEXT);

/* ---- Words --------------------------------------------------------------------------------- */

CREATE TABLE models AS
SELECT key + 1 model_n, value->>0 model, value->>1 name, value->>2 unit, value->>3 one
FROM raw_words, json_each(j, '$.models');
CREATE TABLE languages AS SELECT key + 1 language_n, value->>0 language, value->>1 language_name
FROM raw_words, json_each(j, '$.languages');

/* ---- Runs ---------------------------------------------------------------------------------- */

CREATE VIEW runs AS
SELECT run, folder, string(j->>'id') id, string(j->>'started_at') started_at,
    string(j->>'finished_at') finished_at, string(j->>'status') status,
    string(j->>'$.plan.name') plan, string(j->>'$.plan.description') description,
    number(j->>'seed') seed, string(j->>'rounds_ended') rounds_ended,
    coalesce(number(j->>'$.settings.runs'), 1) runs
FROM raw_run;

CREATE VIEW environment AS
WITH RECURSIVE fact (run, place, depth, what, type, value) AS (
    SELECT run, '', 0, NULL, 'object', j->'environment' FROM raw_run
    UNION ALL
    SELECT run, place || printf('.%06d', e.id), depth + 1,
        coalesce(what || '.', '') || e.key, e.type, e.value
    FROM fact, json_each(fact.value) e WHERE fact.type = 'object' AND depth < 5
)
SELECT run, what, iif(type = 'object', NULL, value) value
FROM fact WHERE what IS NOT NULL AND (type <> 'object' OR depth = 5) ORDER BY run, place;

CREATE VIEW skipped AS
SELECT run, e.value->>'id' cell, coalesce(string(e.value->>'reason'), 'no reason is given') reason
FROM raw_run, json_each(j, '$.skipped') e WHERE e.type = 'object' GROUP BY 1, 2;

CREATE VIEW plan_lanes AS
SELECT run, e.id n, lane_name(e.key) lane, string(e.value->>'model') model,
    coalesce(e.value->>'language', 'c') language
FROM raw_run, json_each(j, '$.plan.lanes') e WHERE e.type = 'object';

/* ---- Executions ---------------------------------------------------------------------------- */

/* The cells of the plan as run.json has them, with what no execution of a cell can undercut. Work
 * that is due at a rate is `open`. The CPU time of an item is a calibration, of which half is
 * granted; how long a server of the user's own lets requests wait is not known. With the raw client
 * a lane is another one. */
CREATE VIEW possible AS
WITH listed AS (
    SELECT 0 of_memory, run, n, j, number(j->>'latency_ns') latency_ns FROM raw_cells
    UNION ALL
    SELECT 1, run, n, j, number(j->>'hold_ns') FROM raw_memory_cells
), read AS (
    SELECT of_memory, run, n, coalesce(string(j->>'id'), 'unnamed') cell,
        lane_name(coalesce(string(j->>'lane'), 'unknown'))
            || CASE string(j->>'client') WHEN 'raw' THEN ' (raw)' ELSE '' END lane,
        string(j->>'client') client,
        string(j->>'model') planned_model, coalesce(string(j->>'language'), 'c') language,
        number(j->>'requests') requests, number(j->>'concurrency') concurrency, latency_ns,
        number(j->>'floor_ns') floor_ns, number(j->>'rounds') rounds,
        number(j->>'lateness') lateness_limit,
        string(j->>'latency') spec, number(j->>'least_ns') drawn_least_ns,
        number(j->>'rate') rate, string(j->>'arrivals') arrivals,
        CASE WHEN number(j->>'rate') > 0 THEN 'open'
             WHEN coalesce(string(j->>'work'), 'io')
                 IN ('io', 'cpu', 'mixed', 'sleep', 'file', 'websocket', 'sql')
             THEN coalesce(string(j->>'work'), 'io') ELSE 'other' END work,
        number(j->>'cpu_ns') item_ns, number(j->>'block_bytes') block_bytes,
        string(j->>'compute') compute, number(j->>'workers') workers, number(j->>'loops') loops,
        number(j->>'processes') worker_processes,
        string(j->>'blocking') blocking,
        json_type(j, '$.gil') IS 'true' gil
    FROM listed
), servers AS MATERIALIZED (
    SELECT run, json_type(j, '$.settings.server_url') = 'null' own_server FROM raw_run
)
SELECT read.*, own_server, CASE WHEN NOT own_server THEN NULL
    WHEN spec IS NOT NULL THEN drawn_least_ns
    WHEN work IN ('io', 'open', 'file', 'websocket', 'sql') THEN max(coalesce(floor_ns, 0),
        coalesce(ceil(1.0 * requests / concurrency) * latency_ns, 0))
    ELSE max(0.5 * coalesce(floor_ns, 0), coalesce(ceil(1.0 * requests / concurrency), 0)
        * (coalesce(latency_ns, 0) + 0.5 * coalesce(item_ns, 0))) END least_ns
FROM read LEFT JOIN servers ON servers.run = read.run
    AND work IN ('io', 'open', 'mixed', 'file', 'websocket');

/* A line is not believed where it says itself that it cannot be: `impossible` is the reason. */
CREATE VIEW checked AS
WITH lines AS (
    SELECT 0 of_memory, run, n, j FROM raw_samples UNION ALL SELECT 1, run, n, j FROM raw_passes
), read AS (
    SELECT of_memory, run, n, j, string(j->>'cell') cell, number(j->>'round') round,
        coalesce(number(j->>'run'), 1) run_n,
        number(j->>'wall_ns') wall_ns, number(j->>'$.lane.wall_ns') own_ns,
        number(j->>'$.lane.verified') verified, number(j->>'$.lane.outcomes.ok') ok,
        number(j->>'exit_status') exit_status, number(j->>'$.server.requests') received,
        number(j->>'$.server.responses') answered, number(j->>'$.server.aborted') aborted,
        number(j->>'$.server.in_flight_peak') in_flight_peak,
        number(j->>'$.server.lateness_ns.early') early, string(j->>'$.problems[0]') said_problem,
        coalesce(number(j->>'$.lane.resends'), 0) resends,
        coalesce(json_array_length(j, '$.problems') > 0, 0) accused,
        coalesce(json_array_length(j, '$.noise') > 0, 0) noisy,
        (SELECT sum(value) FROM json_each(j, '$.server.statuses') WHERE key NOT LIKE '2%') refused,
        coalesce(number(j->>'$.server.statuses."101"'), 0) upgraded,
        (SELECT printf('The server met %d requests with the fault %s, which the plan does not '
                || 'name', value, key) FROM json_each(j, '$.server.faults')
            WHERE (SELECT coalesce(instr(r.j->'$.plan.server.args', key || '='), 0) = 0
                FROM raw_run r WHERE r.run = lines.run)) unplanned
    FROM lines
), numbered AS (
    SELECT *, count(round) OVER (PARTITION BY of_memory, run, cell, run_n, round) copies FROM read
), doubted AS (
    SELECT numbered.*, CASE WHEN accused THEN NULL
        WHEN copies > 1 THEN printf('Round %d of this cell is there %d times', round, copies)
        WHEN own_server AND in_flight_peak IS NULL THEN 'The mock server does not say what it saw'
        WHEN number(j->>'$.server.resets') > 0
            THEN 'Somebody else reset the server''s counts meanwhile (POST /reset)'
        WHEN aborted > 0 THEN printf('The server answered %d of %d requests; the client left %d '
            || 'before the answer', answered, requests, aborted)
        WHEN answered <> requests
            THEN printf('The server answered %d of %d requests', answered, requests)
        WHEN received <> requests + resends THEN printf('The server received %d requests instead '
            || 'of %d', received, requests + resends)
        WHEN unplanned IS NOT NULL THEN unplanned
        WHEN in_flight_peak > concurrency THEN printf('The server saw %d requests in flight at '
            || 'once, %d were asked', in_flight_peak, concurrency)
        WHEN early > 0 THEN printf('The server sent %d replies too early', early)
        WHEN refused > iif(work = 'websocket', upgraded, 0)
            THEN printf('The server answered %d requests with a status of failure', refused)
        WHEN own_server IS NOT 0 AND verified <> requests OR ok <> requests
            THEN printf('%d of %d requests were verified', iif(own_server IS NOT 0,
                min(verified, coalesce(ok, verified)), ok), requests)
        WHEN exit_status <> 0 THEN printf('The lane ended with exit status %d', exit_status)
        WHEN wall_ns <= 0 THEN 'Its wall time is not positive'
        WHEN wall_ns < least_ns THEN printf('It took %s, but nothing can take less than %s (floor)',
            duration(wall_ns), duration(least_ns))
        WHEN wall_ns < own_ns THEN printf('It took %s, but the lane says that its requests alone '
            || 'took %s', duration(wall_ns), duration(own_ns))
        END impossible
    FROM numbered LEFT JOIN possible USING (of_memory, run, cell)
)
SELECT of_memory, run, n, cell, run_n, round, wall_ns, own_ns, verified, in_flight_peak,
    coalesce(said_problem, impossible) problem, noisy,
    NOT accused AND impossible IS NULL blameless, impossible
FROM doubted;

CREATE VIEW samples AS
WITH read AS (
    SELECT run, n, cell, run_n, round, number(j->>'order') "order",
        string(j->>'started_at') started_at,
        wall_ns, own_ns, verified, in_flight_peak, {{samples: number(j->>'$.#') @}},
        CASE WHEN j->>'$.lane.load.growth' < 0 THEN 0
            ELSE number(j->>'$.lane.load.growth') END growth,
        CASE json_type(j, '$.lane.load.keeps_up') WHEN 'true' THEN 1 WHEN 'false' THEN 0
            END keeps_up,
        string(j->>'$.lane.loop.longest_block') longest_block,
        json_type(j, '$.valid') = 'true' said_valid, problem,
        coalesce(impossible, (SELECT group_concat(value, '; ') FROM json_each(j, '$.problems')
            WHERE type = 'text')) problems,
        (SELECT group_concat(value, '; ') FROM json_each(j, '$.noise') WHERE type = 'text') noise,
        noisy, impossible, blameless,
        CASE json_type(j, '$.lane.outcomes') WHEN 'object' THEN coalesce(
            (SELECT sum(e.value) FROM json_each(j, '$.lane.outcomes') e
                WHERE e.key <> 'ok' AND number(e.value) > 0), 0) END failed,
        j->'$.lane.outcomes' outcomes
    FROM raw_samples JOIN checked USING (run, n) WHERE NOT of_memory
)
SELECT *, user_ns + system_ns cpu_ns, wall_ns - own_ns start_ns,
    coalesce(said_valid AND wall_ns IS NOT NULL AND impossible IS NULL, 0) valid
FROM read;

CREATE VIEW counted AS
SELECT * FROM (SELECT *, max(valid) OVER (PARTITION BY run, cell) ranked FROM samples)
WHERE valid OR NOT ranked;

CREATE VIEW executed AS
SELECT run, cell, count(*) executions, sum(valid) valid, sum(valid AND noisy) noisy,
    min(n) FILTER (WHERE NOT valid) first_invalid, max(failed) failed
FROM samples GROUP BY run, cell;

CREATE VIEW figures AS
SELECT run, cell, max(ranked) ranked, {{figures: summary(@, run_n) @}}, sum(keeps_up) kept_up,
    count(keeps_up) told, max(workers) workers_used
FROM counted GROUP BY run, cell;

/* Whether rounds are alike: their executions, of cells that are known, as parts of the median of
 * each. */
CREATE VIEW round_effects AS
SELECT c.run, run_n, round, summary(c.wall_ns / median(f.wall_ns)) of_median
FROM counted c JOIN figures f USING (run, cell)
WHERE c.valid AND round IS NOT NULL AND samples(f.wall_ns) >= 6 AND median(f.wall_ns) > 0
GROUP BY c.run, run_n, round;

CREATE VIEW longest_blocks AS
SELECT run, cell, longest_block FROM (
    SELECT run, cell, longest_block,
        row_number() OVER (PARTITION BY run, cell ORDER BY longest_block_ns DESC, n) place
    FROM counted WHERE longest_block_ns IS NOT NULL)
WHERE place = 1;

/* ---- Cells --------------------------------------------------------------------------------- */

CREATE VIEW planned AS
SELECT of_memory, run, n, cell, lane, language, language_name,
    coalesce(language_n, 9) language_n, coalesce(own.model, named.model) follows,
    coalesce(own.model_n, named.model_n, 9) model_n,
    coalesce(language <> 'c' AND language_n IS NOT NULL, 0) twin,
    requests, concurrency, min(concurrency, requests) asked, latency_ns,
    coalesce(floor_ns, CASE WHEN work IN ('io', 'file', 'websocket', 'sql') AND concurrency >= 1
        THEN ceil(1.0 * requests / concurrency) * latency_ns END) floor_ns, least_ns,
    rounds, lateness_limit, work, spec, rate, CASE WHEN work = 'open'
        THEN coalesce(arrivals, 'constant') END arrivals,
    CASE WHEN work IN ('io', 'open', 'file', 'websocket', 'sql') THEN 0 ELSE item_ns END item_ns,
    client, block_bytes, coalesce(nullif(block_bytes, 0), 32) blocks, compute,
    coalesce(compute <> 'loop', 0) offloaded,
    coalesce(workers, CASE WHEN compute <> 'loop' OR blocking = 'threads' THEN workers_used END)
        workers,
    loops, worker_processes,
    coalesce(loops > 1, 0) OR coalesce(worker_processes > 1, 0) several_loops,
    blocking, gil, skipped.reason skipped
FROM possible
    LEFT JOIN models own ON own.model = lane
    LEFT JOIN models named ON named.model = planned_model
    LEFT JOIN languages USING (language)
    LEFT JOIN skipped USING (run, cell)
    LEFT JOIN (SELECT run, cell, 0 of_memory, workers_used FROM figures)
        USING (run, cell, of_memory);

CREATE VIEW labels AS
WITH named AS (
    SELECT p.*, own.unit, own.one, follows_as.name follows_name,
        CASE WHEN twin AND follows IS NOT NULL THEN NULL ELSE own.model END own_model,
        iif(twin AND follows IS NOT NULL, follows_as.name, coalesce(own.name, 'other lane')) model,
        CASE compute WHEN 'processes' THEN 'processes' ELSE 'threads' END pool
    FROM planned p LEFT JOIN models own ON own.model = lane
        LEFT JOIN models follows_as ON follows_as.model = follows
), worded AS (
    SELECT *, CASE WHEN own_model IS NULL THEN lane ELSE model END lane_label,
        CASE WHEN worker_processes > 1 THEN ', ' || count_text(worker_processes) || ' processes'
             WHEN several_loops THEN ', ' || count_text(loops) || ' loops' ELSE '' END loops_label,
        CASE WHEN NOT offloaded THEN ''
             WHEN workers = 1
                 THEN ', 1 ' || iif(pool = 'processes', 'process', 'thread') || ' computes'
             WHEN workers IS NULL THEN ', ' || pool || ' compute'
             ELSE ', ' || count_text(workers) || ' ' || pool || ' compute' END pool_label,
        CASE WHEN offloaded THEN ', ' || pool || ' compute' ELSE '' END any_pool_label,
        CASE WHEN blocking = 'uring' THEN ', io_uring'
             WHEN blocking = 'loop' THEN ', blocked by each call'
             WHEN NOT offloaded AND (blocking = 'threads' OR work = 'file' AND workers IS NOT NULL)
                 THEN ', ' || coalesce(count_text(workers), '4') || ' threads block'
             WHEN of_memory THEN CASE work WHEN 'file' THEN ', files'
                 WHEN 'websocket' THEN ', WebSockets' WHEN 'sql' THEN ', queries' ELSE '' END
             ELSE '' END blocking_label,
        CASE WHEN gil THEN ', simulated GIL' ELSE '' END gil_label,
        CASE WHEN blocks <= 32 THEN ''
             WHEN blocks % 1024 = 0 THEN ', ' || count_text(blocks / 1024) || ' KiB blocks'
             ELSE ', ' || count_text(blocks) || '-byte blocks' END blocks_label
    FROM named
)
SELECT of_memory, run, n, model, own_model, follows_name, lane_label, CASE
    WHEN own_model IS NOT NULL AND unit IS NOT NULL
        THEN CASE concurrency WHEN 1 THEN one ELSE count_text(concurrency) || ' ' || unit END
    WHEN own_model = 'sync' AND concurrency = 1 AND requests IS NOT 1 THEN 'sequential'
    WHEN own_model IS NOT NULL AND concurrency = 1 AND requests IS NOT 1
        THEN model || ', 1 at once'
    ELSE cut(lane_label, 24) || CASE WHEN concurrency >= requests AND (own_model IS NOT NULL
                OR of_memory AND work IN ('file', 'websocket', 'sql')) THEN ''
        ELSE ', ' || count_text(concurrency) || ' at once' END
    END || loops_label || pool_label || blocking_label || gil_label || blocks_label label,
    lane_label || any_pool_label || blocking_label || gil_label || blocks_label
        || CASE WHEN several_loops THEN ', several loops' ELSE '' END series,
    cut(lane, 32) || ' (' || coalesce(language_name, 'another language') || ')'
        || loops_label || pool_label || blocking_label || gil_label twin_label,
    count_text(requests)
        || CASE work WHEN 'cpu' THEN ' item' WHEN 'file' THEN ' file'
            WHEN 'websocket' THEN ' WebSocket' WHEN 'sql' THEN ' quer' ELSE ' request' END
        || iif(work = 'sql', iif(requests = 1, 'y', 'ies'), iif(requests = 1, '', 's'))
        || ' of ' || iif(work = 'cpu', '', coalesce(spec, short(duration(latency_ns))))
        || CASE work WHEN 'mixed' THEN ', each with ' WHEN 'open'
            THEN iif(arrivals = 'poisson', ', due at random', ', due evenly spaced') ELSE '' END
        || iif(work IN ('io', 'open', 'file', 'websocket', 'sql'), '',
            short(duration(item_ns)) || ' of computing') work_label,
    blocks_label
FROM worded;

CREATE VIEW executions AS
SELECT run, cell, run_n, round, "order", started_at, s.wall_ns, user_ns, system_ns, s.rss_bytes,
    s.verified, s.in_flight_peak, s.lateness_p99_ns, valid,
    valid AND is_outlier(f.wall_ns, s.wall_ns)
        AND (run, cell) IN (SELECT p.run, p.cell FROM planned p WHERE NOT of_memory) outlier,
    problems, noise
FROM samples s LEFT JOIN figures f USING (run, cell) ORDER BY run, n;

/* ---- Timed cells --------------------------------------------------------------------------- */

CREATE VIEW cells AS
SELECT p.*, model, own_model, follows_name, lane_label, label, series, twin_label, work_label,
    blocks_label, coalesce(executions, 0) executions, coalesce(valid, 0) valid,
    coalesce(noisy, 0) noisy, failed,
    coalesce(ranked AND wall_ns IS NOT NULL, 0) ranked,
    (SELECT coalesce(problem, 'it is marked as invalid or lacks its figures') FROM samples s
        WHERE s.run = p.run AND s.n = first_invalid) problem,
    {{figures: @}}, kept_up, told, longest_block,
    median(wall_ns) - floor_ns overhead_ns, median(cpu_ns) / requests cpu_per_request_ns
FROM planned p JOIN labels USING (of_memory, run, n) LEFT JOIN executed USING (run, cell)
    LEFT JOIN figures f USING (run, cell) LEFT JOIN longest_blocks USING (run, cell)
WHERE NOT of_memory;

/* Cells with the same work make a group, the fastest first; those without valid executions follow.
 */
CREATE VIEW ranking AS
SELECT *, row_number() OVER (PARTITION BY run, work, requests, item_ns, latency_ns
        ORDER BY ranked DESC, wall_ns IS NULL, median(wall_ns), cell) place
FROM cells;

CREATE VIEW main_work AS
SELECT run, requests, item_ns, latency_ns, work_label, ranked FROM (
    SELECT *, row_number() OVER (PARTITION BY run ORDER BY lanes DESC, requests DESC, item_ns DESC,
        latency_ns DESC) choice
    FROM (SELECT run, requests, item_ns, latency_ns, min(work_label) work_label,
            count(DISTINCT lane) lanes, count(*) ranked
        FROM ranking WHERE ranked AND work = 'io' GROUP BY run, requests, item_ns, latency_ns))
WHERE choice = 1;

CREATE VIEW wall AS
SELECT run, cell, lane, model, label, requests, concurrency, latency_ns, floor_ns, ranked,
    executions, valid, noisy, coalesce(outliers(wall_ns), 0) outliers, wall_ns, cpu_ns,
    cpu_per_request_ns, rss_bytes, in_flight_peak, lateness_p99_ns, server_busy_ns, overhead_ns,
    skipped, problem
FROM ranking WHERE work = 'io'
ORDER BY run, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place;

/* Cells whose requests are due at a rate, whatever their number, with what C places can serve at
 * most in a second. */
CREATE VIEW open_loads AS
SELECT run, n, cell, lane, label, requests, concurrency, latency_ns,
    coalesce(spec, short(duration(latency_ns))) latency, rate, arrivals,
    substr(work_label, instr(work_label, ' ') + 1) work_label,
    1e9 * concurrency / latency_ns capacity, floor_ns, ranked, due_p50_ns, due_p99_ns,
    request_p99_ns, queue_peak, growth, in_flight_peak, lateness_p99_ns,
    CASE WHEN coalesce(told, 0) = 0 THEN 'cannot be told' WHEN kept_up = told THEN 'keeps up'
         WHEN kept_up = 0 THEN 'does not keep up'
         ELSE 'keeps up in ' || kept_up || ' of ' || told END verdict
FROM cells WHERE work = 'open' ORDER BY run, arrivals, latency_ns, rate, n;

/* ---- Patterns ------------------------------------------------------------------------------ */

CREATE VIEW pattern_checks AS
SELECT run, n, coalesce(md(string(c->>'text')), '–') text, c->>'ok' IS 1 held,
    c->>'timing' IS 1 timing
FROM (SELECT run, n, CASE type WHEN 'object' THEN value ELSE '{}' END c
    FROM raw_patterns, json_each(j, '$.checks') WHERE json_type(j, '$.checks') = 'array');

/* ---- Comparisons --------------------------------------------------------------------------- */

/* The smallest effect of interest, for every comparison: a difference has to be larger than this
 * share of 1 with its whole interval, and two are equal in practice whose interval lies within it.
 * And how probable one difference at most may be in a family of comparisons of equals. */
CREATE TABLE tolerance AS SELECT 0.02 share, 0.05 risk;

/* A verdict in words; by its floor where the rounds are too few and one cannot be as fast as the
 * other is, even on a machine that computes faster than was calibrated. */
CREATE TABLE verdicts AS
SELECT value->>0 sign, value->>1 equal, value->>2 time, value->>3 size, value->>4 speed
FROM raw_words, json_each(j, '$.verdicts');

CREATE VIEW speed_pairs AS
SELECT c.run, c.cell, (SELECT b.cell FROM ranking b
        WHERE b.run = c.run AND b.work = 'cpu' AND b.ranked AND b.follows = 'sync'
            AND b.requests IS c.requests AND b.item_ns IS c.item_ns AND b.blocks = c.blocks
            AND b.latency_ns IS c.latency_ns AND b.language_name IS c.language_name
        ORDER BY b.place LIMIT 1) base
FROM cells c WHERE c.work = 'cpu';

/* Mixed work, with what only waits as long as that waits and computes: a share of 0. Each with the
 * fastest single loop that does the same, and with the fastest of the others. */
CREATE VIEW mixed_cells AS
WITH shares AS (
    SELECT *, item_ns / (0.0 + item_ns + latency_ns) cpu_share,
        coalesce(ranked AND lane = 'async' AND NOT offloaded AND NOT several_loops, 0) single_loop,
        CASE WHEN ranked AND median(wall_ns) > 0
            THEN requests / (median(wall_ns) / 1e9) END items_per_second
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

/* For the number of requests with most such shares. */
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

CREATE VIEW twin_cells AS
SELECT *, row_number() OVER (PARTITION BY run ORDER BY work_n, requests NULLS LAST,
    latency_ns NULLS LAST, item_ns NULLS LAST, block_bytes NULLS LAST, model_n, at_once,
    language_n, n) twin_n
FROM (
    SELECT *, max(language <> 'c')
            OVER (PARTITION BY run, work, requests, latency_ns, item_ns, block_bytes) shared,
        CASE work WHEN 'io' THEN 1 WHEN 'cpu' THEN 2 WHEN 'file' THEN 4
            WHEN 'websocket' THEN 5 WHEN 'sql' THEN 6 ELSE 3 END work_n,
        CASE WHEN follows IS NOT NULL THEN concurrency END at_once
    FROM cells WHERE work IN ('io', 'cpu', 'mixed', 'file', 'websocket', 'sql'))
WHERE shared;

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
        AND (NOT c.offloaded OR c.compute = t.compute) AND c.blocking IS t.blocking
    WHERE t.language <> 'c' AND c.language = 'c' AND c.lane IN (SELECT model FROM models)
        AND t.work IN ('io', 'cpu', 'mixed', 'file', 'websocket', 'sql')
        AND (NOT t.of_memory OR t.asked > 1))
WHERE place = 1;

/* A cell with the raw client, beside the one that is the same but for its client. */
CREATE VIEW client_pairs AS
SELECT r.run, r.of_memory, r.cell raw_cell, c.cell curl_cell FROM planned r JOIN planned c
    ON c.run = r.run AND c.of_memory = r.of_memory
    AND c.cell IN (replace(r.cell, '-raw', ''), replace(r.cell, '-raw', '-curl'))
WHERE r.client = 'raw';

/* By the wall times of the rounds that both have: the ratio is that of `a` to `b`. */
CREATE VIEW pairs AS
WITH grouped AS (
    SELECT *, first_value(cell) OVER w first, lag(cell) OVER w above FROM ranking
    WHERE ranked AND work = 'io'
    WINDOW w AS (PARTITION BY run, requests, item_ns, latency_ns ORDER BY place)
)
SELECT run, 'first' why, cell a, first b FROM grouped WHERE cell <> first
UNION ALL SELECT run, 'above', cell, above FROM grouped WHERE above <> first
UNION ALL SELECT c.run, 'model', c.cell, l.cell FROM ranking c
    JOIN ranking l USING (run, requests, latency_ns, item_ns, concurrency)
    WHERE c.ranked AND c.work = 'io' AND c.language = 'c' AND l.ranked AND l.lane = 'async'
        AND NOT l.several_loops AND c.lane <> 'async'
UNION ALL SELECT run, 'speed', base, s.cell FROM speed_pairs s JOIN cells USING (run, cell)
    WHERE ranked AND base IS NOT NULL
UNION ALL SELECT run, 'loop', cell, loop FROM mixed_cells WHERE ranked AND cell <> loop
UNION ALL SELECT run, 'twin', cell, c_cell FROM twin_originals
    JOIN cells USING (run, of_memory, cell)
    JOIN (SELECT run, cell c_cell, ranked c_ranked FROM cells) USING (run, c_cell)
    WHERE ranked AND c_ranked
UNION ALL SELECT run, 'client', curl_cell, raw_cell FROM client_pairs WHERE NOT of_memory
UNION ALL SELECT run, 'share', loop, other FROM mixed_shares;

CREATE VIEW compared AS
WITH walls AS (
    SELECT run, cell, run_n, round, wall_ns FROM samples WHERE valid AND wall_ns > 0
), timed AS (
    SELECT p.run, why, a, b, paired(x.wall_ns, y.wall_ns, share, x.run_n) times
    FROM tolerance, pairs p LEFT JOIN walls x ON x.run = p.run AND x.cell = a
        LEFT JOIN walls y ON y.run = p.run AND y.cell = b AND y.run_n = x.run_n
            AND y.round = x.round
    GROUP BY p.run, why, a, b
), settled AS (
    SELECT t.*, difference(times) IS NULL AND cb.least_ns > high(ca.wall_ns) b_beyond,
        difference(times) IS NULL AND ca.least_ns > high(cb.wall_ns) a_beyond
    FROM timed t JOIN cells ca ON ca.run = t.run AND ca.cell = a
        JOIN cells cb ON cb.run = t.run AND cb.cell = b
)
SELECT run, why, a, b, times, difference, verdicts.equal,
    coalesce(ratio_pairs(times), 0) rounds, ratio(times) ratio, ratio_low(times) ratio_low,
    ratio_high(times) ratio_high, ratio_least(times) ratio_min, ratio_most(times) ratio_max,
    CASE WHEN NOT by_floor THEN time WHEN difference > 0 THEN 'slower (by its floor)'
         ELSE 'faster (by the other''s floor)' END verdict
FROM (SELECT *, coalesce(a_beyond OR b_beyond, 0) by_floor,
        CASE WHEN a_beyond THEN 1 WHEN b_beyond THEN -1 ELSE difference(times) END difference
    FROM settled)
JOIN verdicts ON verdicts.sign IS difference AND verdicts.equal = is_equal(times);

CREATE VIEW comparisons AS
SELECT c.run, a cell, b against, c.rounds, ratio, ratio_low, ratio_high, ratio_min, ratio_max,
    ratio_p(times) mann_whitney_p, verdict
FROM compared c JOIN ranking r ON r.run = c.run AND r.cell = a
WHERE why IN ('first', 'above')
ORDER BY c.run, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place, why DESC;

/* What libcurl costs in each model. */
CREATE VIEW client_costs AS
SELECT c.run, c.n, c.cell, c.lane, c.lane_label, c.work_label, c.requests, c.concurrency, c.wall_ns,
    r.wall_ns raw_wall_ns, times, ratio, ratio_low, ratio_high, verdict, c.cpu_per_request_ns,
    r.cpu_per_request_ns raw_cpu_per_request_ns
FROM client_pairs p JOIN cells c ON c.run = p.run AND c.cell = curl_cell
    JOIN cells r ON r.run = p.run AND r.cell = raw_cell
    LEFT JOIN compared k ON k.run = p.run AND why = 'client' AND a = curl_cell AND b = raw_cell
WHERE NOT p.of_memory ORDER BY c.run, c.n;

/* ---- Work that computes -------------------------------------------------------------------- */

CREATE VIEW cpu AS
WITH computed AS (
    SELECT r.*, base, CASE WHEN offloaded THEN workers WHEN several_loops THEN loops
        WHEN follows = 'async' AND language = 'go' THEN NULL -- goroutines run on all cores
        WHEN follows IN ('sync', 'async', 'co') THEN 1 ELSE asked END workers_computing
    FROM ranking r JOIN speed_pairs USING (run, cell)
)
SELECT w.run, {{computing: # @}}, base against, workers_computing,
    coalesce(c.rounds, 0) rounds, ratio speed_up,
    ratio_low speed_up_low, ratio_high speed_up_high, ratio_min speed_up_min,
    ratio_max speed_up_max, ratio / workers_computing efficiency,
    CASE WHEN base IS NOT NULL THEN speed END verdict,
    heartbeat_p50_ns, heartbeat_p99_ns, heartbeat_max_ns, longest_block_ns, longest_block
FROM computed w LEFT JOIN compared c ON c.run = w.run AND why = 'speed' AND b = cell
    JOIN verdicts ON verdicts.sign IS c.difference AND verdicts.equal = coalesce(c.equal, 0)
ORDER BY w.run, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place;

CREATE VIEW mixed AS
SELECT g.run, {{computing: # @}}, latency_ns, cpu_share, items_per_second, loop against,
    coalesce(c.rounds, 0) rounds, ratio,
    ratio_low, ratio_high, ratio_min, ratio_max, verdict, heartbeat_p50_ns, heartbeat_p99_ns,
    heartbeat_max_ns, longest_block_ns, longest_block
FROM mixed_cells g LEFT JOIN compared c ON c.run = g.run AND why = 'loop' AND a = cell AND b = loop
ORDER BY g.run, requests NULLS LAST, item_ns NULLS LAST, latency_ns NULLS LAST, place;

/* ---- Use cases ----------------------------------------------------------------------------- */

CREATE VIEW uses AS
SELECT run, cell, work, lane, model, label, requests, concurrency, latency_ns, workers, blocking,
    floor_ns, ranked, executions, valid, noisy, wall_ns, cpu_ns, cpu_per_request_ns, rss_bytes,
    asked, in_flight_peak, lateness_p99_ns, skipped, problem
FROM ranking WHERE work IN ('file', 'websocket', 'sql')
ORDER BY run, work, requests NULLS LAST, latency_ns NULLS LAST, place;

/* ---- Memory -------------------------------------------------------------------------------- */

CREATE VIEW passes AS
WITH read AS (
    SELECT run, n, cell, run_n, round, number(j->>'concurrency') concurrency,
        coalesce(json_type(j, '$.confirmed') = 'true', 0) confirmed,
        {{passes: number(j->>'$.#') @}},
        coalesce(number(j->>'$.cgroup.tcp_bytes'), 0) tcp_bytes,
        j->>'$.cgroup.version' IS 1 tcp_apart, problem, impossible, noisy, blameless
    FROM raw_passes JOIN checked USING (run, n) WHERE of_memory
), shares AS (
    SELECT *, coalesce(cgroup_kernel_bytes + tcp_bytes, page_table_bytes) kernel_bytes,
        cgroup_kernel_bytes IS NULL page_tables_alone FROM read
)
SELECT *, confirmed AND blameless counts,
    cgroup_bytes - cgroup_kernel_bytes - CASE WHEN tcp_apart THEN 0 ELSE tcp_bytes END
        cgroup_without_kernel_bytes,
    coalesce(nullif(pss_anon_bytes, 0), pss_bytes) + coalesce(kernel_bytes, 0) memory_bytes,
    confirmed AND blameless AND pss_bytes IS NOT NULL valid
FROM shares;

CREATE VIEW memory_figures AS
SELECT run, cell, max(ranked) ranked, max(page_tables_alone) page_tables_alone,
    {{memory_figures: summary(@, run_n) @}}
FROM (SELECT *, max(valid) OVER (PARTITION BY run, cell) ranked FROM passes)
WHERE valid OR NOT ranked GROUP BY run, cell;

/* One row per memory cell with all its figures. The base is the same lane with one request. */
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
        page_tables_alone, {{memory_figures: @}}
    FROM planned p JOIN labels USING (of_memory, run, n) LEFT JOIN passed USING (run, cell)
        LEFT JOIN memory_figures USING (run, cell)
    WHERE of_memory
), based AS (
    SELECT run, lane, work, median(memory_bytes) base_bytes,
        row_number() OVER (PARTITION BY run, lane, work ORDER BY n) place
    FROM known WHERE concurrency = 1 AND ranked AND work <> 'sleep'
), increased AS (
    SELECT known.*, base_bytes, median(in_flight) - 1 more,
        CASE WHEN median(in_flight) > 1 THEN median(memory_bytes) - base_bytes END increase_bytes
    FROM known LEFT JOIN based ON based.run = known.run AND based.lane = known.lane
        AND based.work = known.work AND place = 1
)
SELECT *, increase_bytes / more per_request_bytes,
    (median(cgroup_anon_bytes) - median(pss_anon_bytes)) / median(pss_anon_bytes)
        anonymous_difference,
    (median(cgroup_without_kernel_bytes) - median(pss_bytes)) / median(pss_bytes) difference
FROM increased;

CREATE VIEW client_memory AS
SELECT c.run, c.n, c.cell, c.lane, c.lane_label, c.concurrency, c.in_flight,
    r.in_flight raw_in_flight, c.memory_bytes, r.memory_bytes raw_memory_bytes, c.per_request_bytes,
    r.per_request_bytes raw_per_request_bytes
FROM client_pairs p JOIN memory_cells c ON c.run = p.run AND c.cell = curl_cell
    JOIN memory_cells r ON r.run = p.run AND r.cell = raw_cell
WHERE p.of_memory AND c.asked > 1 ORDER BY c.run, c.n;

CREATE VIEW memory_rows AS
SELECT run, cell, lane, model, label, requests, concurrency, ranked, passes, valid, noisy,
    coalesce(outliers(memory_bytes), 0) outliers, in_flight, memory_bytes, pss_anon_bytes,
    stack_bytes, kernel_bytes, library_bytes, pss_bytes, rss_bytes, largest_rss_bytes,
    cgroup_anon_bytes, cgroup_without_kernel_bytes, cgroup_peak_bytes, virtual_bytes,
    stack_virtual_bytes, page_table_bytes,
    median(processes) processes, median(threads) threads, base_bytes,
    increase_bytes, per_request_bytes, anonymous_difference, difference
FROM memory_cells ORDER BY run, n;

/* Tasks only sleep: no request is made. */
CREATE VIEW memory AS SELECT s.* FROM memory_rows s JOIN planned p USING (run, cell)
WHERE of_memory AND work <> 'sleep' ORDER BY run, n;
CREATE VIEW tasks AS SELECT s.* FROM memory_rows s JOIN planned p USING (run, cell)
WHERE of_memory AND work = 'sleep' ORDER BY run, n;

CREATE VIEW memory_time AS
SELECT run, cell, n pass, number(e.value->>'t_ns') t_ns, number(e.value->>'in_flight') in_flight,
    number(e.value->>'rss_bytes') rss_bytes, number(e.value->>'cgroup_bytes') cgroup_bytes
FROM raw_passes JOIN passes USING (run, n), json_each(j, '$.samples') e ORDER BY run, n, e.id;

/* What one more request (or task) costs: a line through the passes of a lane at several numbers.
 * Through two numbers it fits always, and proves nothing. */
CREATE VIEW slopes AS
WITH kinds (kind, what, name) AS (VALUES (1, 'memory', 'heap, stacks and kernel'),
    (2, 'anonymous', 'heap and stacks'), (3, 'kernel', 'kernel''s share'), (4, 'pss', 'PSS'),
    (5, 'cgroup', 'memory cgroup, with the kernel''s share'), (6, 'virtual', 'virtual')),
points AS (
    SELECT c.run, work = 'sleep' of_tasks, work, lane, kind, what, name, c.n, p.n pass,
        p.in_flight x,
        CASE kind WHEN 1 THEN p.memory_bytes WHEN 2 THEN p.pss_anon_bytes WHEN 3 THEN
                CASE WHEN NOT p.page_tables_alone THEN p.kernel_bytes END
            WHEN 4 THEN p.pss_bytes WHEN 5 THEN p.cgroup_bytes ELSE p.virtual_bytes END y
    FROM memory_cells c JOIN passes p USING (run, cell), kinds WHERE p.valid
), lines AS (
    SELECT run, of_tasks, lane, what, name, count(DISTINCT x) concurrencies, slope(x, y) line,
        min(n) first, kind
    FROM (SELECT * FROM points WHERE x IS NOT NULL AND y IS NOT NULL
        ORDER BY run, work, lane, kind, n, pass)
    GROUP BY run, work, lane, kind
)
SELECT run, of_tasks, lane, what, name, concurrencies, line, first, kind,
    slope_points(line) passes, intercept(line) base_bytes, slope_of(line) slope_bytes,
    slope_low(proof) slope_low_bytes, slope_high(proof) slope_high_bytes,
    r_squared(proof) r_squared
FROM (SELECT *, CASE WHEN concurrencies >= 3 THEN line END proof FROM lines);

CREATE VIEW memory_slopes AS
SELECT run, lane, what, concurrencies, passes, base_bytes, slope_bytes, slope_low_bytes,
    slope_high_bytes, r_squared
FROM slopes WHERE concurrencies >= 3 AND NOT of_tasks ORDER BY run, first, kind;

CREATE VIEW task_slopes AS
SELECT run, lane, what, concurrencies, passes, base_bytes, slope_bytes, slope_low_bytes,
    slope_high_bytes, r_squared
FROM slopes WHERE concurrencies >= 3 AND of_tasks ORDER BY run, first, kind;

/* ---- Twins --------------------------------------------------------------------------------- */

CREATE VIEW twins AS
SELECT t.run, t.cell, follows_name model, lane,
    CASE WHEN language_name IS NOT NULL THEN language END language, twin_label label, requests,
    asked at_once, c_cell, ranked, wall_ns, ratio ratio_to_c, ratio_low, ratio_high, verdict,
    median(own_ns) own_ns, median(start_ns) start_ns, median(cpu_ns) cpu_ns,
    median(rss_bytes) rss_bytes, median(in_flight_peak) in_flight_peak, failed
FROM twin_cells t LEFT JOIN twin_originals USING (run, of_memory, cell)
    LEFT JOIN compared c ON c.run = t.run AND why = 'twin' AND a = t.cell AND b = c_cell
ORDER BY t.run, twin_n;

CREATE VIEW twin_memory_cells AS
SELECT *, row_number() OVER (PARTITION BY run ORDER BY asked, model_n, at_once, language_n, n)
    twin_n
FROM (
    SELECT *, max(language <> 'c') OVER (PARTITION BY run, asked) shared,
        CASE WHEN follows IS NOT NULL THEN concurrency END at_once
    FROM memory_cells WHERE work <> 'sleep' AND asked > 1)
WHERE shared;

CREATE VIEW twin_sizes AS
WITH ratios AS (
    SELECT t.run, t.cell, c_cell, c.ranked AND t.ranked comparable,
        unpaired(p.memory_bytes, p.cell = t.cell, share, p.run_n) sizes
    FROM tolerance, twin_originals o JOIN memory_cells t USING (run, of_memory, cell)
        JOIN memory_cells c ON c.run = t.run AND c.cell = c_cell
        LEFT JOIN passes p ON p.run = t.run AND p.cell IN (t.cell, c_cell) AND p.valid
    GROUP BY t.run, t.cell
)
SELECT ratios.*, CASE WHEN comparable THEN size END verdict
FROM ratios JOIN verdicts ON verdicts.sign IS difference(sizes)
    AND verdicts.equal = is_equal(sizes);

CREATE VIEW twins_memory AS
SELECT t.run, t.cell, follows_name model, lane,
    CASE WHEN language_name IS NOT NULL THEN language END language, twin_label label, requests,
    asked at_once, c_cell, ranked, median(in_flight) confirmed,
    median(memory_bytes) memory_bytes, median(pss_bytes) pss_bytes,
    ratio(sizes) ratio_to_c, ratio_low(sizes) ratio_low,
    ratio_high(sizes) ratio_high, verdict, median(rss_bytes) rss_bytes,
    median(virtual_bytes) virtual_bytes, median(kernel_bytes) kernel_bytes,
    median(processes) processes, median(threads) threads
FROM twin_memory_cells t LEFT JOIN twin_sizes s ON s.run = t.run AND s.cell = t.cell
ORDER BY t.run, twin_n;

/* ---- What bench shows ---------------------------------------------------------------------- */

CREATE VIEW shown_outcomes AS
SELECT run, cell, group_concat(outcome || ' ' || printf('%d', requests), ', ') outcomes,
    sum(requests) FILTER (WHERE outcome = 'ok') ok
FROM (
    SELECT run, cell, e.key outcome, sum(e.value) requests
    FROM samples, json_each(outcomes) e WHERE number(e.value) > 0
    GROUP BY run, cell, e.key ORDER BY run, cell, min(e.id))
GROUP BY run, cell;

CREATE VIEW shown_cells AS
SELECT run, n, cell, lane, follows model, requests, concurrency, latency_ns, floor_ns, rounds,
    executions, valid, noisy, CASE WHEN ranked THEN wall_ns END wall_ns,
    CASE WHEN ranked THEN overhead_ns END overhead_median_ns,
    CASE WHEN ranked THEN least(in_flight_peak) END in_flight_peak_min,
    CASE WHEN ranked THEN most(in_flight_peak) END in_flight_peak_max,
    CASE WHEN ranked THEN most(lateness_p99_ns) END lateness_p99_max_ns, coalesce(ok, 0) ok,
    language, work,
    CASE WHEN work NOT IN ('io', 'file', 'websocket', 'sql') THEN item_ns END cpu_ns, block_bytes,
    compute, workers, loops, gil, outcomes
FROM cells LEFT JOIN shown_outcomes USING (run, cell) ORDER BY run, n;

/* `middle`: the pass that stands for all of its cell, the one in the middle by its memory. */
CREATE VIEW shown_passes AS
SELECT *, cgroup_bytes cgroup_usage_bytes, tcp_bytes cgroup_tcp_bytes,
    min(n) OVER of_cell first, count(*) OVER of_cell passes,
    row_number() OVER (PARTITION BY run, cell ORDER BY memory_bytes, n)
        = (count(*) OVER of_cell + 1) / 2 middle
FROM passes WINDOW of_cell AS (PARTITION BY run, cell);

/* Sources: 1 what was left out, 2 a cell, 3 an execution, 4 a pass. */
CREATE VIEW remarks AS
WITH kinds (list, kind) AS (VALUES ('problems', 'problem'), ('noise', 'noise')),
lines AS (
    SELECT run, 3 source, n, j FROM raw_samples UNION ALL SELECT run, 4, n, j FROM raw_passes
), said AS (
    SELECT run, 1 source, e.id n, 0 id, string(e.value->>'id') cell, NULL run_n, NULL round,
        'left out' kind,
        string(e.value->>'reason') remark
    FROM raw_run, json_each(j, '$.skipped') e WHERE e.type = 'object'
    UNION ALL
    SELECT run, 2, n, e.id, string(j->>'id'), NULL, NULL, 'noise', string(e.value)
    FROM raw_cells, json_each(j, '$.noise') e
    UNION ALL
    SELECT run, source, n, e.id, string(j->>'cell'), number(j->>'run'), number(j->>'round'), kind,
        string(e.value)
    FROM lines, kinds, json_each(j, '$.' || list) e
    UNION ALL
    SELECT run, 3 + of_memory, n, 0, cell, run_n, round, 'problem', impossible FROM checked
    WHERE impossible IS NOT NULL
)
SELECT run, source, n, cell, run_n, round, kind, remark FROM said
ORDER BY run, source, n, kind DESC, id;

/* ---- Run 2 against run 1 ------------------------------------------------------------------- */

CREATE VIEW calibrations AS
SELECT run, e.id n, number(e.value->>'cpu_ns') cpu_ns, number(e.value->>'block_bytes') block_bytes,
    number(e.value->>'rounds') rounds
FROM raw_run, json_each(j, '$.calibrations') e WHERE e.type = 'object';

/* How much an item of the second run computes for one of the first: each is calibrated anew. */
CREATE VIEW work_ratios AS
SELECT a.n, cpu_ns, block_bytes, max(b.rounds) / (0.0 + a.rounds) work
FROM calibrations a JOIN calibrations b USING (cpu_ns, block_bytes)
WHERE a.run = 1 AND b.run = 2 AND a.rounds > 0 AND b.rounds > 0 GROUP BY a.n;

/* Cells of one name can come of different plans: `same` says whether their parameters agree. */
CREATE VIEW run_pairs AS
SELECT of_memory, a.n, cell, b.cell_b, a.requests IS b.requests AND a.concurrency IS b.concurrency
        AND a.latency_ns IS b.latency_ns same, CASE a.work WHEN 'cpu' THEN w.work END work,
    a.work = 'open' open
FROM planned a
    LEFT JOIN (SELECT of_memory, cell, cell cell_b, requests, concurrency, latency_ns FROM planned
        WHERE run = 2 GROUP BY of_memory, cell) b USING (of_memory, cell)
    LEFT JOIN work_ratios w ON w.cpu_ns = item_ns AND w.block_bytes = a.block_bytes
WHERE run = 1 GROUP BY of_memory, a.n;

CREATE VIEW run_values AS
SELECT run, 0 of_memory, cell, run_n, 'wall' metric, wall_ns value
FROM samples WHERE valid AND wall_ns > 0
UNION ALL SELECT run, 0, cell, run_n, 'cpu', cpu_ns FROM samples WHERE valid AND cpu_ns > 0
UNION ALL SELECT run, 0, cell, run_n, 'p99 from due', due_p99_ns
FROM samples WHERE valid AND due_p99_ns > 0
UNION ALL SELECT run, 1, cell, run_n, 'memory', memory_bytes FROM passes
WHERE counts AND memory_bytes > 0;

/* What the first run measured and the second does not have, or has with other parameters. */
CREATE VIEW missing_cells AS
SELECT of_memory, n, cell FROM run_pairs WHERE same IS NOT 1
    AND (of_memory, cell) IN (SELECT of_memory, cell FROM run_values WHERE run = 1);

/* Corrected for the family by Holm (1979): that of the wall times and sizes, and that of the CPU
 * times. `perhaps` is a difference that is one by itself and none among so many. `far` is one that
 * is told without a verdict: all of run 2 a quarter above all of run 1. Of open loads the latency
 * is compared too, since their wall time is that of the schedule. */
CREATE VIEW run_comparison AS
WITH metrics (metric_n, of_memory, metric, unit) AS (
    VALUES (1, 0, 'wall', 'ns'), (2, 0, 'cpu', 'ns'), (3, 1, 'memory', 'bytes'),
        (4, 0, 'p99 from due', 'ns')
), compared AS (
    SELECT of_memory, n, metric_n, cell, metric, unit,
        summary(CASE run WHEN 1 THEN value END, run_n) a,
        summary(CASE run WHEN 2 THEN value / coalesce(work, 1) END, run_n) b,
        unpaired(CASE run WHEN 2 THEN value / coalesce(work, 1) ELSE value END, run = 2, share,
            run_n) ratio
    FROM tolerance, run_pairs JOIN metrics USING (of_memory)
        LEFT JOIN run_values USING (of_memory, cell, metric)
    WHERE same AND (open OR metric_n <> 4) GROUP BY of_memory, n, metric_n
), steps AS (
    SELECT *, ratio_p_beyond(ratio) p, ratio_p_beyond(ratio) * (1
        + count(ratio_p_beyond(ratio)) OVER (PARTITION BY metric = 'cpu')
        - row_number() OVER (PARTITION BY metric = 'cpu'
            ORDER BY ratio_p_beyond(ratio) NULLS LAST)) step
    FROM compared
), corrected AS (
    SELECT *, CASE WHEN p IS NOT NULL THEN min(1, max(step) OVER (PARTITION BY metric = 'cpu'
        ORDER BY p NULLS LAST ROWS UNBOUNDED PRECEDING)) END holm_p
    FROM steps
), judged AS (
    SELECT c.*, difference(ratio) alone,
        coalesce(difference(ratio) <> 0 AND holm_p > risk, 0) perhaps,
        coalesce((difference(ratio) IS NULL OR holm_p > risk) AND metric <> 'cpu'
            AND least(b) > 1.25 * most(a), 0) far
    FROM tolerance, corrected c
)
SELECT cell, metric, unit, a, b, ratio(ratio) ratio, ratio_low(ratio) ratio_low,
    ratio_high(ratio) ratio_high, ratio_p(ratio) mann_whitney_p, holm_p,
    CASE WHEN perhaps THEN 0 ELSE alone END difference, perhaps, far,
    CASE WHEN far THEN CASE metric WHEN 'memory' THEN 'far more, in too few passes'
            ELSE 'far slower, in too few rounds' END
        ELSE iif(perhaps, 'perhaps ', '') || CASE
            WHEN metric = 'memory' OR metric = 'cpu' AND alone IS NOT NULL THEN size
            ELSE time END END verdict
FROM judged JOIN verdicts ON sign IS alone AND equal = is_equal(ratio)
ORDER BY of_memory, n, metric_n;

CREATE VIEW run_verdicts AS
SELECT coalesce(sum(difference > 0), 0) slower, coalesce(sum(difference < 0), 0) faster,
    coalesce(sum(difference = 0), 0) unclear, coalesce(sum(perhaps), 0) perhaps,
    coalesce(sum(difference IS NULL), 0) too_few, coalesce(sum(far), 0) far,
    coalesce(sum(a IS NOT NULL AND b IS NULL), 0) lost,
    (SELECT count(*) FROM missing_cells) missing
FROM run_comparison WHERE metric <> 'cpu';

/* As programs that show tests take it: what counts in the exit status of bench compare. */
CREATE VIEW run_cases AS
SELECT cell || ', ' || metric name, CASE metric WHEN 'wall' THEN median(b) / 1e9 ELSE 0 END time_s,
    CASE WHEN difference > 0 OR far OR a IS NOT NULL AND b IS NULL THEN 'failure'
        WHEN difference IS NULL THEN 'skipped' END outcome,
    CASE WHEN a IS NOT NULL AND b IS NULL THEN 'no longer counts'
        ELSE verdict || iif(ratio_low IS NULL, '',
            printf(': %.3f times [%.3f, %.3f]', ratio, ratio_low, ratio_high)) END said
FROM run_comparison WHERE metric <> 'cpu'
UNION ALL SELECT cell, 0, 'failure', 'missing' FROM missing_cells;

/* Two cells of one run, round by round. */
CREATE TABLE chosen (a, b);
CREATE VIEW cell_comparison AS
WITH compared AS (
    SELECT chosen.a, chosen.b, paired(y.wall_ns, x.wall_ns, share, x.run_n) times
    FROM tolerance, chosen JOIN samples x ON x.cell = chosen.a
        JOIN samples y ON y.cell = chosen.b AND y.run = x.run AND y.run_n = x.run_n
            AND y.round IS x.round
    WHERE x.valid AND y.valid AND x.wall_ns > 0 AND y.wall_ns > 0
)
SELECT a, b, ratio_pairs(times) rounds, ratio(times) ratio, ratio_low(times) low,
    ratio_high(times) high, ratio_p(times) p, time verdict, difference(times) difference
FROM compared JOIN verdicts ON sign IS difference(times) AND equal = is_equal(times)
WHERE times IS NOT NULL;

/* What only one run has, and what should be the same for a difference to be that of the programs.
 */
CREATE VIEW run_notes AS
WITH facts AS (SELECT key fact_n, value what FROM raw_words, json_each(j, '$.facts_compared')),
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
    UNION ALL
    SELECT 8, 0, 'memory: of one run the kernel''s share is page tables alone, as no memory cgroup '
        || 'could be made'
    FROM passes WHERE valid GROUP BY '' HAVING min(page_tables_alone) < max(page_tables_alone)
)
SELECT note FROM said ORDER BY part, n;

/* ---- What is kept -------------------------------------------------------------------------- */

/* The fastest of each model in the group with the most lanes, then the most requests. */
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

/* ---- What is exported, and what the views are ----------------------------------------------- */

CREATE TABLE exports AS SELECT key name, value optional FROM raw_words, json_each(j, '$.exports');

CREATE TABLE documentation (view PRIMARY KEY, meaning, extends, summaries);
INSERT INTO documentation
SELECT key, value->>'row', value->>'extends', coalesce(value->>'summaries',
    json_extract(j, '$.views.' || (value->>'summaries_as') || '.summaries'), '')
FROM raw_words, json_each(j, '$.views');

CREATE TABLE column_documentation (name PRIMARY KEY, meaning);
INSERT INTO column_documentation SELECT key, value FROM raw_words, json_each(j, '$.columns');
