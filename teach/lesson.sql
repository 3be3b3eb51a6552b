-- What is known of a lesson is JSON in the table `given` (measured.c): itself, what its runs came
-- to, what was said, the terminal. From there it comes to all that the texts show. What the plan
-- says in SQL is put together by the view `steps`, and run by measured.c in the order of its rows.
CREATE TABLE given (name PRIMARY KEY, j);

-- N and C of a command, and of a lane that only waits, for calls that are all there, the floor
-- ⌈N/C⌉ · L, whatever its model.
CREATE VIEW numbered AS
WITH told AS (
    SELECT r.id place, r.value j, r.value->>'command' line, r.value->>'latency' latency
    FROM given g, json_each(g.j) r WHERE g.name = 'runs'
), counted AS (
    SELECT *, coalesce(CAST(substr(line, nullif(instr(line, ' -n '), 0) + 4) AS INTEGER), 1) n,
        coalesce(CAST(substr(line, nullif(instr(line, ' -c '), 0) + 4) AS INTEGER), 1) c
    FROM told
)
SELECT place, iif(latency = '', j, json_set(j, '$.n', n, '$.c', c, '$.least_ns',
    iif(line GLOB '*--work*' OR line GLOB '*--rate*', 0, (n + c - 1) / c * latency_ns))) j
FROM (SELECT *, CAST(latency AS REAL) * CASE ltrim(latency, '0123456789.') WHEN 's' THEN 1e9
    WHEN 'ms' THEN 1e6 WHEN 'us' THEN 1e3 WHEN 'ns' THEN 1 END latency_ns FROM counted);

CREATE VIEW plan AS SELECT j->'plan' j FROM given WHERE name = 'lesson';
CREATE VIEW head AS
SELECT l.j->>'number' number, l.j->>'title' title, l.j->>'saying' saying,
    plan.j->>'minutes' minutes, plan.j->>'objective' objective, plan.j->>'about' about,
    plan.j->'check' last
FROM given l, plan WHERE l.name = 'lesson';
CREATE VIEW screen AS
SELECT j->>'columns' columns, j->>'cores' cores FROM given WHERE name = 'machine';
CREATE VIEW unmeasured AS
SELECT '…' mark FROM given WHERE name = 'machine' AND NOT j->>'measured';

-- A problem is why a run does not count: it says so itself, or the server did not see all of its
-- requests.
CREATE VIEW programs AS
SELECT place, j, j->>'name' name, j->>'label' label, j->>'optional' optional, j->'figures' figures,
    json_extract(j, '$.document.lane.figures') own, CASE
        WHEN j->>'fault' IS NOT NULL THEN j->>'fault'
        WHEN j->>'thin' OR j->>'document' IS NULL THEN NULL
        WHEN j->>'$.document.overdue' THEN 'it did not end, and was ended'
        WHEN j->>'$.document.exit' <> 0 THEN rtrim('it ended with status '
            || (j->>'$.document.exit') || ': ' || (j->>'$.document.said'), ': ')
        WHEN j->>'$.document.lane' IS NULL THEN j->>'$.document.missing'
        WHEN j->>'$.document.server.requests' < j->>'n' THEN printf('the server saw %d of %d '
            || 'requests', j->>'$.document.server.requests', j->>'n') END problem
FROM numbered;
CREATE VIEW absent AS SELECT label, problem FROM programs WHERE problem IS NOT NULL;

-- ---- While they run ------------------------------------------------------------------------

-- A line for each program: on a terminal all of them, drawn again and again; elsewhere that of one
-- that has ended, once, and now and then those of the others. The mark is where the floor is now.
CREATE TABLE told (name);
CREATE VIEW live AS
WITH terminal AS (SELECT j->>'columns' columns, j->>'redraws' redraws, j->>'now' now,
    iif(j->>'colours', char(27) || '[%dm', '') paint FROM given WHERE name = 'terminal'),
