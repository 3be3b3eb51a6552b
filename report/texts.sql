/* What the texts of a report say beside the figures of views.sql: names, remarks and lists. They
 * are views on the frozen dataset, on its claims and on its plots, and nobody else reads them. */

/* A report without plots or claims has none of these. */
CREATE TABLE IF NOT EXISTS plots (name, title, state, error);
CREATE TABLE IF NOT EXISTS claims (run, id, claim, claim_group, about, counted, language, lane,
    "to", stands, article, criterion_text, measured_text, verdict, reason, absent);
CREATE TABLE IF NOT EXISTS explanations (run, title, n, text);

/* ---- The run ------------------------------------------------------------------------------- */

/* The number in flight at which most lanes' memory was measured, of several the largest. */
CREATE VIEW held AS
SELECT run, concurrency FROM (
    SELECT run, concurrency, row_number() OVER (PARTITION BY run
        ORDER BY count(*) DESC, concurrency DESC) choice
    FROM memory_cells WHERE ranked AND work <> 'sleep' AND concurrency > 1
    GROUP BY run, concurrency)
WHERE choice = 1;

CREATE VIEW overview AS
WITH counts AS (
    SELECT run, sum(work = 'sleep' AND of_memory) tasks, sum(NOT of_memory) cells,
        sum(work <> 'sleep' AND of_memory) memory_cells,
        max(language <> 'c' AND NOT (work = 'sleep' AND of_memory)) twins,
        max(CASE WHEN NOT of_memory THEN rounds END) rounds,
        sum(CASE WHEN NOT of_memory AND skipped IS NULL THEN rounds END) planned
    FROM planned GROUP BY run
)
SELECT runs.*, coalesce(tasks > 0 AND cells + memory_cells = 0, 0) only_tasks,
    coalesce(tasks, 0) tasks, coalesce(memory_cells, 0) memory_cells, coalesce(twins, 0) twins,
    rounds, coalesce(planned * runs, 0) planned,
    (SELECT count(*) FROM samples s WHERE s.run = runs.run) samples,
    (SELECT count(*) FROM faults f WHERE f.run = runs.run) faults,
    EXISTS (SELECT 1 FROM ranking r WHERE r.run = runs.run AND ranked
        AND work IN ('io', 'open', 'cpu', 'mixed', 'file', 'websocket', 'sql')) counts,
    (SELECT concurrency FROM held h WHERE h.run = runs.run) held,
    string(j->>'$.settings.server_url') server_url,
    iif(tasks > 0 AND cells + memory_cells = 0, 'Sleeping tasks: ',
        'Concurrency models, one workload: ') || coalesce(id, 'a run without a name') title
FROM runs JOIN raw_run USING (run) LEFT JOIN counts USING (run);

CREATE TABLE facts AS
SELECT key + 1 n, value->>'name' name, value->>'what' what, value->>'unit' unit
FROM raw_words, json_each(j, '$.facts');

CREATE VIEW machine AS
WITH known AS (
    SELECT run, n, name, unit, what, string(value) text, number(value) number
    FROM environment JOIN facts USING (what) JOIN raw_run USING (run)
    WHERE json_type(j, '$.environment.' || what) IN ('text', 'integer', 'real')
)
SELECT run, n, name, CASE WHEN text IS NOT NULL THEN md(text) WHEN unit = 'ns' THEN duration(number)
        WHEN unit = 'bytes' THEN bytes(number) WHEN unit = 'ratio' THEN ratio_text(number)
        ELSE count_text(number) END
    || CASE WHEN what = 'git.revision' AND (SELECT json_type(j, '$.environment.git.dirty')
        FROM raw_run r WHERE r.run = known.run) = 'true' THEN ' (with changes)' ELSE '' END value
FROM known WHERE text IS NOT NULL OR unit IS NOT NULL AND number IS NOT NULL
UNION ALL
SELECT run, 27, 'Local ports', printf('%d … %d', low, high) FROM (
    SELECT run, number(j->>'$.environment.limits.port_range[0]') low,
        number(j->>'$.environment.limits.port_range[1]') high FROM raw_run)
WHERE low IS NOT NULL AND high IS NOT NULL
UNION ALL
SELECT run, 28 + e.id, 'Version of ' || md(e.key), md(e.value)
FROM raw_run, json_each(j, '$.environment.versions') e WHERE e.type = 'text';

/* ---- Cells --------------------------------------------------------------------------------- */

/* How every table names a cell, counts its executions and writes its main figure. */
CREATE VIEW named AS
WITH every AS (
    SELECT run, of_memory, n, label, lane, executions, valid, noisy, outliers(wall_ns) outliers,
        ranked, duration(median(wall_ns)) figure, wall_ns IS NOT NULL measured,
        iif(least(in_flight_peak) < most(in_flight_peak), count_text(least(in_flight_peak)) || ' … '
            || count_text(most(in_flight_peak)), count_text(median(in_flight_peak))) seen FROM cells
    UNION ALL
    SELECT run, of_memory, n, label, lane, passes, valid, noisy, outliers(memory_bytes), ranked,
        bytes(median(memory_bytes)), memory_bytes IS NOT NULL, NULL FROM memory_cells
)
SELECT run, of_memory, n, md(label) || ' (' || md(lane) || ')' name,
    valid || ' of ' || executions
        || iif(noisy > 0 OR outliers > 0, ' (' || iif(noisy > 0, noisy || ' noisy', '')
            || iif(noisy > 0 AND outliers > 0, ', ', '') || iif(outliers > 0,
                outliers || iif(outliers = 1, ' outlier', ' outliers'), '') || ')', '') validity,
    iif(ranked, '**' || figure || '**', figure || iif(measured, ' (not ranked)', '')) figure, seen
