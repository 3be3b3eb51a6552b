/* What the first screen of the page says: the question, the answer, and a figure for each model. */

/* The queries of the tables, once each (texts.c). */
CREATE TABLE asked (n INTEGER PRIMARY KEY, sql UNIQUE);

/* ---- The work in question -------------------------------------------------------------------- */

/* The work that the headline is of: what most models of one language were measured with, of several
 * the most calls. Of cells that wait, only those of the run's main latency, and not where they are
 * the beginning of mixed work. */
CREATE VIEW headline_work AS
WITH sizes AS (
    SELECT run, work, requests, latency_ns, item_ns, min(work_label) work_label,
        count(DISTINCT CASE language_n WHEN 1 THEN model_n END) models, count(DISTINCT lane) lanes,
        min(model_n) = max(model_n) alone
    FROM ranking r LEFT JOIN (SELECT run, latency_ns main_ns FROM main_work) USING (run)
    WHERE ranked AND (work = 'cpu' OR work = 'io' AND latency_ns = main_ns
        AND (run, cell) NOT IN (SELECT run, cell FROM mixed_cells)
        AND NOT EXISTS (SELECT 1 FROM uses u WHERE u.run = r.run AND u.ranked))
    GROUP BY run, work, requests, latency_ns, item_ns
)
SELECT run, work, requests, latency_ns, item_ns, work_label, alone FROM (
    SELECT *, row_number() OVER (PARTITION BY run ORDER BY models DESC, work = 'io' DESC,
        requests DESC, lanes DESC, item_ns DESC) choice FROM sizes)
WHERE choice = 1;

/* The fastest cell of each model in each language, and what it needs with as many in flight as most
 * lanes were measured with, or, of one model alone, with as many as it had itself. */
CREATE VIEW headline_cells AS
WITH placed AS (
    SELECT c.*, alone, row_number() OVER (PARTITION BY c.run, c.language, c.model_n
        ORDER BY place) choice
    FROM ranking c JOIN headline_work h USING (run, work, requests, item_ns)
    WHERE ranked AND c.latency_ns IS h.latency_ns AND blocks = 32 AND blocking IS NULL
)
SELECT p.*, h.concurrency held, median(h.memory_bytes) memory_bytes,
    median(h.kernel_bytes) kernel_bytes, iif(most(p.in_flight_peak) > 0,
        '; the server confirmed ' || count_text(most(p.in_flight_peak)) || ' at once', '') confirmed
FROM placed p LEFT JOIN memory_cells h ON h.run = p.run AND h.lane = p.lane AND h.ranked
    AND p.work = 'io' AND h.work = 'io' AND h.concurrency
        = iif(alone, p.concurrency, (SELECT concurrency FROM held WHERE held.run = p.run))
WHERE choice = 1;

-- Of each use case what most lanes were measured with: the fastest way of each model in each
-- language.
CREATE VIEW headline_uses AS
WITH sizes AS (
    SELECT run, work, requests, latency_ns, row_number() OVER (PARTITION BY run, work
        ORDER BY count(DISTINCT lane) DESC, requests DESC, latency_ns DESC) choice
    FROM ranking WHERE ranked AND work IN (SELECT work FROM use_words)
    GROUP BY run, work, requests, latency_ns
), placed AS (
    SELECT r.*, u.rowid use_n, title, row_number() OVER (PARTITION BY run, work, language, model_n
        ORDER BY place) of_model, row_number() OVER (PARTITION BY run, work, language
        ORDER BY place) of_language
    FROM ranking r JOIN sizes USING (run, work, requests, latency_ns) JOIN use_words u USING (work)
    WHERE ranked AND choice = 1
)
SELECT * FROM placed WHERE of_model = 1 ORDER BY run, use_n, language_n, place;

CREATE VIEW question AS
SELECT run, coalesce(CASE work WHEN 'cpu' THEN work_label WHEN 'io' THEN count_text(requests)
            || iif(requests = 1, ' call that waits ', ' calls that each wait ')
            || short(duration(latency_ns)) END
        || iif(alone, ': how close to the floor?', ': which concurrency model?'),
    CASE WHEN EXISTS (SELECT 1 FROM open_loads o WHERE o.run = overview.run)
        THEN 'Calls that are due at a rate: which concurrency model keeps up?' END,
    (SELECT group_concat(title, ', ') || ': which concurrency model?'
        FROM (SELECT DISTINCT title FROM headline_uses u WHERE u.run = overview.run)),
    iif(only_tasks, 'Many tasks that sleep: what does one more cost?', title)) question
