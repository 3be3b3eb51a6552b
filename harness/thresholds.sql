/* What the thresholds of --fail-if (?1, an array of texts) come to with the cells of a run (?2, the
 * rows of two views as table_json() has them, by the view; NULL: before there are any): a sentence
 * for each that cannot be read (`wrong`), or that a cell is beyond. */
WITH units (suffix, unit, factor) AS (VALUES ('_ns', 'ns', 1), ('_ns', 'us', 1e3),
    ('_ns', 'ms', 1e6), ('_ns', 's', 1e9), ('_ns', 'm', 6e10), ('_ns', 'h', 3.6e12),
    ('_bytes', 'B', 1), ('_bytes', 'kB', 1e3), ('_bytes', 'KB', 1e3), ('_bytes', 'MB', 1e6),
    ('_bytes', 'GB', 1e9), ('', '', 1), ('', 'k', 1e3), ('', '%', 0.01) /* of the requests */
), words (word, name) AS (VALUES ('failures', 'failed'), ('p50', 'request_p50'),
    ('p90', 'request_p90'), ('p99', 'request_p99')
), views (view) AS (VALUES ('cells'), ('memory_cells')
), said AS (
    SELECT key n, value said, iif(instr(value, '<'), '<', '>') sign FROM json_each(?1)
), split AS (
    SELECT *, trim(substr(said, 1, instr(said, sign) - 1)) word,
        trim(substr(said, instr(said, sign) + 1)) bound FROM said
), found AS (
    SELECT n, sign, split.word, view, c.name, suffix, unit, CAST(bound AS REAL) * factor bound
    FROM split LEFT JOIN words USING (word) JOIN views JOIN pragma_table_info(view) c
        JOIN units ON unit = trim(ltrim(bound, '0123456789.')) AND c.name GLOB '*' || suffix
            AND (suffix <> '' OR c.name NOT GLOB '*_ns' AND c.name NOT GLOB '*_bytes')
    WHERE bound GLOB '[0-9]*' AND bound NOT GLOB '*.*.*' AND (unit <> '%' OR c.name = 'failed')
        AND c.name IN (words.name || suffix, split.word || suffix, split.word)
), figures AS (
    /* of what several executions gave, the median */
    SELECT n, sign, word, suffix, bound * iif(unit = '%', rows.value->>'requests', 1) bound,
        rows.key place, rows.value->>'cell' cell, coalesce(rows.value->>name,
        rows.value->>(substr(name, 1, length(name) - length(suffix)) || '_median' || suffix)) figure
    FROM found JOIN json_each(?2, '$.' || view) rows
    WHERE typeof(figure) IN ('integer', 'real') /* a text is more than each number */
), beyond AS (
    SELECT *, abs(figure - bound) by, (
        SELECT json_group_array(CASE suffix WHEN '_ns' THEN duration(value)
            WHEN '_bytes' THEN bytes(value) ELSE printf('%.6g', value) END)
        FROM json_each(json_array(figure, abs(figure - bound), bound))) texts
    FROM figures WHERE iif(sign = '<', figure < bound, figure > bound)
)
SELECT n, 0 place, 1 wrong, printf('--fail-if: ''%s'' is not like ''p99 > 300ms''; what it may '
    || 'name are wall, cpu, memory, failures, p50, p90, p99, and each column with a number of '
    || 'cells and memory_cells', said) sentence
FROM said WHERE n NOT IN (SELECT n FROM found)
UNION ALL SELECT n, 0, 0, printf('no cell has a figure for ''%s''', said)
FROM said WHERE ?2 IS NOT NULL AND n NOT IN (SELECT n FROM figures)
UNION ALL SELECT n, place, 0, printf('%s: %s is %s, %s%s %s the threshold of %s', cell, word,
    texts->>0, texts->>1, iif(bound > 0, printf(' (%.1f %%)', 100 * by / bound), ''),
    iif(sign = '<', 'below', 'above'), texts->>2) FROM beyond ORDER BY n, place;