FROM every;

/* What waits and what computes, group by group; a cell whose server saw another number in flight
 * than was asked for has the number of a note. */
CREATE VIEW rows_of_work AS
WITH grouped AS (
    SELECT r.*, name, validity, figure, seen, cpu_share, items_per_second,
        coalesce(is_mixed, 0) is_mixed,
        dense_rank() OVER (PARTITION BY r.run, r.work ORDER BY r.requests NULLS LAST,
            r.item_ns NULLS LAST, r.latency_ns NULLS LAST) group_n,
        CASE WHEN most(r.in_flight_peak) > asked THEN 'more'
             WHEN most(r.in_flight_peak) < asked THEN 'fewer' END differs
    FROM ranking r JOIN named USING (run, of_memory, n)
        LEFT JOIN (SELECT run, n, cpu_share, items_per_second, 1 is_mixed FROM mixed_cells)
            USING (run, n)
)
SELECT *, CASE WHEN differs IS NOT NULL THEN row_number() OVER (
    PARTITION BY run, work, group_n, differs IS NULL ORDER BY place) END note
FROM grouped;

/* Open loads of one latency and kind of arrivals make a group, rate by rate. */
CREATE VIEW open_rows AS
SELECT o.*, name, validity, seen, dense_rank() OVER (PARTITION BY o.run ORDER BY arrivals, latency,
    work_label) group_n
FROM open_loads o JOIN named USING (run, n) WHERE NOT of_memory;

/* Up to which rate a model keeps up, and from which on no more. */
CREATE VIEW open_limits AS
SELECT run, min(n) n, md(label) label, md(label) || ' (' || md(lane) || ')' model_label,
    md(latency) latency, arrivals, md(work_label) work_label, capacity,
    max(CASE WHEN ranked AND verdict = 'keeps up' THEN rate END) kept_up,
    min(CASE WHEN ranked AND verdict = 'does not keep up' THEN rate END) fell_back
FROM open_loads GROUP BY run, lane, label, work_label, arrivals;

/* When as many connections as were asked for stood, and when the first answer came, by the records.
 */
CREATE VIEW standing AS
WITH times AS (
    SELECT run, cell, asked, number(first_byte_ns) first_byte_ns, coalesce(number(connected_ns),
        CASE WHEN first_byte_ns >= start_ns THEN start_ns END) connected_ns
    FROM records JOIN (SELECT DISTINCT run, cell, asked FROM rows_of_work WHERE differs = 'fewer')
        USING (run, cell)
    WHERE number(end_ns) >= number(start_ns)
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY run, cell ORDER BY connected_ns NULLS LAST) place
    FROM times
)
SELECT run, cell, min(first_byte_ns) answered_ns,
    max(CASE WHEN place = asked THEN connected_ns END) connected_ns
FROM placed GROUP BY run, cell;

/* How many did not end well in the worst execution of a cell, by outcome. */
CREATE VIEW failures AS
WITH worst AS (
    SELECT run, cell, outcomes, failed, row_number() OVER (PARTITION BY run, cell
        ORDER BY failed DESC, n) place
    FROM samples WHERE failed IS NOT NULL
)
SELECT run, cell, CASE failed WHEN 0 THEN 'none' ELSE (
    SELECT group_concat(count_text(e.value) || ' ' || md(e.key), ', ') FROM json_each(outcomes) e
    WHERE e.key <> 'ok' AND number(e.value) > 0) END failures
FROM worst WHERE place = 1;

/* ---- The answer ---------------------------------------------------------------------------- */

/* The first table: a row for each lane, a column for each number of calls and of calls at once, as
 * the server confirmed them; a cell with fewer than were allowed says how many. */
