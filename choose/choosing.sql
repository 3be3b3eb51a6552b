/* Which model to choose, of what can be done and of what was measured. All that choose and the
 * section of the report know is a query here, on two functions: predicted(lane, calls) and
 * fitted(lane, cells), of predict.h. The table `choose` has one row of JSON: `said` (choose.json),
 * `parameters` of lanes, and the `question`, as the options of the command line have it. */

CREATE TEMP VIEW lanes AS
SELECT value lane_j, value->>'lane' lane, value->>'model' model, value->>'language' language,
    value->>'memory_base_bytes' base, value->>'memory_slot_bytes' slot, value->>'compute' compute
FROM choose, json_each(parameters, '$.lanes') WHERE question->>'fit' IS NOT 1;

/* From the simplest one on. */
CREATE TEMP VIEW forms AS
SELECT key simplicity, value->>'model' model, value->>'name' name, value->>'compute' pool,
    value->>'many' many, value->>'loop' loop, value->>'descriptors' each, value->>'tasks' is_tasks
FROM choose, json_each(said, '$.forms');

/* ---- What was measured ----------------------------------------------------------------------- */

/* The cells of the runs, with their calls as predicted() takes them. Items of one CPU time have as
 * many rounds as a run's calibration found, which is a little off each time: of a run of choose
 * itself nobody knew that when it was predicted, of others the pace of the parameters counts. */
CREATE TEMP TABLE measured_cells AS
WITH pace AS (
    SELECT run calibrated, cpu_ns paced_ns, max(rounds / coalesce(
        iif(question->>'fit', NULL, parameters->>'$.about.pace'),
        (SELECT avg(1.0 * rounds / cpu_ns) FROM calibrations WHERE block_bytes <= 32))) own_ns
    FROM calibrations, choose WHERE block_bytes <= 32 GROUP BY run, cpu_ns
), timed AS (
    SELECT c.*, e.value cores,
        iif(plan = 'choose', item_ns, coalesce(pace.own_ns, item_ns, 0)) computing_ns,
        iif(plan = 'choose', c.run, json_array(c.run, language, requests, concurrency,
            coalesce(spec, latency_ns), item_ns)) question
    FROM cells c JOIN runs USING (run) JOIN environment e ON e.run = c.run AND what = 'cores'
        LEFT JOIN pace ON calibrated = c.run AND paced_ns = item_ns
    WHERE ranked AND follows IS NOT NULL AND work IN ('io', 'cpu', 'mixed', 'open')
        AND blocks <= 32 AND client IS NOT 'raw' AND concurrency BETWEEN 1 AND 1e6
        AND blocking IS NULL AND coalesce(worker_processes, 1) = 1
)
SELECT run, n, cell, lane, follows model, language, item_ns, median(start_ns) start_ns, question,
    nullif(compute, 'loop') pool, several_loops many, json_object('cell', cell, 'lane', lane,
        'requests', requests, 'concurrency', concurrency, 'latency', spec,
        'latency_ns', latency_ns, 'fresh', median(connections) >= 0.99 * requests,
        'own_ns', computing_ns, 'rate', rate, 'waits', work <> 'cpu', 'compute', compute,
        'workers', workers, 'loops', loops, 'lock', gil OR language = 'python', 'cores', cores,
        'wall_ns', iif(work = 'open', NULL, median(wall_ns)), 'cpu_ns', median(cpu_ns),
        'p99_ns', median(due_p99_ns),
        'plain', spec IS NULL AND loops IS NULL AND compute IS NULL AND rate IS NULL) calls
FROM timed
UNION ALL SELECT run, 1e6 + n, cell, lane, follows, language, 0, NULL, NULL, NULL, 0, json_object(
    'cell', cell, 'lane', lane, 'requests', asked, 'concurrency', asked, 'waits', 1, 'plain', 1,
    'cores', value, 'memory_bytes', median(memory_bytes))
FROM memory_cells JOIN environment e USING (run) WHERE what = 'cores' AND ranked
    AND follows IS NOT NULL AND work = 'io' AND client IS NOT 'raw' AND median(memory_bytes) > 0
    AND asked BETWEEN 1 AND 1e6 AND blocking IS NULL AND coalesce(worker_processes, 1) = 1;

/* What --fit writes. A lane needs three cells that make requests; one that was never measured with
 * items that compute does it like others of its language. Fewer than nine cells have no error that
 * nine of ten stay within: then the bars are at least as wide as the middle ones of all lanes. */
