/* A file of SQL (?1) with its lists written out: "{{figures: summary(@, run_n) @}}" is the text
 * behind the colon once for each of the list, with its name for @ and what words.json says of it
 * for #. A list is one of the lists there, or the summaries of a view. */
WITH pieces AS ( -- but for the first each begins with a list
    SELECT key n, value piece, substr(value, 1, instr(value, ': ') - 1) list,
        instr(value, '}}') ends
    FROM json_each('[' || replace(json_quote(?1), '{{', '","') || ']')
), named AS (
    SELECT n, list, value place, iif(typeof(key) = 'text', key, value) name
    FROM pieces, raw_words, json_each(coalesce(j->('$.lists.' || list), '["'
        || replace(j->>('$.views.' || list || '.summaries'), ' ', '","') || '"]')) WHERE n > 0
), written AS (
    SELECT n, piece, ends, group_concat(replace(replace(substr(piece, length(list) + 3,
        ends - length(list) - 3), '@', name), '#', place), ', ') text
    FROM pieces LEFT JOIN named USING (n, list) GROUP BY n ORDER BY n
)
SELECT group_concat(iif(n = 0, piece, text || substr(piece, ends + 2)), '') FROM written
