-- What the first screen of the page says: the question, the answer, and a figure for each model.

-- The queries of the tables, once each (texts.c).
CREATE TABLE asked (n INTEGER PRIMARY KEY, sql UNIQUE);

-- ---- The work in question --------------------------------------------------------------------

-- The work that the headline is of: what most models of one language were measured with, of several
-- the most calls. Of cells that wait, only those of the run's main latency.
CREATE VIEW headline_work AS
WITH sizes AS (
    SELECT run, work, requests, latency_ns, item_ns, min(work_label) work_label,
        count(DISTINCT CASE language_n WHEN 1 THEN model_n END) models, count(DISTINCT lane) lanes
    FROM ranking LEFT JOIN (SELECT run, latency_ns main_ns FROM main_work) USING (run)
    WHERE ranked AND (work = 'cpu' OR work = 'io' AND latency_ns = main_ns)
    GROUP BY run, work, requests, latency_ns, item_ns
)
SELECT run, work, requests, latency_ns, item_ns, work_label FROM (
    SELECT *, row_number() OVER (PARTITION BY run ORDER BY models DESC, work = 'io' DESC,
        requests DESC, lanes DESC, item_ns DESC) choice FROM sizes)
WHERE choice = 1;

-- The fastest cell of each model in each language, and what it needs with as many in flight as most
-- lanes were measured with.
CREATE VIEW headline_cells AS
WITH placed AS (
    SELECT c.*, h.work_label question, row_number() OVER (PARTITION BY c.run, c.language, c.model_n
        ORDER BY place) choice
    FROM ranking c JOIN headline_work h USING (run, work, requests, item_ns)
    WHERE ranked AND c.latency_ns IS h.latency_ns AND blocks = 32
), held_cells AS (
    SELECT run, lane, pss_bytes, kernel_bytes, in_flight, concurrency held FROM memory_cells
        JOIN held USING (run, concurrency) WHERE ranked AND work <> 'sleep'
)
SELECT p.*, h.pss_bytes, kernel_bytes, held,
    median(h.pss_bytes) + coalesce(median(kernel_bytes), 0) memory_bytes
FROM placed p LEFT JOIN held_cells h ON h.run = p.run AND h.lane = p.lane AND p.work = 'io'
WHERE choice = 1;

CREATE VIEW question AS
SELECT run, CASE WHEN work = 'cpu' THEN count_text(requests) || ' items of ' || short(duration(item_ns))
        || ' of computing: which concurrency model?'
    WHEN work = 'io' THEN count_text(requests) || CASE requests WHEN 1 THEN ' call that waits '
        ELSE ' calls that each wait ' END || short(duration(latency_ns))
        || ': which concurrency model?'
    WHEN only_tasks THEN 'Many tasks that sleep: what does one more cost?'
    ELSE title END question
FROM overview LEFT JOIN headline_work USING (run);

-- ---- The figures -----------------------------------------------------------------------------

CREATE VIEW headline_figures AS
SELECT run, language_n row_n, coalesce(language_name, 'another language') name, model_n column_n,
    coalesce(follows_name, 'another model') head, coalesce(label, '') label,
    duration(median(wall_ns)) figure,
    CASE WHEN work = 'cpu' THEN (SELECT ratio_text(speed_up) || ' ×' FROM cpu
        WHERE cpu.run = c.run AND cpu.cell = c.cell) ELSE bytes(memory_bytes) END beside,
    label || ': median of ' || valid || ' executions' || coalesce(', ' || spread(wall_ns, 'ns'), '')
        || '; floor ' || duration(floor_ns)
        || CASE WHEN in_flight_peak IS NULL THEN ''
            ELSE '; the server confirmed ' || count_text(most(in_flight_peak)) || ' at once' END
        || coalesce('; memory with ' || count_text(held) || ' in flight: PSS '
            || bytes(median(pss_bytes)) || coalesce(', kernel ' || bytes(median(kernel_bytes)), ''),
            '') explained
FROM headline_cells c
UNION ALL
SELECT t.run, 1, 'one more', t.n, t.lane, t.kind, bytes(pss_bytes), NULL,
    'slope through ' || passes || ' passes' || coalesce(', [' || bytes(low_bytes) || ', '
        || bytes(high_bytes) || ']', '')
FROM task_kinds t JOIN overview USING (run) WHERE only_tasks AND pss_bytes IS NOT NULL;

-- ---- The recommendation ----------------------------------------------------------------------

-- The threads of C against its event loop, with as many calls at once of the same work.
CREATE VIEW against_threads AS
SELECT c.run, l.concurrency, l.requests, difference, ratio, times,
    coalesce(difference, 0) > 0 slower, t.cpu_per_request_ns - l.cpu_per_request_ns more_cpu_ns
FROM compared c JOIN cells t ON t.run = c.run AND t.cell = c.a
    JOIN cells l ON l.run = c.run AND l.cell = c.b
    JOIN main_work m ON m.run = c.run AND m.latency_ns = l.latency_ns
WHERE why = 'model' AND t.lane = 'threads';