CREATE VIEW matrix AS
WITH every AS (
    SELECT run, lane, lane_label, language_n, n, of_memory, c.requests, concurrency, asked,
        floor_ns, in_flight_peak,
        duration(median(wall_ns)) || CASE WHEN least(in_flight_peak) < asked
            THEN ' (' || CASE WHEN least(in_flight_peak) < most(in_flight_peak)
                    THEN count_text(least(in_flight_peak)) || ' … ' ELSE '' END
                || count_text(most(in_flight_peak)) || ')' ELSE '' END value
    FROM cells c JOIN main_work m USING (run)
    WHERE c.ranked AND c.work = 'io' AND NOT several_loops AND blocking IS NULL
        AND c.latency_ns = m.latency_ns
        AND c.requests >= m.requests
    UNION ALL
    SELECT run, lane, lane_label, language_n, n, of_memory, NULL, concurrency, NULL, NULL, NULL,
        bytes(median(memory_bytes))
    FROM memory_cells JOIN held USING (run, concurrency) WHERE ranked AND work = 'io'
), columns AS (
    SELECT run, of_memory, requests, concurrency, asked, min(floor_ns) floor_ns,
        CASE WHEN of_memory THEN 99 ELSE row_number() OVER (PARTITION BY run, of_memory
            ORDER BY requests, concurrency) END column_n,
        min(least(in_flight_peak)) fewest, max(most(in_flight_peak)) most,
        row_number() OVER (PARTITION BY run, requests ORDER BY concurrency) = 1 first
    FROM every GROUP BY run, of_memory, requests, concurrency
), lanes AS (
    SELECT run, lane, lane_label, row_number() OVER (PARTITION BY run
        ORDER BY min(1e6 * (2 * language_n + of_memory) + n)) row_n
    FROM every GROUP BY run, lane
), long AS (
    SELECT run, 0 row_n, column_n, NULL lane, CASE
        WHEN of_memory THEN 'memory, ' || count_text(concurrency) || ' in flight'
        ELSE CASE WHEN first THEN count_text(requests) || ' calls, ' ELSE '' END || CASE
            WHEN fewest = asked AND most = asked THEN count_text(asked) || ' at once'
            WHEN most IS NULL THEN count_text(asked) || ' allowed at once'
            ELSE CASE WHEN fewest = most THEN '' ELSE count_text(fewest) || ' to ' END
                || count_text(most) || ' at once (' || count_text(asked) || ' allowed)' END
        END value FROM columns
    UNION ALL
    SELECT l.run, row_n, column_n, md(lane_label), coalesce((SELECT value FROM every e
        WHERE e.run = l.run AND e.lane = l.lane AND e.of_memory = c.of_memory
            AND e.requests IS c.requests AND e.concurrency = c.concurrency ORDER BY n LIMIT 1), '')
    FROM lanes l JOIN columns c USING (run)
    UNION ALL
    SELECT run, 99, column_n, '*floor: no model can take less*',
        CASE WHEN of_memory THEN '' ELSE '*' || duration(floor_ns) || '*' END FROM columns
), sizes AS (
    SELECT run, (SELECT count(*) FROM columns c WHERE c.run = l.run AND NOT of_memory) columns,
        count(*) lanes
    FROM lanes l GROUP BY run
)
SELECT long.* FROM long JOIN sizes USING (run)
WHERE columns BETWEEN 2 AND 12 AND lanes BETWEEN 2 AND 64 ORDER BY run, row_n, column_n;

/* The groups that the answer lists, since the table does not show them: the main one and those
 * beyond it. */
CREATE VIEW listed_groups AS
SELECT r.run, r.work, group_n, r.work_label,
    max(CASE WHEN place = 1 THEN r.concurrency END) concurrency,
    max(CASE WHEN place = 1 THEN floor_ns END) floor_ns,
    count(DISTINCT language) = 1 AND max(language = 'c') only_c
FROM rows_of_work r LEFT JOIN main_work m USING (run)
WHERE r.ranked AND (r.work IN (SELECT work FROM use_words) OR r.work = 'io'
    AND (r.requests > m.requests OR r.requests = m.requests AND r.latency_ns >= m.latency_ns)
    AND NOT (r.latency_ns = m.latency_ns AND r.run IN (SELECT run FROM matrix)))
GROUP BY r.run, r.work, group_n HAVING r.work = 'io' OR count(DISTINCT r.lane) > 1
ORDER BY r.run, r.work = 'io' DESC, r.work, group_n;

/* The least of a set against the others, with its `work`: wall times, and memory of those held. */
CREATE VIEW leads AS
WITH kept AS (
    SELECT m.*, row_number() OVER (PARTITION BY run ORDER BY median(memory_bytes), n) place
    FROM memory_cells m JOIN held USING (run, concurrency) WHERE ranked AND work <> 'sleep'
), sizes AS (
    SELECT k.run, k.n, unpaired(p.memory_bytes, p.cell = k.cell, share, p.run_n) sizes
    FROM tolerance, kept k JOIN kept l ON l.run = k.run AND l.place = 1 AND k.place > 1
        JOIN passes p ON p.run = k.run AND p.cell IN (k.cell, l.cell) AND p.valid
    GROUP BY k.run, k.n
), against AS (
    SELECT r.run, 'wall' what, place n, label, c.difference, c.equal,
        m.work_label || ', up to ' || count_text(max(r.concurrency) OVER (PARTITION BY r.run))
            || ' at once' work FROM ranking r
        JOIN main_work m USING (run, requests, item_ns, latency_ns)
        LEFT JOIN compared c ON c.run = r.run AND why = 'first' AND a = cell
    WHERE r.ranked AND r.work = 'io' AND m.ranked > 1
    UNION ALL
    SELECT run, 'memory', CASE place WHEN 1 THEN 0 ELSE n END, label, difference(sizes),
        is_equal(sizes), count_text(concurrency) || ' requests in flight'
    FROM kept LEFT JOIN sizes USING (run, n)
), judged AS (
    SELECT run, what, work, label, n, first_value(label) OVER w first,
        row_number() OVER w = 1 is_first, difference, equal
    FROM against WINDOW w AS (PARTITION BY run, what ORDER BY n)
), counted AS (
    SELECT run, what, work, md(first) first, sum(NOT is_first AND difference IS NULL) too_few,
        count(*) - 1 others, sum(NOT is_first AND difference IN (-1, 0)) unclear, (
            SELECT CASE WHEN equal THEN 'equal in practice to '
                ELSE 'with no clear difference from ' END || md(label) FROM judged r
            WHERE r.run = j.run AND r.what = j.what AND NOT is_first AND difference IN (-1, 0)
            ORDER BY n LIMIT 1) rival, (SELECT md(label) FROM judged r
            WHERE r.run = j.run AND r.what = j.what AND NOT is_first AND difference IS NULL
            ORDER BY n LIMIT 1) unknown
    FROM judged j GROUP BY run, what
), words (what, best, lowest, executions) AS (VALUES
    ('wall', 'Fastest', 'Lowest median', 'rounds'), ('memory', 'least memory',
        'lowest median of memory', 'passes')
)
SELECT run, what, '**' || iif(too_few = others AND others > 0, lowest, best) || ', ' || work
    || ':** ' || first || iif(too_few = others AND others > 0, ' (too few ' || executions
        || ' for a verdict)',
        coalesce(', ' || rival || iif(unclear > 1, ' and ' || (unclear - 1) || ' more', ''), '')
        || coalesce(' (too few ' || executions || ' to tell of ' || unknown
            || iif(too_few > 1, ' and ' || (too_few - 1) || ' more', '') || ')', '')) text