FROM overview LEFT JOIN headline_work USING (run);

/* ---- The figures ----------------------------------------------------------------------------- */

CREATE VIEW headline_figures AS
SELECT run, language_n row_n, coalesce(language_name, 'another language') name, model_n column_n,
    coalesce(follows_name, 'another model') head, coalesce(label, '') label,
    duration(median(wall_ns)) figure,
    CASE WHEN work = 'cpu' THEN (SELECT ratio_text(speed_up) || ' ×' FROM cpu
        WHERE cpu.run = c.run AND cpu.cell = c.cell)
        WHEN memory_bytes > 0 THEN bytes(memory_bytes) END beside,
    label || ': median of ' || valid || ' executions' || coalesce(', ' || spread(wall_ns, 'ns'), '')
        || '; floor ' || duration(floor_ns)
        || confirmed || coalesce('; memory with ' || count_text(held) || ' in flight: '
            || bytes(memory_bytes) || coalesce(', of it kernel ' || bytes(kernel_bytes), ''), '')
        explained
FROM headline_cells c
UNION ALL
SELECT run, 10 * use_n + language_n,
    work_label || ', ' || coalesce(language_name, 'another language'), model_n,
    coalesce(follows_name, 'another model'), label, duration(median(wall_ns)),
    CASE WHEN blocking IS NOT NULL THEN label WHEN language <> 'c' THEN lane END,
    label || ': median of ' || valid || ' executions' || coalesce(', ' || spread(wall_ns, 'ns'), '')
        || '; floor ' || duration(floor_ns)
FROM headline_uses
UNION ALL
SELECT t.run, 1, 'one more', t.n, t.lane, t.kind, bytes(memory_bytes), NULL,
    'slope through ' || passes || ' passes' || coalesce(', [' || bytes(low_bytes) || ', '
        || bytes(high_bytes) || ']', '')
FROM task_kinds t JOIN overview USING (run) WHERE only_tasks AND memory_bytes IS NOT NULL;

/* ---- The recommendation ---------------------------------------------------------------------- */

/* The threads of C against its event loop, with as many calls at once; of work that was done with
 * different numbers of calls, all must agree. What the rounds cannot tell is not here. */
CREATE VIEW threads_slower AS
SELECT c.run, l.concurrency, min(difference) > 0 slower, max(ratio) ratio
FROM compared c JOIN cells t ON t.run = c.run AND t.cell = c.a
    JOIN cells l ON l.run = c.run AND l.cell = c.b
    JOIN main_work m ON m.run = c.run AND m.latency_ns = l.latency_ns
WHERE why = 'model' AND t.lane = 'threads' AND difference IS NOT NULL
GROUP BY c.run, l.concurrency;

/* From how many calls at once on threads are clearly slower, and up to how many they are not. */
CREATE VIEW threads_from AS
SELECT run, min(concurrency) FILTER (WHERE concurrency > not_n) from_n, not_n,
    max(concurrency) most_n, max(ratio) FILTER (WHERE concurrency = most_n) ratio
FROM (SELECT *, max(concurrency) OVER (PARTITION BY run) most_n,
        coalesce(max(CASE WHEN NOT slower THEN concurrency END) OVER (PARTITION BY run), 0) not_n
    FROM threads_slower)
GROUP BY run;

/* What threads and processes of C need, as a multiple of the event loop's memory. */
CREATE VIEW memory_times AS
SELECT l.run, l.held, t.memory_bytes / l.memory_bytes threads, p.memory_bytes / l.memory_bytes procs
FROM headline_cells l LEFT JOIN headline_cells t ON t.run = l.run AND t.lane = 'threads'
    LEFT JOIN headline_cells p ON p.run = l.run AND p.lane = 'procs'
WHERE l.lane = 'async' AND l.memory_bytes > 0;

/* The fastest threads and processes of C, one for each core, against one item after another. */
CREATE VIEW workers_on_cores AS
WITH every AS (
    SELECT c.run, lane, label, speed_up, number(value) cores, row_number() OVER (
        PARTITION BY c.run, lane ORDER BY median(wall_ns)) choice
    FROM cpu c JOIN headline_work h ON h.run = c.run AND h.requests = c.requests
        AND h.item_ns = cpu_item_ns
        JOIN environment e ON e.run = c.run AND what = 'cores' AND number(value) = workers_computing
    WHERE lane IN ('threads', 'procs') AND NOT gil AND c.ranked AND speed_up > 0
)
SELECT run, cores, group_concat(label || ' ' || ratio_text(speed_up) || ' times', ', ') text
FROM (SELECT * FROM every WHERE choice = 1 AND cores > 1 ORDER BY lane DESC) GROUP BY run;

