/* The claims, and what their queries ask (claims_judge). verdicts.sql says what comes of them. */

/* ---- What the queries of claims.json ask ----------------------------------------------------- */

/* The views show one run, the one that is judged; the tables hold all. A figure without a
 * unit in its name is the text that a sentence shows; "–" is one that is not known. The lists of
 * texts are in words.json. */
CREATE TEMP TABLE judged AS SELECT 0 run;

/* What is special about a cell's lane is its `way`: '', 'simulated GIL', 'processes compute' …
 * A figure of a cell is there only where executions count. What a claim about correctness asks for,
 * all_…, is of all executions: those that broke a promise are what it is about. One that does not
 * count and says nothing has answered nothing. */
CREATE TEMP TABLE every_memory AS
WITH promises AS (
    SELECT run, cell, summary(iif(valid, in_flight, coalesce(in_flight, 0))) all_in_flight,
        summary(threads) all_threads
    FROM passes GROUP BY run, cell
)
SELECT run, n, cell, language, lane, work, requests, concurrency,
    substr(series, length(lane_label) + 3) way,
    CASE WHEN valid > 0 THEN memory_bytes END memory_bytes,
    CASE WHEN valid > 0 THEN in_flight END in_flight,
    CASE WHEN valid > 0 THEN threads END thread_count, all_in_flight, all_threads,
    CASE WHEN skipped IS NOT NULL THEN 'This machine could not run it: ' || md(skipped) || '.'
         WHEN valid > 0 THEN 'Its executions lack this figure.'
         WHEN passes > 0 THEN 'No execution of it counts: ' || md(problem) || '.' END why,
    {{memory_texts: # @}}
FROM memory_cells LEFT JOIN promises USING (run, cell)
WHERE work <> 'sleep' ORDER BY run, n;

CREATE TEMP VIEW claim_memory AS SELECT * FROM every_memory JOIN judged USING (run);

CREATE TEMP VIEW claim_compared AS
SELECT value what FROM json_each('["wall", "speed", "heartbeat", "calls"]');

/* What of an execution is held against another's. `calls` is the time of the calls, without start,
 * imports and exit of the process; `speed` is in executions for each ns. */
CREATE TEMP TABLE claim_times AS
SELECT run, cell, run_n, round, what, CASE what WHEN 'wall' THEN nullif(s.wall_ns, 0)
    WHEN 'speed' THEN 1.0 / nullif(s.wall_ns, 0)
    WHEN 'heartbeat' THEN nullif(s.heartbeat_p99_ns, 0)
    WHEN 'calls' THEN CASE WHEN own_ns BETWEEN coalesce(floor_ns, 0) AND s.wall_ns THEN own_ns
        ELSE nullif(s.wall_ns, 0) END END value
FROM samples s JOIN (SELECT run, cell, floor_ns FROM cells) USING (run, cell) JOIN claim_compared
WHERE s.valid ORDER BY run, run_n, round, s.n;
CREATE INDEX temp.claim_time ON claim_times (run, cell, what, run_n, round);

CREATE TEMP TABLE every_cell AS
WITH promises AS (
    SELECT run, cell, summary(iif(valid, in_flight_peak, coalesce(in_flight_peak, 0))) all_peaks,
        summary(CASE WHEN valid THEN verified ELSE coalesce(verified, 0) END) all_verified
    FROM samples GROUP BY run, cell
), calls AS (
    SELECT run, cell, summary(value, run_n) calls_ns FROM claim_times WHERE what = 'calls'
    GROUP BY run, cell
)
SELECT run, n, cell, language, lane, work, requests, concurrency, latency_ns, item_ns, workers,
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
    {{cell_texts: # @}},
    (SELECT memory FROM every_memory m WHERE m.run = c.run AND m.lane = c.lane
        AND m.concurrency = c.concurrency AND memory_bytes IS NOT NULL
        AND m.work IN (c.work, 'io') ORDER BY m.work = 'io' LIMIT 1) memory
FROM cells c LEFT JOIN promises USING (run, cell) LEFT JOIN calls USING (run, cell)
ORDER BY run, n;

CREATE TEMP VIEW claim_cells AS SELECT * FROM every_cell JOIN judged USING (run);

/* Two cells that do the same work, the other's figures with "to_" before their names, by `what` is
 * compared. They are held against each other within each round, or as they are where they have no
 * round in common. */
CREATE TEMP VIEW claim_pairs AS
SELECT CASE WHEN a.wall_ns IS NULL THEN a.why WHEN b.wall_ns IS NULL THEN b.why
        ELSE 'Its figures are no measurement.' END why,
    a.*, b.n to_n, b.language to_language, b.lane to_lane, b.concurrency to_concurrency,
    b.workers to_workers, b.way to_way, b.memory to_memory, {{cell_texts: b.@ to_@}}, w.what,
    coalesce((SELECT paired(x.value, y.value, share, run_n) FROM tolerance, claim_times x
            JOIN claim_times y USING (run, what, run_n, round)
            WHERE x.run = a.run AND x.what = w.what AND x.cell = a.cell AND y.cell = b.cell),
        (SELECT unpaired(value, cell = a.cell, share, run_n) FROM tolerance, claim_times t
            WHERE run = a.run AND t.what = w.what AND cell IN (a.cell, b.cell))) ratio
FROM claim_cells a JOIN claim_cells b ON b.work = a.work AND b.requests IS a.requests
    AND b.latency_ns IS a.latency_ns AND b.item_ns IS a.item_ns AND b.n <> a.n JOIN claim_compared w
ORDER BY a.n, b.n;

CREATE TEMP VIEW claim_memory_pairs AS
SELECT CASE WHEN a.memory_bytes IS NULL THEN a.why WHEN b.memory_bytes IS NULL THEN b.why
        ELSE 'Its figures are no measurement.' END why,
    a.*, b.language to_language, b.lane to_lane, b.requests to_requests,
    b.concurrency to_concurrency, b.way to_way, {{memory_texts: b.@ to_@}},
    (SELECT unpaired(p.memory_bytes, p.cell = a.cell, share, run_n) FROM tolerance, passes p
        JOIN judged USING (run) WHERE p.valid AND p.cell IN (a.cell, b.cell)) memory_ratio
FROM claim_memory a JOIN claim_memory b ON b.n <> a.n ORDER BY a.n, b.n;

/* Mixed work: the single loop against the fastest of the others at each CPU share, where it is most
 * clearly beaten first. */
CREATE TEMP VIEW claim_shares AS
SELECT cpu_share, times, share(cpu_share) at_share, ratio_spread(times) spread, label other,
    'There are no rounds in common at a CPU share of ' || share(cpu_share) || '.' why
FROM mixed_shares JOIN judged USING (run)
    JOIN compared ON compared.run = judged.run AND compared.why = 'share' AND a = loop AND b = other
    JOIN (SELECT run, cell other, label FROM cells) USING (run, other), tolerance
ORDER BY coalesce(ratio_low(times), ratio_least(times)) > 1 + tolerance.share DESC,
    coalesce(ratio_high(times), ratio_most(times)) DESC;

/* A line of patterns.jsonl a row, with its figures as numbers. `broken` are those of its checks
 * that no busy machine excuses and that did not hold, `which` what they say. `error`: why it came
 * to no end. What it noted before that is no measurement. */
CREATE TEMP TABLE every_pattern AS
WITH checked AS (
    SELECT run, n, sum(NOT held AND NOT timing) broken,
        group_concat(text, '; ') FILTER (WHERE NOT held AND NOT timing) which
    FROM pattern_checks GROUP BY run, n
)
SELECT run, string(j->>'pattern') pattern, coalesce(string(j->>'language'), 'c') language,
    number(j->>'n') n, (SELECT json_group_object(e.key, 1.0 * number(e.value))
        FROM json_each(j, '$.figures') e) figures, broken, which,
    coalesce(md(string(j->>'error')), (SELECT 'its calls were given up'
        FROM json_each(j, '$.figures') e WHERE e.key LIKE '%_cancelled' AND number(e.value) > 0))
        error
FROM raw_patterns LEFT JOIN checked USING (run, n);

CREATE TEMP VIEW claim_patterns AS
SELECT * FROM every_pattern JOIN judged USING (run) WHERE error IS NULL;

/* The claims file, a row for each claim by each set of lanes that measure it (`variant` from 1 on),
 * for which `own` is said, and for each point of an explanation (`title` is not NULL). */
CREATE TEMP TABLE claims_entries AS
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
), listed AS (
    SELECT n, variant, NULL title, string(j->>'id') id, string(j->>'claim') claim,
        coalesce(j->>'group', 'model') claim_group, coalesce(j->>'about', 'model') about,
        NOT coalesce(own->>'check', j->>'check', 0) counted,
        string(j->>'$.article.text') article, number(j->>'$.article.value') article_value, language,
        own->>'lane' || coalesce(', ' || nullif(own->>'way', ''), '') lane, own->>'to' "to", own,
        j->>'pattern' pattern, string(j->>'what') what, string(j->>'one') one,
        list_type, own_type,
        coalesce(own->>'unit', j->>'unit') unit,
        coalesce(own->>'judged', j->>'judged', 'median') judged,
        CASE WHEN own->>'why' IS NULL THEN string(coalesce(own->>'query', j->>'query')) END query,
        string(coalesce(own->>'why', j->>'why')) said_why, coalesce(j->>'plan', 'article') home,
        coalesce(own->>'latency_ms', j->>'latency_ms') latency_ms,
        coalesce(own->'criterion', j->'criterion') criterion, coalesce(j->>'limit', 'ours') whose,
        coalesce(own->'reasons', j->'reasons') reasons
    FROM ways
    UNION ALL
    SELECT explanation, point, title, title, NULL, NULL, 'model', 0, NULL, NULL, 'c', NULL, NULL, j,
        NULL, NULL, NULL, 'array', 'object', NULL, 'median', coalesce(string(j->>'query'), ''),
        NULL, NULL, NULL, NULL, 'ours', json_object('measured', j->'text')
    FROM points
) -- with what messages call them:
SELECT *, CASE WHEN title IS NULL THEN printf('claim %d (%.60s)', n, coalesce(id, 'without id'))
    ELSE printf('explanation %d (%.60s), point %d', n, title, variant) END place
FROM listed;

/* What their queries gave, by run: the figure, why there is none, and the figures for sentences. In
 * run 0 nothing is measured: there stand the columns and the parameters of the queries. */
CREATE TEMP TABLE claims_asked (run INTEGER, title, n INTEGER, variant INTEGER, measured, cell, why,
    figures, parameters, other_latency_ns);

/* What is wrong with the claims. */
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
        THEN 'it is measured by ' || (SELECT group_concat(language, ', ') FROM languages)
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
    WHEN query LIKE '%claim_patterns%' AND NOT EXISTS (SELECT 1 FROM json_each(parameters)
        WHERE value = 'language') THEN 'its query needs :language, as a pattern is of one language'
    WHEN unit IS NULL OR figure_text(1, unit) IS NULL
        THEN 'its unit must be s, MB, count, ratio, times or share'
    WHEN unit = 'count' AND what IS NULL THEN 'a count needs "what" it is of'
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