FROM counted JOIN words USING (what);

/* Each way of computing at its fastest, against one after another. */
CREATE VIEW fastest_ways AS
WITH ways AS (
    SELECT r.run, group_n, work_label, place, label, speed_up, c.difference, cell = against is_base,
        iif(c.difference = 0, ' (' || c.verdict || ')', '') unclear, speed_up_low > can impossible,
        can, row_number() OVER (PARTITION BY r.run, group_n, series ORDER BY place) way_n
    FROM rows_of_work r JOIN (SELECT run, cell, against, speed_up, workers_computing can,
            speed_up_low / (1 + share) speed_up_low FROM cpu, tolerance) USING (run, cell)
        LEFT JOIN compared c ON c.run = r.run AND why = 'speed' AND b = cell
    WHERE r.work = 'cpu' AND ranked
)
SELECT *, row_number() OVER (PARTITION BY run, group_n ORDER BY place) written_n FROM ways
WHERE way_n = 1 AND speed_up IS NOT NULL AND NOT is_base;

/* From which CPU share on the single loop is beaten, and how it fares at all of them. */
CREATE VIEW crossings AS
WITH shares AS (
    SELECT s.*, difference, times, l.concurrency,
        md(o.label) || ' (' || rate(o.items_per_second) || ' items/s against '
            || rate(l.items_per_second) || ', ' || ratio_spread(times) || ' times as fast)' point
    FROM mixed_shares s JOIN compared c ON c.run = s.run AND why = 'share' AND a = s.loop
        AND b = s.other
        JOIN mixed_cells l ON l.run = s.run AND l.cell = s.loop
        JOIN mixed_cells o ON o.run = s.run AND o.cell = s.other
), lasts AS (
    SELECT run, count(*) shares,
        coalesce(max(share_n) FILTER (WHERE difference IS NOT 1), 0) before,
        sum(difference IS NULL) too_few, sum(difference IS -1) won, sum(difference IS 0) unclear,
        sum(difference IS 1) beaten
    FROM shares GROUP BY run
)
SELECT lasts.*, (SELECT count(*) FROM shares s WHERE s.run = lasts.run AND difference = 1
        AND share_n <= before) beaten_before,
    share(f.cpu_share) first_share, share(l.cpu_share) last_share, l.point last_point,
    share(b.cpu_share) before_share, share(x.cpu_share) crossing_share,
    count_text(x.concurrency) concurrency, x.point
FROM lasts JOIN shares f ON f.run = lasts.run AND f.share_n = 1
    JOIN shares l ON l.run = lasts.run AND l.share_n = lasts.shares
    LEFT JOIN shares b ON b.run = lasts.run AND b.share_n = before
    LEFT JOIN shares x ON x.run = lasts.run AND x.share_n = before + 1;

/* ---- Claims -------------------------------------------------------------------------------- */

/* The languages of the run, Python first: its figures are the article's own. */
CREATE VIEW claim_columns AS
SELECT run, language, language_name,
    iif(language = 'python', 0, language_n) column_n,
    CASE language WHEN 'python' THEN 'Python, the article''s language'
        WHEN 'c' THEN 'C: is it the language?' ELSE language_name END head
FROM languages JOIN (
    SELECT run, language FROM cells WHERE executions > 0
    UNION SELECT run, language FROM memory_cells WHERE passes > 0 AND work <> 'sleep'
    UNION SELECT run, coalesce(string(j->>'language'), 'c') FROM raw_patterns)
        USING (language)
ORDER BY run, column_n;

CREATE TABLE verdict_marks AS
SELECT key verdict, value mark FROM raw_words, json_each(j, '$.verdict_marks');

CREATE TABLE use_words AS SELECT value->>0 work, value->>1 title, value->>2 text
FROM raw_words, json_each(j, '$.use_words');

CREATE TABLE claim_groups AS SELECT key group_n, value->>0 claim_group, value->>1 title,
    coalesce(value->>2 || char(10, 10), '') said
FROM raw_words, json_each(j, '$.claim_groups');

/* How many of the claims that count each language reproduces. */
CREATE VIEW claim_counts AS
SELECT l.run, language, language_name, column_n, sum(verdict <> 'not measured') judged,
    sum(verdict = 'reproduced') reproduced, sum(verdict = 'not reproduced') refuted,
    sum(verdict = 'undecided') undecided, (SELECT count(DISTINCT id) FROM claims a
        WHERE a.run = l.run AND counted AND id NOT IN (SELECT id FROM claims b WHERE b.run = l.run
            AND b.language = l.language AND NOT counted AND verdict <> 'not measured'))
        - sum(verdict <> 'not measured') absent
FROM claim_columns l JOIN claims USING (run, language) WHERE counted AND stands
GROUP BY l.run, language ORDER BY l.run, column_n;