CREATE VIEW threads_from AS
WITH judged AS (
    SELECT run, concurrency, min(slower) slower, max(ratio) ratio, max(difference IS NULL) unknown
    FROM against_threads GROUP BY run, concurrency
)
SELECT run, min(concurrency) FILTER (WHERE concurrency > not_from) from_n,
    max(concurrency) most_n, sum(unknown) = count(*) unknown FROM (
        SELECT *, coalesce(max(CASE WHEN NOT slower THEN concurrency END) OVER (PARTITION BY run), 0)
            not_from FROM judged)
GROUP BY run;

CREATE VIEW recommendation AS
WITH dearest AS ( -- what the other models of C need, as a multiple of the event loop's memory
    SELECT run, lane, memory_bytes, memory_bytes / (SELECT memory_bytes FROM headline_cells l
        WHERE l.run = c.run AND l.lane = 'async') times, held
    FROM headline_cells c WHERE language = 'c'
), waiting AS (
    SELECT f.run, f.*, (SELECT count_text(concurrency) || ' are ' || ratio_text(ratio)
            || ' times as slow as the loop' FROM against_threads a
        WHERE a.run = f.run AND concurrency = most_n ORDER BY requests LIMIT 1) at_most,
        (SELECT max(more_cpu_ns) FROM against_threads a WHERE a.run = f.run
            AND concurrency = most_n) more_cpu_ns,
        (SELECT times FROM dearest d WHERE d.run = f.run AND lane = 'threads') threads_times,
        (SELECT times FROM dearest d WHERE d.run = f.run AND lane = 'procs') procs_times
    FROM threads_from f JOIN headline_work h USING (run) WHERE h.work = 'io'
), computing AS (
    SELECT run, label, speed_up FROM fastest_ways w WHERE written_n = 1
        AND group_n = (SELECT min(group_n) FROM fastest_ways x WHERE x.run = w.run)
)
SELECT run, 1 n, CASE
    WHEN unknown THEN 'Too few rounds to tell the models apart: take what is simplest.'
    WHEN from_n IS NOT NULL THEN 'Take the event loop from ' || count_text(from_n)
        || ' calls at a time on; with fewer the models hardly differ, so take what is simplest.'
    ELSE 'Up to ' || count_text(most_n)
        || ' calls at a time threads are no slower than the event loop: take what is simplest.'
    END text
FROM waiting
UNION ALL
SELECT run, 2, 'Of threads, ' || at_most || CASE WHEN threads_times > 0 THEN ', with ' || ratio_text(threads_times)
        || ' times its memory' ELSE '' END || CASE WHEN procs_times > 0 THEN '; processes need '
        || ratio_text(procs_times) || ' times its memory, and are for computing' ELSE '' END || '.'
FROM waiting WHERE NOT unknown AND at_most IS NOT NULL
UNION ALL
SELECT c.run, 1, 'For computing take as many workers as there are cores: ' || label || ' are '
    || ratio_text(speed_up) || ' times as fast as one item after another.'
FROM computing c JOIN headline_work h USING (run) WHERE h.work = 'cpu'
UNION ALL
SELECT c.run, 2, CASE WHEN before = 0 THEN 'Of work that waits and computes, a single event loop is '
        || 'beaten already at a CPU share of ' || crossing_share || '.'
    WHEN crossing_share IS NULL THEN 'Of work that waits and computes, a single event loop holds '
        || 'its own at every CPU share up to ' || last_share || '.'
    ELSE 'Of work that waits and computes, a single event loop holds its own up to a CPU share of '
        || before_share || '; from ' || crossing_share || ' on others are clearly faster.' END
FROM crossings c JOIN headline_work h USING (run) WHERE h.work = 'cpu' AND too_few < shares
UNION ALL
SELECT t.run, 1, 'Of the kinds of tasks measured, ' || t.kind || ' costs least, ' || bytes(t.pss_bytes)
    || ' each; ' || u.kind || ' costs most, ' || bytes(u.pss_bytes) || ', '
    || ratio_text(u.pss_bytes / t.pss_bytes) || ' times as much.'
FROM overview JOIN task_kinds t USING (run) JOIN task_kinds u USING (run)
WHERE only_tasks AND t.clear AND u.clear
    AND t.pss_bytes = (SELECT min(pss_bytes) FROM task_kinds x WHERE x.run = t.run AND clear)
    AND u.pss_bytes = (SELECT max(pss_bytes) FROM task_kinds x WHERE x.run = t.run AND clear)
    AND t.n <> u.n
ORDER BY run, n;

-- ---- The pictures ----------------------------------------------------------------------------

-- What the first screen shows: of each kind of run what answers its question, two at most.
CREATE VIEW headline_plots AS
WITH listed (place, name) AS (VALUES (1, 'headline-time'), (2, 'headline-memory'), (3, 'speed-up'),
    (4, 'mixed'), (5, 'task-bytes'), (6, 'tasks'), (7, 'wall'), (8, 'memory'))
SELECT name, title FROM listed JOIN plots USING (name) WHERE state = 'made' ORDER BY place LIMIT 2;