CREATE VIEW recommendation AS
SELECT run, 1 n, CASE
    WHEN most_n IS NULL THEN 'Too few rounds to tell threads from the event loop.'
    WHEN from_n IS NULL THEN 'Take what is simplest: up to ' || count_text(most_n)
        || ' calls at a time threads are not clearly slower than the event loop.'
    ELSE 'Take the event loop from ' || count_text(from_n) || ' calls at a time on'
        || CASE WHEN not_n > 0 THEN '; up to ' || count_text(not_n) || ' threads are not clearly '
            || 'slower, so take what is simplest' ELSE '' END || '.' END text
FROM headline_work LEFT JOIN threads_from USING (run)
WHERE work = 'io' AND 2 = (SELECT count(*) FROM headline_cells c WHERE c.run = headline_work.run
    AND lane IN ('threads', 'async'))
UNION ALL -- of one model alone
SELECT run, 1, ratio_text(median(wall_ns) / floor_ns) || ' times the floor of '
    || duration(floor_ns) || ': ' || duration(median(wall_ns))
    || iif(memory_bytes > 0, ' and ' || bytes(memory_bytes), '') || ' with ' || label
    || confirmed || '.'
FROM headline_cells WHERE alone
UNION ALL
SELECT run, 2, CASE WHEN from_n > 0 THEN count_text(most_n) || ' threads take ' || ratio_text(ratio)
        || ' times as long as the loop; with ' ELSE 'With ' END || count_text(held)
    || ' in flight threads need ' || ratio_text(threads) || ' times its memory'
    || CASE WHEN procs > 0 THEN ', processes ' || ratio_text(procs) || ' times' ELSE '' END || '.'
FROM threads_from JOIN memory_times USING (run) JOIN headline_work USING (run)
WHERE threads > 0 AND work = 'io'
UNION ALL
SELECT run, 1, 'Fastest in C: ' || group_concat(label || ' for ' || work_label || ' ('
    || duration(median(wall_ns)) || ')', '; ') || '.'
FROM headline_uses WHERE language_n = 1 AND of_language = 1 GROUP BY run
UNION ALL
SELECT run, 1, 'For computing take a worker for each of the ' || count_text(cores) || ' cores: '
    || text || ' as fast as one after another.'
FROM workers_on_cores JOIN headline_work USING (run) WHERE work = 'cpu'
UNION ALL
SELECT run, 2, 'For work that waits and computes, ' || CASE
        WHEN before = 0 THEN 'others are clearly faster than a single event loop already at a CPU '
            || 'share of ' || crossing_share
        WHEN crossing_share IS NULL THEN 'take a single event loop at every CPU share up to '
            || last_share
        ELSE 'take a single event loop ' || iif(before = 1, 'at', 'up to') || ' a CPU share of '
            || before_share || '; from ' || crossing_share
            || ' on others are clearly faster' END || '.'
FROM crossings JOIN headline_work USING (run) WHERE work = 'cpu' AND too_few < shares
UNION ALL
SELECT run, 1, 'Of the kinds of tasks measured, ' || cheap || ' costs least, ' || bytes(least_bytes)
    || ' each; ' || dear || ' costs most, ' || bytes(most_bytes) || ', '
    || ratio_text(most_bytes / least_bytes) || ' times as much.'
FROM (SELECT run, kind cheap, min(memory_bytes) least_bytes, count(*) kinds
        FROM task_kinds WHERE clear GROUP BY run)
    JOIN (SELECT run, kind dear, max(memory_bytes) most_bytes
        FROM task_kinds WHERE clear GROUP BY run) USING (run) JOIN overview USING (run)
WHERE only_tasks AND kinds > 1
ORDER BY run, n;

/* ---- The pictures ---------------------------------------------------------------------------- */

/* What the first screen shows: of each kind of run what answers its question, two at most. */
CREATE VIEW headline_plots AS
WITH listed (place, name) AS (VALUES (1, 'headline-time'), (2, 'headline-memory'), (3, 'speed-up'),
    (4, 'mixed'), (5, 'rate'), (6, 'task-bytes'), (7, 'tasks'), (8, 'wall'), (9, 'memory'))
SELECT name, title FROM listed JOIN plots USING (name)
WHERE state = 'made' AND (place < 8 OR NOT EXISTS (SELECT 1 FROM uses WHERE run = 1)) -- too tall
ORDER BY place LIMIT 2;