/* A claim, or a check of the set-up, in each language: what the lane comes to that counts in the
 * headline, and with the reasons what the others that measure it come to. What a language does not
 * measure gives no reason here but why its cells came to nothing. */
CREATE VIEW claims_by_column AS
WITH named AS ( -- the lanes of C, which are the models themselves, where there are several
    SELECT rowid place, *, row_number() OVER (PARTITION BY run, id, counted, language
            ORDER BY verdict = 'not measured', NOT stands, rowid) nth,
        CASE WHEN language <> 'c' OR sum(verdict <> 'not measured')
            OVER (PARTITION BY run, id, counted, language) > 1
        THEN md(lane) || coalesce(' : ' || md("to"), '') END lanes
    FROM claims
), told AS (
    SELECT *, mark || ': ' || measured_text || coalesce(' (' || lanes || ')', '') text
    FROM named JOIN verdict_marks USING (verdict)
)
SELECT run, id, counted, column_n, language, language_name,
    max(text) FILTER (WHERE nth = 1 AND verdict <> 'not measured')
        || coalesce('; others, below: ' || group_concat(substr(mark, 1, 1), ' ')
            FILTER (WHERE nth > 1 AND verdict <> 'not measured'), '') text,
    group_concat(CASE WHEN nth = 1 OR verdict = 'not measured' THEN coalesce(lanes || ': ', '')
            ELSE text || '. ' END || nullif(reason, ''), ' ') FILTER (WHERE NOT absent) reasons
FROM (SELECT * FROM (SELECT DISTINCT run, id, counted FROM claims) JOIN claim_columns USING (run)
        LEFT JOIN told USING (run, id, counted, language)
    ORDER BY run, id, counted, column_n, place)
GROUP BY run, id, counted, column_n ORDER BY run, id, column_n;

CREATE VIEW claim_rows AS
SELECT c.run, iif(c.counted AND max(verdict = 'not reproduced'), 0, group_n) group_n,
    min(c.rowid) place, md(claim) claim,
    md(article) || coalesce(' (' || nullif(max(criterion_text), '') || ')', '') article,
    CASE about WHEN 'python' THEN 'Python' ELSE 'the model' END about,
    (SELECT group_concat(coalesce(text, (SELECT CASE l.counted WHEN 1 THEN 'a check, see below'
                ELSE 'a claim, see above' END FROM claims m WHERE m.run = l.run AND m.id = l.id
                AND m.language = l.language AND m.counted <> l.counted
                AND m.verdict <> 'not measured'), '– not measured'), ' | ')
        FROM claims_by_column l
        WHERE l.run = c.run AND l.id = c.id AND l.counted = c.counted) cells,
    coalesce((SELECT group_concat('**' || language_name || ':** ' || reasons, ' ')
        FROM claims_by_column l WHERE l.run = c.run AND l.id = c.id AND l.counted = c.counted), '')
        reasons
FROM claims c LEFT JOIN claim_groups g
    ON iif(c.counted, g.claim_group = c.claim_group, g.claim_group IS NULL)
GROUP BY c.run, c.id, c.counted HAVING max(verdict <> 'not measured') ORDER BY c.run, place;

/* What the article's language and C do not measure, by the reason. */
CREATE VIEW claims_unmeasured AS
WITH every AS (
    SELECT l.run, c.id, c.claim, column_n, language_name, min(c.rowid) place,
        coalesce((SELECT reason FROM claims s WHERE s.run = l.run AND s.id = c.id
                AND s.language = l.language AND stands),
            max(reason) FILTER (WHERE criterion_text = ''),
            'Nothing in ' || language_name || ' measures it.') reason
    FROM claim_columns l JOIN claims c USING (run) WHERE column_n < 2 AND counted
        AND NOT EXISTS (SELECT 1 FROM claims m WHERE m.run = l.run AND m.id = c.id
            AND m.language = l.language AND verdict <> 'not measured')
    GROUP BY l.run, c.id, l.language
), joined_languages AS (
    SELECT run, id, claim, place, reason, group_concat(language_name, ', ') languages
    FROM (SELECT * FROM every ORDER BY place, column_n) GROUP BY run, id, reason
)
SELECT run, languages, reason, group_concat(md(claim), '; ') claims
FROM (SELECT * FROM joined_languages ORDER BY place) GROUP BY run, languages, reason
ORDER BY run, languages DESC, min(place);

/* ---- Memory and tasks ---------------------------------------------------------------------- */

/* One method against the other; a difference in heap and stacks beyond 10 % and 1 MB is marked. The
 * others differ by the libraries, which the cgroup does not count. */
CREATE VIEW methods AS
SELECT *, change(anonymous_difference) || iif(abs(anonymous_difference) > 0.1
        AND abs(anonymous_difference * median(pss_anon_bytes)) > 1e6, ' ⚠', '') anonymous_text,
    change(difference) difference_text,
    bytes(median(kernel_bytes)) || CASE WHEN page_tables_alone AND kernel_bytes IS NOT NULL
        THEN ' (page tables alone)' ELSE '' END kernel_text,
    count_text(asked) || ' / ' || count_text(median(in_flight)) in_flight_text
FROM memory_cells JOIN named USING (run, of_memory, n) WHERE work <> 'sleep';

/* What one more task of each kind costs, the cheapest first. Where the interval includes 0, the run
 * cannot tell it. */