CREATE TEMP VIEW fitted_lanes AS
WITH fits AS MATERIALIZED (
    SELECT min(n) n, language, max(item_ns > 0) computes, fitted(json_object('lane', lane, 'model',
        model, 'language', language, 'cells', count(*), 'concurrency',
        max(calls->>'concurrency'), 'start_ns', min(start_ns)), json_group_array(json(calls))) j
    FROM measured_cells GROUP BY lane
    HAVING sum(calls->>'waits' AND calls->>'wall_ns' > 0) >= 3
), bars AS (
    SELECT value what, median(summary(nullif(j->>value, 0))) usual
    FROM fits, json_each('["cpu_error","wall_error","memory_error"]') GROUP BY value
), whole AS (
    SELECT n, json_patch(iif(computes, j, json_set(j, '$.compute', coalesce((SELECT
        avg(o.j->>'compute') FROM fits o WHERE o.language = f.language AND o.computes), 1))),
        (SELECT json_group_object(what, max(j->>what, iif(j->>'cells' < 9, coalesce(usual, 0), 0)))
        FROM bars)) lane
    FROM fits f
)
SELECT json_object('schema', 'choose.parameters/1', 'about', json_patch(json_object(
        'runs', (SELECT group_concat(id, ', ') FROM runs),
        'started_at', (SELECT min(started_at) FROM runs),
        'pace', (SELECT avg(1.0 * rounds / cpu_ns) FROM calibrations WHERE block_bytes <= 32)),
    json_group_object(what, value)),
    'lanes', (SELECT json_group_array(json(lane)) FROM (SELECT * FROM whole ORDER BY n))) j
FROM environment WHERE run = 1 AND what IN ('cpu_model', 'cores', 'kernel')
HAVING EXISTS (SELECT 1 FROM fits);

CREATE TEMP TABLE predictions AS
SELECT m.*, lane_j, predicted(lane_j, calls) p FROM measured_cells m JOIN lanes USING (lane);

CREATE TEMP VIEW residuals AS
SELECT run, cell, lane, substr(e.value, 1, instr(e.value, '_') - 1) what, p->>e.value predicted,
    p->>('$.off.' || e.value) error, calls->>e.value measured
FROM predictions, json_each('["wall_ns","cpu_ns","memory_bytes","p99_ns"]') e
WHERE p->>e.value > 0 AND calls->>e.value > 0;

/* ---- What is asked --------------------------------------------------------------------------- */

/* Waits that were measured become their percentiles. */
CREATE TEMP VIEW asking AS
WITH said AS (SELECT question q, said, ltrim(question->>'memory', '0123456789.') unit FROM choose),
waits AS (
    SELECT value ns, row_number() OVER (ORDER BY value) - 1 place, count(*) OVER () - 1 last
    FROM choose, json_each(question, '$.waits')
)
SELECT coalesce(q->>'calls', max(1000, min(20000, q->>'rate' * 5))) calls, q->>'rate' rate,
    coalesce(q->>'latency', (SELECT 'percentiles:' || group_concat(CASE value WHEN 0 THEN 'min'
        WHEN 100 THEN 'max' ELSE 'p' || value END || '=' || ns || 'ns')
        FROM json_each('[0,5,10,25,50,75,90,95,99,100]'), waits
        WHERE place = last * value / 100)) latency,
    coalesce(q->>'cpu', 0) own_ns, q->>'in-flight' in_flight, q->>'memory' memory_text,
    coalesce(q->>'latencies', q->>'latency') latency_text,
    CAST(q->>'memory' AS REAL) * (said->'units'->>iif(unit = '', 'B', unit)) memory,
    q->>'cores' cores, q->>'descriptors' descriptors, q->>'tasks' tasks, q->>'ports' ports,
    coalesce(q->>'language', 'c') language, coalesce(q->>'blocks', 0) blocks,
    coalesce(q->>'fresh', 0) fresh,
    CASE q->>'lock' WHEN 'yes' THEN 1 WHEN 'no' THEN 0 ELSE q->>'language' IS 'python' END lock,
    said->'says' says
FROM said WHERE q->>'latency' IS NOT NULL OR q->>'latencies' IS NOT NULL;

/* Why there is no answer: with status 2 it is no question, with 3 nobody can do it. `needed` calls
 * are in flight on average. */