seen AS (
    SELECT p.*, t.*, j->>'state' state, coalesce(j->>'n', 0) n,
        coalesce(j->>'$.seen.responses', 0) answered,
        min(1.0 * (j->>'elapsed_ns') / nullif(j->>'least_ns', 0), 1) floors
    FROM programs p, terminal t
), wide AS (
    SELECT *, iif(n > 0, printf('%d/%d', answered, n), '') count,
        max(length(label)) OVER () label_width, 2 * max(length(n)) OVER () + 1 count_width,
        iif(n > 0, 1.0 * answered / n, state IS 'ended') done
    FROM seen
), bars AS (
    SELECT *, substr(replace(hex(zeroblob(CAST(done * width + 0.5 AS INTEGER))), '00', '█')
            || replace(hex(zeroblob(width)), '00', '·'), 1, width) bar,
        iif(state = 'running', CAST(floors * (width - 1) + 1.5 AS INTEGER), NULL) mark,
        iif(problem IS NOT NULL, 31, iif(state = 'ended', 32, 0)) colour
    FROM (SELECT *, max(columns - 31 - label_width - count_width, 8) width FROM wide)
)
SELECT printf('%-!*s  %*s  %s%s%s %8s%s', label_width, label, count_width, count,
    printf(paint, colour), iif(mark IS NULL, bar, printf('%s%s│%s%s', substr(bar, 1, mark - 1),
        printf(paint, 33), printf(paint, 0), substr(bar, mark + 1))), printf(paint, 0),
    duration(coalesce(j->>'$.document.lane.wall_ns', j->>'elapsed_ns')),
    CASE WHEN problem IS NOT NULL THEN '  failed'
        WHEN state = 'running' THEN '  in flight ' || (j->>'$.seen.in_flight') END) line
FROM bars
WHERE redraws OR (now AND state = 'running')
    OR (state = 'ended' AND name NOT IN (SELECT name FROM told)) ORDER BY place;

-- ---- Figures -------------------------------------------------------------------------------

-- Units are the ends of figures' names; all else is a count.
CREATE VIEW units AS SELECT column1 unit, column2 function, column3 kind, column4 scale
FROM (VALUES ('ns', 'duration', 's', 1e9), ('bytes', 'bytes', 'MB', 1e6),
    ('share', 'share', 'share', 1), ('factor', 'ratio_text', 'times', 1));

-- Those of its own that the plan takes, else all of its own, else those that every lane has.
CREATE VIEW raw_figures AS
SELECT name || '_' || f.value name, json_extract(own, '$.' || f.value) value
FROM programs, json_each(figures) f WHERE figures IS NOT NULL
UNION ALL
SELECT name || '_' || f.key, f.value FROM programs, json_each(own) f WHERE figures IS NULL
UNION ALL
SELECT r.name || '_' || f.key, iif(problem IS NULL, json_extract(r.j, '$.' || f.value), NULL)
FROM programs r, given g, json_each(g.j) f
WHERE g.name = 'figures' AND r.figures IS NULL AND r.own IS NULL;

-- SQL would divide whole numbers as such: only counts are whole.
CREATE TABLE known (name, value);
CREATE VIEW typed_figures AS
SELECT name, CASE WHEN value IS NULL THEN (SELECT mark FROM unmeasured)
    WHEN unit IS NULL AND value = CAST(value AS INTEGER) THEN CAST(value AS INTEGER)
    ELSE CAST(value AS REAL) END value
FROM raw_figures LEFT JOIN units ON name GLOB '*_' || unit;

-- Beside "loop_wall_ns" stands a "loop_wall" for people.
CREATE VIEW derived AS
SELECT d.id, d.key name, d.value rule FROM plan, json_each(plan.j, '$.derive') d;
CREATE VIEW shown AS
SELECT name, printf(', coalesce((SELECT mark FROM unmeasured), %s("%w")) "%w"', function, name,
    substr(name, 1, length(name) - length(unit) - 1)) also
FROM (SELECT name FROM known UNION ALL SELECT name FROM derived)
    JOIN units ON name GLOB '*_' || unit;

-- ---- Questions and relations ---------------------------------------------------------------

CREATE VIEW questions AS
SELECT q.key + 1 position, q.value->>'text' question, q.value->>'floor' floor_rule,
    q.value->'choices' choices, coalesce(q.value->>'figure', q.value->>'right') rule,
    iif(q.value->'choices' IS NOT NULL, 'choice', coalesce(unit, 'count')) unit,
    (q.value->>'text') || coalesce((SELECT ' ' || group_concat(c.key || ': ' || c.value, '; ')
        FROM json_each(q.value, '$.choices') c), '') in_full
FROM plan, json_each(plan.j, '$.ask') q LEFT JOIN units ON q.value->>'figure' GLOB '*_' || unit;

-- A relation may be one of those that several exercises name.
CREATE VIEW expected AS
SELECT e.key position, iif(e.type = 'text', (SELECT json_extract(j, '$.' || e.value) FROM given
    WHERE name = 'checks'), e.value) j