CREATE VIEW task_kinds AS
WITH kinds AS (
    SELECT run, lane, min(n) n, md(lane) || ' (' || coalesce(language_name, 'another language')
        || ')' kind
    FROM memory_cells WHERE work = 'sleep' GROUP BY run, lane
)
SELECT k.*, coalesce(concurrencies, 0) numbers, coalesce(passes, 0) passes,
    p.slope_bytes memory_bytes, kernel.slope_bytes kernel_bytes,
    virtual.slope_bytes virtual_bytes, base_bytes,
    slope_low_bytes low_bytes, slope_high_bytes high_bytes, r_squared,
    coalesce(slope_low_bytes, p.slope_bytes) > 0 clear
FROM kinds k
    LEFT JOIN (SELECT * FROM slopes WHERE of_tasks AND what = 'memory') p USING (run, lane)
    LEFT JOIN (SELECT run, lane, slope_bytes FROM slopes WHERE of_tasks AND what = 'kernel') kernel
        USING (run, lane)
    LEFT JOIN (SELECT run, lane, slope_bytes FROM slopes WHERE of_tasks AND what = 'virtual')
        virtual USING (run, lane)
ORDER BY run, memory_bytes NULLS LAST, n;

/* ---- Twins --------------------------------------------------------------------------------- */

/* Work by work, model by model, C first; the model stands in the first of its rows only. */
CREATE VIEW twin_rows AS
WITH every AS (
    SELECT t.run, 0 of_memory, t.n, twin_n, model_n, follows_name, at_once, language_n,
        dense_rank() OVER (PARTITION BY t.run ORDER BY work_n, requests NULLS LAST,
            latency_ns NULLS LAST, item_ns NULLS LAST, block_bytes NULLS LAST) group_n,
        work_label || blocks_label || ', by language' title, c.a, ratio, times, verdict
    FROM twin_cells t LEFT JOIN twin_originals USING (run, of_memory, cell)
        LEFT JOIN compared c ON c.run = t.run AND why = 'twin' AND a = t.cell AND b = c_cell
    UNION ALL
    SELECT t.run, 1, n, twin_n, model_n, follows_name, at_once, language_n,
        1e6 + dense_rank() OVER (PARTITION BY t.run ORDER BY asked),
        'Memory with ' || count_text(asked) || ' requests in flight, by language', verdict,
        ratio(sizes), sizes, verdict
    FROM twin_memory_cells t LEFT JOIN twin_sizes s ON s.run = t.run AND s.cell = t.cell
)
SELECT run, of_memory, n, dense_rank() OVER (PARTITION BY run ORDER BY group_n) group_n, title,
    row_number() OVER (PARTITION BY run, group_n ORDER BY twin_n) row_n,
    CASE row_number() OVER (PARTITION BY run, group_n, model_n, at_once ORDER BY language_n, n)
        WHEN 1 THEN coalesce(follows_name, 'another model') ELSE '' END model,
    CASE WHEN a IS NULL THEN iif(language_n = 1, '', '–') WHEN ratio IS NULL THEN '–'
        ELSE ratio_spread(times) || ', ' || verdict END ratio_text
FROM every;

/* Why a row of theirs has no figures that count. */
CREATE VIEW twins_left_out AS
SELECT run, group_n, row_n, md(twin_label) || ', ' || count_text(asked) || ' at once, '
    || CASE WHEN skipped IS NOT NULL THEN 'was left out: ' ELSE 'does not count: ' END
    || md(coalesce(skipped, problem)) text
FROM twin_rows JOIN (
    SELECT run, of_memory, n, twin_label, asked, skipped, problem, valid FROM cells
    UNION ALL SELECT run, of_memory, n, twin_label, asked, skipped, problem, valid
        FROM memory_cells)
    USING (run, of_memory, n)
WHERE valid = 0 AND coalesce(skipped, problem) IS NOT NULL;

/* ---- Patterns ------------------------------------------------------------------------------ */

/* What was projected was not measured: kept runs have such a bar. */
CREATE VIEW pattern_rows AS
WITH bars AS (
    SELECT run, n, group_concat(coalesce(md(string(e.value->>0)), '–') || ': ' || CASE
        WHEN substr(e.value->>2, -3) = '_ns' THEN duration(number(e.value->>1))
        WHEN substr(e.value->>2, -6) = '_bytes' THEN bytes(number(e.value->>1))
        ELSE count_text(number(e.value->>1)) END, '; ') measured
    FROM raw_patterns, json_each(j, '$.bars') e
    WHERE e.type = 'array' AND coalesce(e.value->>0, '') NOT LIKE '%(projected)' GROUP BY run, n
), checked AS (
    SELECT run, n, sum(held) || ' of ' || count(*)
        || coalesce(group_concat('; **not:** ' || text, '') FILTER (WHERE NOT held), '') held
    FROM pattern_checks GROUP BY run, n
)
SELECT run, n, coalesce(md(string(j->>'title')), '–')
        || coalesce(', in ' || nullif(language_name, 'C'), '') title,
    coalesce(md(string(j->>'article')), '–') article, coalesce(measured, '–') measured,
    coalesce(held, '0 of 0') held
FROM raw_patterns LEFT JOIN bars USING (run, n) LEFT JOIN checked USING (run, n)
    LEFT JOIN languages ON language = j->>'language' ORDER BY run, n;

/* ---- A plan on several machines ------------------------------------------------------------ */

/* The runs of the first one's plan, where there are several, by the names of their folders. */
CREATE VIEW machines AS
WITH folders AS (SELECT run, plan, rtrim(folder, '/') folder FROM runs)
SELECT f.run, replace(f.folder, rtrim(f.folder, replace(f.folder, '/', '')), '') machine,
    number(j->>'$.environment.cores') cores,
    coalesce(string(j->>'$.environment.cpu_model'), 'unknown') processor,
    coalesce(string(j->>'$.environment.virtualisation'), 'none') virtualisation