CREATE TEMP VIEW refused AS
WITH needs AS (
    SELECT q.*, count(lane) known, max(CASE WHEN lane IS NOT NULL THEN rate * (own_ns + predicted(
        lane_j, json_object('latency', latency, 'requests', 1000))->>'waiting_ns' / 1e3) / 1e9
        END) needed
    FROM asking q LEFT JOIN lanes USING (language)
), found AS (
    SELECT 2 status, CASE WHEN (q->>'fit' OR q->>'check') AND NOT q->>'runs' THEN 'no run'
        WHEN parameters->>'schema' IS NOT 'choose.parameters/1' THEN 'no parameters'
        WHEN q->>'fit' OR q->>'check' OR q->>'explorer' THEN NULL
        WHEN q->>'runs' THEN 'runs' WHEN q->>'calls' AND q->>'rate' THEN 'two amounts'
        WHEN coalesce(q->>'calls', q->>'rate') IS NULL THEN 'no amount'
        WHEN latency IS NULL THEN 'no waits'
        WHEN q->>'latency' IS NOT NULL AND q->>'latencies' IS NOT NULL THEN 'two waits'
        WHEN memory_text IS NOT NULL AND memory IS NULL THEN 'no size'
        WHEN q->>'lock' NOT IN ('yes', 'no') THEN 'no word'
        WHEN q->>'lock' = 'yes' AND q->>'language' IN ('go', 'rust') THEN 'no lock' END what
    FROM (SELECT question q, parameters FROM choose) LEFT JOIN asking
    UNION ALL SELECT 3, CASE WHEN needed > in_flight THEN 'too fast'
        WHEN latency IS NOT NULL AND NOT known THEN 'no lane' END FROM needs
)
SELECT status, filled(json_array(said->'wrong'->>what), json_object('rate', count_text(rate),
    'needed', count_text(needed), 'in_flight', count_text(in_flight), 'language', language,
    'memory', memory_text, 'lock', question->>'lock')) text
FROM choose, found LEFT JOIN needs WHERE what IS NOT NULL ORDER BY status;

/* ---- What can be done ------------------------------------------------------------------------ */

CREATE TEMP VIEW ways AS
SELECT l.*, f.*, q.* FROM asking q JOIN lanes l USING (language) JOIN forms f USING (model)
WHERE (pool IS NULL OR own_ns > 0) AND (NOT many OR cores > 1) AND CASE pool
    WHEN 'threads' THEN language = 'c' AND NOT lock
    WHEN 'processes' THEN language IN ('c', 'python') ELSE language = 'c' OR NOT many END;

/* The largest C of each way, and what allows no larger one. */
CREATE TEMP TABLE bounded AS
WITH bounds AS (
    SELECT w.*, b.key why, b.value bound FROM ways w, json_each(json_object('calls', calls,
        'one', iif(model = 'sync', 1, NULL), 'in_flight', in_flight, 'ports', ports,
        'descriptors', (descriptors - 40) / each, 'tasks', iif(is_tasks, tasks, NULL),
        'memory', iif(slot > 0, (memory - base) / slot, NULL))) b WHERE bound IS NOT NULL
)
SELECT *, CASE WHEN blocks AND loop THEN 'blocks' WHEN memory AND base IS NULL
    THEN 'unknown memory' WHEN most < 1 THEN iif(why = 'memory', why, 'none') END impossible
FROM (SELECT *, CAST(max(min(bound), 0) AS INTEGER) most FROM bounds GROUP BY lane, simplicity);

/* The calls of a way, with what an item is to compute, in terms of C, so that it takes in the
 * language what was asked. */
CREATE TEMP TABLE tried AS
WITH steps AS MATERIALIZED (
    SELECT DISTINCT b.*, min(s.value, most) c FROM bounded b,
        json_each('[1,3,10,30,100,300,1000,3000,10000,30000,100000,300000,1000000000]') s
    WHERE impossible IS NULL
), loads AS (
    SELECT *, json_object('requests', calls, 'concurrency', c, 'latency', latency, 'rate', rate,
        'own_ns', iif(language = 'c', own_ns, own_ns / compute), 'fresh', fresh OR c >= calls,
        'compute', pool, 'loops', iif(many, cores, 1), 'cores', cores, 'lock', lock) j FROM steps
)
SELECT *, predicted(lane_j, j) p FROM loads;

/* Of each way the smallest C that is as good as any. What is to be small is the wall time, or with
 * a rate the p99 of those that keep up. */
CREATE TEMP TABLE best AS
WITH aims AS (
    SELECT *, iif(rate IS NULL, p->>'wall_ns', iif(p->>'keeps_up', p->>'p99_ns',
        1e3 * p->>'wall_ns')) goal,
        p->>('$.off.' || iif(rate IS NULL, 'wall_ns', 'p99_ns')) off FROM tried
)
SELECT *, min(c) FROM (SELECT *, min(goal) OVER (PARTITION BY lane, simplicity) least FROM aims)
WHERE goal <= 1.02 * least GROUP BY lane, simplicity;