FROM plan, json_each(plan.j, '$.expect') e;

-- One row, `measured`, grows by a figure at a time. It is copied and not renamed: a renaming parses
-- every view of the dataset again, which takes half a second.
CREATE TABLE asked (position, value, floor);
CREATE TABLE came_true (position, holds);
CREATE VIEW steps AS
SELECT 1 place, 0 nth, 'figures' what, 'CREATE TABLE next AS SELECT (SELECT cores FROM screen) '
    || 'cores' || coalesce((SELECT group_concat(printf(', (SELECT value FROM known WHERE '
        || 'name = %Q) "%w"', name, name), '') FROM known), '') sql
UNION ALL
SELECT 2, 0, 'figures', 'CREATE TABLE measured AS SELECT *'
    || coalesce((SELECT group_concat(also, '') FROM shown JOIN known USING (name)), '')
    || ' FROM next; DROP TABLE next'
UNION ALL
SELECT 3, id, 'derive ' || name, printf('CREATE TABLE next AS SELECT *%s FROM (SELECT *, '
    || 'coalesce((%s), (SELECT mark FROM unmeasured)) "%w" FROM measured); DROP TABLE measured; '
    || 'CREATE TABLE measured AS SELECT * FROM next; DROP TABLE next',
    coalesce(also, ''), rule, name)
FROM derived LEFT JOIN shown USING (name)
UNION ALL
SELECT 4, position, 'question ' || position, printf('INSERT INTO asked SELECT %d, (%s), (%s) '
    || 'FROM measured', position, rule, coalesce(floor_rule, 'NULL'))
FROM questions WHERE NOT EXISTS (SELECT 1 FROM unmeasured)
UNION ALL
SELECT 5, position, 'expect ' || (j->>'text'), printf('INSERT INTO came_true SELECT %d, (%s) '
    || 'FROM measured', position, j->>'that')
FROM expected WHERE NOT EXISTS (SELECT 1 FROM unmeasured)
ORDER BY place, nth;

-- A limit in time that a busy machine may have missed is not judged, and gives no points.
CREATE VIEW relations AS
SELECT text, otherwise, iif(excused, NULL, holds) holds, iif(excused, 0, points) points, excused
FROM (SELECT j->>'text' text, j->>'otherwise' otherwise, holds, coalesce(j->>'points', 1) points,
        coalesce(j->>'timed' AND NOT holds AND (SELECT j FROM given WHERE name = 'busy'), 0) excused
    FROM expected JOIN came_true USING (position));
CREATE VIEW broken AS SELECT * FROM relations
WHERE NOT coalesce(holds, excused OR EXISTS (SELECT 1 FROM absent));

-- ---- Answers -------------------------------------------------------------------------------

-- What was said, and what it came to. A question to which there is no answer is the lesson's fault,
-- but where something is not here.
CREATE VIEW answers AS
WITH said AS (SELECT s.key + 1 position, s.value j FROM given g, json_each(g.j) s
    WHERE g.name = 'said')
SELECT q.position, question, q.unit, s.j->>'text' said_text, s.j->>'value' said,
    iif(choices IS NULL, NULL, a.value) correct,
    json_extract(choices, '$.' || a.value) measured_text,
    iif(choices IS NULL, a.value, NULL) measured, floor, rule
FROM questions q JOIN asked a USING (position) LEFT JOIN said s USING (position)
WHERE a.value IS NOT NULL OR NOT EXISTS (SELECT 1 FROM absent);
CREATE VIEW unanswered AS
SELECT printf('question %d has no answer: %s gives %s', position, rule,
    coalesce(correct, 'nothing')) fault
FROM answers WHERE measured IS NULL AND measured_text IS NULL;

-- What is kept of a learner's answers, a line of JSON each, and what a class has kept.
CREATE VIEW kept AS
SELECT json_object('schema', 'teach.answer/1', 'at', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    'name', l.j->>'name', 'lesson', t.j->>'name', 'position', position, 'question', question,
    'unit', unit, 'said_text', said_text, 'said', said, 'correct', correct, 'measured', measured,
    'floor', floor, 'cores', cores) line