FROM folders f JOIN raw_run USING (run)
WHERE plan = (SELECT plan FROM runs WHERE run = 1) AND (SELECT count(*) FROM runs) > 1;

CREATE VIEW usual AS
SELECT (SELECT cores FROM machines GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) cores,
    (SELECT processor FROM machines GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) processor,
    (SELECT virtualisation FROM machines GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) virtualisation;

/* A dot for each machine, of 41 places between the least and the most of all. Outliers are further
 * off than what is equal in practice. */
CREATE VIEW machine_walls AS
WITH walls AS (
    SELECT m.*, c.cell, c.n, c.label, c.work_label, c.noisy, c.executions, median(c.wall_ns) wall
    FROM machines m JOIN cells c USING (run) WHERE c.wall_ns IS NOT NULL
), together AS (SELECT cell, summary(wall) walls, count(*) count FROM walls GROUP BY cell)
SELECT *, CAST(40 * (wall - least(walls)) / max(most(walls) - least(walls), 1) + 0.5 AS INTEGER)
        place, (is_outlier(walls, wall) OR mad(walls) = 0)
        AND abs(wall / median(walls) - 1) > (SELECT share FROM tolerance) outlier
FROM walls JOIN together USING (cell);

CREATE VIEW class_cells AS
WITH RECURSIVE places (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place < 40),
counts AS (SELECT cell, place, count(*) dots FROM machine_walls GROUP BY cell, place),
strips AS (
    SELECT cell, group_concat(CASE WHEN dots > 9 THEN '+' WHEN dots > 1 THEN dots
        WHEN dots = 1 THEN '●' ELSE '·' END, '') dots
    FROM (SELECT DISTINCT cell FROM machine_walls), places LEFT JOIN counts USING (cell, place)
    GROUP BY cell
)
SELECT DISTINCT w.n, label, work_label, count, least(walls) least, median(walls) middle,
    most(walls) most, dots
FROM machine_walls w JOIN strips USING (cell) WHERE w.run = (SELECT min(run) FROM machine_walls x
    WHERE x.cell = w.cell);

/* Who is apart, in how much, and what of the machine is other than of most, or disturbed it. */
CREATE VIEW class_outliers AS
WITH apart AS (
    SELECT run, count(*) cells, ratio_text(min(wall / median(walls))) nearest,
        ratio_text(max(wall / median(walls))) furthest, min(label) label,
        sum(noisy) noisy, sum(executions) executions
    FROM machine_walls WHERE outlier GROUP BY run
), reasons AS (
    SELECT run, count_text(m.cores) || ' cores, most have ' || count_text(u.cores) reason
    FROM machines m, usual u WHERE m.cores <> u.cores
    UNION ALL
    SELECT run, 'processor ' || m.processor
    FROM machines m, usual u WHERE m.processor <> u.processor
    UNION ALL
    SELECT run, 'virtualisation ' || m.virtualisation
    FROM machines m, usual u WHERE m.virtualisation <> u.virtualisation
    UNION ALL
    SELECT run, 'noise in ' || noisy || ' of ' || executions || ' executions'
    FROM apart WHERE noisy > 0
)
SELECT machine, iif(cells = 1, label,
        cells || ' of ' || (SELECT count(*) FROM class_cells) || ' rows') rows,
    nearest || iif(nearest <> furthest, ' to ' || furthest, '') times,
    coalesce((SELECT group_concat(reason, '; ') FROM reasons r WHERE r.run = apart.run),
        'nothing that was recorded says why') why
FROM apart JOIN machines USING (run) ORDER BY run;

/* ---- Problems and noise -------------------------------------------------------------------- */

CREATE VIEW every_remark AS
WITH said AS (
    SELECT run, source, n, kind, group_concat(md(remark), '; ') text FROM remarks
    WHERE remark IS NOT NULL AND NOT (kind = 'noise' AND remark LIKE 'The server was late:%')
    GROUP BY run, source, n, kind
), late AS (
    SELECT run, n FROM remarks WHERE source = 3 AND kind = 'noise'
        AND remark LIKE 'The server was late:%'
), lines AS (
    SELECT run, 3 source, n, cell, iif(run_n > 1, ', run ' || CAST(run_n AS INTEGER), '')
            || ', round ' || CAST(round AS INTEGER) round, valid,
        said_valid AND blameless fine FROM samples
    UNION ALL SELECT run, 4, n, cell, ', memory pass', valid, counts FROM passes
)
SELECT run, 'problem' list, 1 kind, rowid n, 'The run folder: ' || md(fault) text FROM faults
UNION ALL
SELECT run, 'problem', 2, p.rowid, 'The plot ' || name || ' is missing: ' || coalesce(md(error),
    '–')
FROM plots p, runs WHERE state = 'failed'
UNION ALL
SELECT run, 'problem', source, n, coalesce(md(cell), '–') || coalesce(round, '') || ': '
    || coalesce(text, 'it is marked as invalid, or lacks its figures')
FROM lines LEFT JOIN (SELECT * FROM said WHERE kind = 'problem') USING (run, source, n)
WHERE fine IS NOT 1
UNION ALL
SELECT run, 'problem', 5, n, coalesce(md(cell), '–') || ' was left out: '
    || md(coalesce(remark, 'no reason is given'))