/* The same with fewer and with more computing, but with few calls. */
CREATE TEMP TABLE varied AS
WITH steps AS (
    SELECT b.*, s.value step, iif(own_ns > 0, pow(2, s.value) * own_ns,
        iif(s.value, 5e3 * pow(2, s.value), 0)) varied_ns FROM best b,
        json_each('[0,1,2,3,4,5,6,7,8,9,-1,-2,-3,-4,-5,-6,-7,-8]') s
    WHERE rate IS NULL AND (own_ns > 0 OR s.value >= 0)
)
SELECT *, predicted(lane_j, json_patch(j, json_object('own_ns', iif(language = 'c', varied_ns,
    varied_ns / compute), 'requests', min(calls, 3000)))) varied_p FROM steps;

/* ---- Which to take --------------------------------------------------------------------------- */

/* Answers to one question: of those asked, with other computing, and of what was measured. */
CREATE TEMP VIEW rivals AS
SELECT 'asked' question, lane, simplicity, goal, off, NULL took FROM best
UNION ALL SELECT step, lane, simplicity, varied_p->>'wall_ns', varied_p->>'$.off.wall_ns', NULL
FROM varied
UNION ALL SELECT question, cell, coalesce(simplicity, 99), p->>aim, p->>('$.off.' || aim),
    calls->>aim FROM (SELECT *, iif(calls->>'rate' > 0, 'p99_ns', 'wall_ns') aim FROM predictions) r
    LEFT JOIN forms f ON f.model = r.model AND f.pool IS r.pool AND f.many = r.many
WHERE calls->>aim > 0 AND calls->>'waits';

/* No difference from the fastest is clear where it is small, or where the errors leave it open and
 * it is not large. Of those that are equal the simplest is taken. */
CREATE TEMP TABLE weighed AS
SELECT *, row_number() OVER (PARTITION BY question ORDER BY equal DESC, simplicity, goal) = 1 taken
FROM (SELECT *, goal - best <= iif(open, 0.03, 0.02) * best equal
    FROM (SELECT *, goal - best <= sqrt(off * off + best_off * best_off) open
        FROM (SELECT *, first_value(goal) OVER w best, first_value(off) OVER w best_off
            FROM rivals WINDOW w AS (PARTITION BY question ORDER BY goal))));

CREATE TEMP VIEW advice AS
SELECT max(iif(taken, lane, NULL)) cell, max(iif(taken, took, NULL)) chosen_ns, min(took) best_ns
FROM weighed WHERE took IS NOT NULL GROUP BY question HAVING count(*) > 1;

CREATE TEMP VIEW missed AS
SELECT cell FROM residuals WHERE abs(predicted - measured) > error
UNION ALL SELECT cell FROM advice WHERE chosen_ns > 1.05 * best_ns;

/* The answer: the possible ones first, the best first. */
CREATE TEMP TABLE candidates AS
SELECT b.*, c concurrency, goal, p, j, taken, equal, open,
    name || iif(language = 'c', '', ' (' || lane || ')') label,
    iif(c = most AND most < calls, nullif(said->'limits'->>why, ''), NULL) bound_by,
    nullif(filled(json_array(said->'impossible'->>impossible), json_object('limit',
        said->'limits'->>why, 'least', bytes(base + slot))), '') reason
FROM choose, bounded b LEFT JOIN (SELECT lane, simplicity, c, p, j, best.goal, equal, open, taken
    FROM best JOIN weighed USING (lane, simplicity) WHERE question = 'asked')
    USING (lane, simplicity)
ORDER BY impossible IS NOT NULL, goal, simplicity;

/* The next steps with less and with more computing with which another one is taken. If so few calls
 * are another question, nothing is said. */
CREATE TEMP VIEW changes AS
WITH takes AS (
    SELECT step, varied_ns, lane || simplicity way,
        name || iif(language = 'c', '', ' (' || lane || ')') name
    FROM varied JOIN weighed USING (lane, simplicity) WHERE question = step AND taken
), found AS (
    SELECT iif(t.step > 0, 'more', 'less') kind, t.name, n.varied_ns from_ns, t.varied_ns to_ns,
        min(abs(t.step)) FROM takes t JOIN takes n ON n.step = t.step - sign(t.step)
        JOIN takes z ON z.step = 0 JOIN candidates c ON c.taken AND c.lane || c.simplicity = z.way
    WHERE t.step <> 0 AND t.way <> z.way GROUP BY 1
)
SELECT filled(json_array(says->>kind), json_object('name', name, 'from', short(duration(from_ns)),
    'to', short(duration(to_ns)))) text
