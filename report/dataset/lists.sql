-- A file of SQL (?1) with its lists written out: "{{figures: summary(@, run_n) @}}" is the text
-- behind the colon once for each of the list, with its name for @ and what words.json says of it
-- for #. A list is one of the lists there, or the summaries of a view.
WITH pieces AS ( -- but for the first each begins with a list
    SELECT key n, value piece, substr(value, 1, instr(value, ': ') - 1) view, instr(value, '}}') ends
    FROM json_each('[' || replace(json_quote(?1), '{{', '","') || ']')
), named AS (
    SELECT n, view, value place, iif(typeof(key) = 'text', key, value) name
    FROM pieces, raw_words, json_each(coalesce(j->('$.lists.' || view), '["'
        || replace(j->>('$.views.' || view || '.summaries'), ' ', '","') || '"]')) WHERE n > 0
), written AS (
    SELECT n, piece, ends, group_concat(replace(replace(
        substr(piece, length(view) + 3, ends - length(view) - 3), '@', name), '#', place), ', ') list
    FROM pieces LEFT JOIN named USING (n, view) GROUP BY n ORDER BY n
)
SELECT group_concat(iif(n = 0, piece, list || substr(piece, ends + 2)), '') FROM written