FROM remarks WHERE source = 1
UNION ALL
SELECT run, 'problem', 6, n, md(cell) || printf(' was executed %d times of %d', executions,
    rounds * runs)
FROM cells JOIN runs USING (run) WHERE skipped IS NULL AND rounds * runs > executions
UNION ALL
SELECT run, 'problem', 7, n, md(cell) || ': its memory pass was not run'
FROM memory_cells WHERE skipped IS NULL AND passes = 0 AND work <> 'sleep'
UNION ALL
SELECT run, 'noise', source - 1, n, coalesce(md(cell), '–') || coalesce(round, '') || ': ' || text
FROM said JOIN (
    SELECT run, source, n, cell, round FROM lines WHERE valid
    UNION ALL SELECT run, 2, n, cell, ', all rounds' FROM possible WHERE NOT of_memory)
    USING (run, source, n)
WHERE kind = 'noise'
UNION ALL
SELECT c.run, 'noise', 1, c.n, md(c.cell) || ': the server was late in ' || count(*) || ' of '
    || c.valid || ' executions, by up to ' || duration(max(s.lateness_p99_ns)) || ' at p99 of '
    || short(duration(c.latency_ns)) || '; marked from ' || share(max(lateness_limit)) || ' on'
FROM samples s JOIN late USING (run, n) JOIN cells c USING (run, cell)
WHERE s.valid GROUP BY c.run, c.n
UNION ALL
SELECT e.run, 'noise', 4, 1e6 * c.n + e.rowid, md(e.cell)
    || iif(run_n > 1, ', run ' || CAST(run_n AS INTEGER), '')
    || coalesce(', round ' || CAST(round AS INTEGER), '') || ': outlier, ' || duration(e.wall_ns)
    || ' against a median of ' || duration(median(c.wall_ns)) || '; it counts'
FROM executions e JOIN cells c USING (run, cell) WHERE outlier;

/* A run with more than a hundred of a kind has one problem, a hundred times. */
CREATE VIEW remarks_listed AS
SELECT run, list, kind, n, iif(place > 100, '… and ' || (total - 100) || ' more', text) text
FROM (SELECT *, row_number() OVER (PARTITION BY run, list, kind ORDER BY n) place,
        count(*) OVER (PARTITION BY run, list, kind) total FROM every_remark)
WHERE place <= 101 ORDER BY run, list DESC, kind, n;

/* ---- Which to choose ------------------------------------------------------------------------- */

/* The same work with as many at once, each way against the fastest, round by round. Of those that
 * are as good as that the simplest is taken, where there is a choice. */
CREATE TEMP TABLE chosen AS
WITH placed AS (
    SELECT c.*, coalesce(simplicity, 99) simplicity,
        first_value(cell) OVER (PARTITION BY run, c.work, requests, concurrency, latency_ns,
            item_ns, gil ORDER BY median(wall_ns)) best
    FROM cells c LEFT JOIN forms f ON f.model = own_model AND many = several_loops
        AND pool IS nullif(compute, 'loop')
    WHERE ranked AND own_model IS NOT NULL AND client IS NOT 'raw'
        AND (work IN ('io', 'mixed') OR work IN (SELECT work FROM use_words)) AND blocks <= 32
), walls AS (
    SELECT run, cell, run_n, round, wall_ns FROM samples WHERE valid AND wall_ns > 0
), timed AS (
    SELECT p.run, p.cell, best, paired(x.wall_ns, y.wall_ns, share, x.run_n) times
    FROM tolerance, placed p JOIN walls x ON x.run = p.run AND x.cell = p.cell
        JOIN walls y ON y.run = p.run AND y.cell = best AND y.run_n = x.run_n AND y.round = x.round
    GROUP BY p.run, p.cell, best
), compared AS (
    SELECT p.*, p.cell = p.best OR difference(times) <= 0 OR is_equal(times)
        OR median(p.wall_ns) <= (1 + share) * median(b.wall_ns) as_good
    FROM tolerance, placed p JOIN cells b ON b.run = p.run AND b.cell = p.best
        LEFT JOIN timed t ON t.run = p.run AND t.cell = p.cell
), ordered AS (
    SELECT *, row_number() OVER (work ORDER BY as_good DESC, simplicity, n) place,
        min(lane) OVER work <> max(lane) OVER work several
    FROM compared
    WINDOW work AS (PARTITION BY run, work, requests, concurrency, latency_ns, item_ns)
)
SELECT run, iif(work IN ('io', 'mixed'), count_text(requests), substr(work_label, 1,
        instr(work_label, ' of ') - 1)) calls, count_text(concurrency) at_once,
    short(duration(latency_ns)) waits, iif(item_ns > 0, short(duration(item_ns)), '–') computes,
    md(label) take, duration(median(wall_ns)) wall, md(coalesce((SELECT group_concat(label, '; ')
        FROM compared o WHERE o.run = w.run AND o.best = w.best AND as_good AND o.cell <> w.cell),
        '–')) as_fast, coalesce((SELECT bytes(median(memory_bytes)) FROM memory_cells m
        WHERE m.run = w.run AND m.lane = w.lane AND m.asked = w.concurrency AND m.ranked
        AND m.work = w.work), '–') memory
FROM ordered w WHERE several AND place = 1
ORDER BY run, w.work IN ('io', 'mixed') DESC, iif(w.work = 'mixed', 'io', w.work),
    coalesce(w.item_ns, 0), w.latency_ns, w.concurrency, w.requests;