FROM asking, (SELECT kind, name, from_ns, to_ns FROM found
    UNION ALL SELECT 'blocks', c.name, NULL, NULL FROM candidates c, candidates t WHERE t.taken
        AND c.model = 'threads' AND c.goal > 0 AND c.simplicity < t.simplicity);

CREATE TEMP VIEW answer AS
WITH told AS (
    SELECT *, json_object('name', name, 'in_flight', count_text(nullif(concurrency, 1)),
        'rate', count_text(rate), 'p99', duration(p->>'p99_ns'),
        'waiting', short(duration(p->>'waiting_ns')), 'own', duration(p->>'own_ns'),
        'computing', duration(p->>'computing_ns'), 'limit', bound_by,
        'each', duration((p->>'wall_ns' - p->>'waiting_ns') / calls)) figures,
        p->>'wall_ns' wall_ns, coalesce(rate AND NOT p->>'keeps_up', 0) late,
        iif(goal <= (SELECT min(goal) FROM candidates), 'fastest', 'simplest') praise
    FROM candidates WHERE taken
)
SELECT name model, lane, concurrency, late, filled(json_array(
    says->>iif(late, 'nearest', iif(concurrency > 1, 'take', 'take one')),
    says->>iif(late, 'nothing', praise)), figures) sentence, filled(json_array(says->>CASE
        WHEN late THEN 'late' WHEN rate THEN 'in time'
        WHEN p->>'waiting_ns' >= 0.8 * wall_ns THEN 'waits'
        WHEN p->>'computing_ns' >= 0.6 * wall_ns THEN 'computes' ELSE 'costs' END,
    says->>'limit'), figures) reason
FROM told;

CREATE TEMP VIEW sources AS
SELECT coalesce(question->>'parameters',
    said->'sources'->>iif(question->>'newest' IS NULL, 'built in', 'newest')) source FROM choose;

CREATE TEMP VIEW answer_json AS
SELECT json_object('schema', 'choose.answer/1', 'measured', source,
    'question', question, 'parameters', parameters->'about',
    'candidates', (SELECT json_group_array(json_object('model', name, 'lane', lane,
        'language', language, 'concurrency', concurrency, 'predicted', json(p),
        'no_clear_difference', equal, 'limited_by', bound_by, 'impossible', reason))
        FROM candidates),
    'changes', (SELECT json_group_array(text) FROM changes),
    'take', (SELECT json_object('model', model, 'lane', lane, 'concurrency', concurrency,
        'sentence', sentence, 'reason', reason) FROM answer)) j
FROM choose, sources;

/* ---- What --verify measures: the two best, the third unless it is slow, the one to take ------ */

CREATE TEMP VIEW plan AS
WITH picked AS (
    SELECT *, row_number() OVER (ORDER BY goal) place FROM candidates WHERE goal > 0
), cells AS (
    SELECT *, json_patch(json_object('lane', lane, 'requests', calls, 'concurrency', concurrency,
        'latency', latency, 'records', json('false')), json_object('compute', pool,
        'workers', iif(pool IS NULL, NULL, cores), 'loops', iif(many, cores, NULL), 'rate', rate,
        'connections', iif(fresh, 'fresh', NULL), 'work', iif(own_ns > 0, 'mixed', NULL),
        'cpu', iif(own_ns > 0, printf('%.0fns', j->>'own_ns'), NULL))) cell,
        filled(json_array(said->'twins'->>language), json_object('root', question->>'root', 'lane',
            lane, 'file', replace(lane, '-', '_'))) path
    FROM picked, choose
    WHERE (taken OR place <= iif(p->>'wall_ns' < 10e9, 3, 2)) AND p->>'wall_ns' < 60e9
)
SELECT json_object('schema', 'bench.plan/1', 'name', 'choose', 'rounds', 3, 'description',
    'What choose --verify measures', 'lanes', (SELECT json_group_object(lane, json(lane_j)) FROM (
        SELECT DISTINCT lane, json_object('path', path, 'model', model, 'language', language) lane_j
        FROM cells WHERE language <> 'c')),
    'cells', json_group_array(json(cell)), 'memory', json_object('hold', '2s', 'cells',
        json_group_array(json_object('lane', lane, 'requests', concurrency,
            'concurrency', concurrency)) FILTER (WHERE pool IS NULL AND NOT many))) j
FROM cells;