FROM answers, screen, given l, given t WHERE l.name = 'learner' AND t.name = 'lesson'
ORDER BY position;
CREATE VIEW said AS
SELECT l.value->>'at' at, l.value->>'name' name, l.value->>'lesson' lesson,
    l.value->>'position' position, l.value->>'question' question, l.value->>'unit' unit,
    l.value->>'said_text' said_text, 1.0 * (l.value->>'said') said, l.value->>'correct' correct,
    1.0 * (l.value->>'measured') measured, l.value->>'floor' floor, l.value->>'cores' cores
FROM given g, json_each(g.j) l
WHERE g.name = 'lines' AND l.value->>'schema' = 'teach.answer/1';

-- How far off what was said is, in words. Of a class only the last answer of each counts.
CREATE VIEW misses AS
SELECT *, CASE WHEN said_text IS NULL THEN ''
    WHEN unit = 'choice' THEN iif(said_text = correct, 'right', 'wrong')
    WHEN said = measured THEN 'exactly'
    WHEN measured = 0 OR said = 0 THEN 'one of the two is nothing'
    WHEN unit = 'ns' AND said < floor THEN 'below the floor: that cannot be'
    WHEN said / measured BETWEEN 0.9 AND 1.1 THEN 'close'
    WHEN said > measured THEN ratio_text(said / measured) || ' times too high'
    ELSE ratio_text(measured / said) || ' times too low' END miss
FROM (SELECT '' at, '' name, '' lesson, position, question, unit, said_text, said, correct,
        measured, floor, 0 cores FROM answers UNION ALL SELECT * FROM said);
CREATE VIEW latest AS
SELECT * FROM misses m WHERE at = (SELECT max(at) FROM said s
    WHERE s.lesson = m.lesson AND s.position = m.position AND s.name = m.name);

-- Each answer in up to three rows: what was said, what was measured, the floor. A bar is as long as
-- its share of the longest beside it.
CREATE VIEW answer_rows AS
WITH rows AS (
    SELECT position, 1 place, 'you said' who, said value, unit FROM answers
    UNION ALL
    SELECT position, 2, 'measured', measured, unit FROM answers
    UNION ALL
    SELECT position, 3, 'floor', floor, unit FROM answers
), bars AS (
    SELECT *, CAST(8.0 * (SELECT max(columns - 40, 16) FROM screen) * value
        / max(max(value) OVER (PARTITION BY position), 1e-9) + 0.5 AS INTEGER) eighths
    FROM rows WHERE value IS NOT NULL
)
SELECT position, place, who,
    figure_text(value / coalesce(scale, 1), coalesce(kind, 'count')) shown,
    replace(hex(zeroblob(eighths / 8)), '00', '█')
        || substr(' ▏▎▍▌▋▊▉', eighths % 8 + 1, eighths % 8 > 0) bar
FROM bars LEFT JOIN units USING (unit);

-- ---- The result of a lane ------------------------------------------------------------------

-- What the schema requires, and what is wrong with it in that of the first program.
CREATE VIEW members AS
WITH RECURSIVE result AS (SELECT json_extract(j, '$.document.lane') j FROM programs LIMIT 1),
required (place, schema) AS (
    SELECT '$', j FROM given WHERE name = 'schema'
    UNION ALL
    SELECT place || '.' || r.value, json_extract(schema, '$.properties.' || r.value)
    FROM required, result, json_each(schema, '$.required') r
    WHERE json_type(result.j, place) = 'object'
)
SELECT substr(place, 3) member, schema->>'description' description,
    json_type(result.j, place) type,
    iif(json_type(schema, '$.type') = 'array', schema->'type', json_array(schema->>'type')) types
FROM required, result WHERE place <> '$' AND result.j IS NOT NULL;
CREATE VIEW wrong_results AS
SELECT iif(problem LIKE 'it %', 'With --output FILE --quiet --latency TIME ' || problem,
    'What it wrote to the file of --output: ' || problem || '. Write one line of JSON there and '
    || 'nothing else, with numbers that are none of NaN and Infinity.') fault
FROM absent WHERE problem NOT LIKE '%wrote no result'
UNION ALL
SELECT printf('"%s" %s: %s', member,
    iif(m.type IS NULL, 'is missing', 'is of another type'), description)
FROM members m WHERE m.type IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(types) t
    WHERE t.value IS NULL OR t.value = CASE WHEN m.type = 'text' THEN 'string'
        WHEN m.type IN ('true', 'false') THEN 'boolean'
        WHEN m.type = 'real' OR (m.type = 'integer' AND t.value = 'number') THEN 'number'
        ELSE m.type END);
