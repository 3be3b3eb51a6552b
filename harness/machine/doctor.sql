/* Judges the items of doctor.json (?1), which says how, by their values (?2, an object). */
INSERT INTO items
WITH found AS (
    SELECT key n, value item, value->>'remedy' remedy, value->>'right' fit,
        json_extract(?2, '$.' || (value->>'path')) found,
        CASE json_type(?2, '$.' || (value->>'path')) WHEN 'text' THEN 'text'
            WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' END type
    FROM json_each(?1, '$.items')
), judged AS (
    SELECT n, item->>'name' name, remedy,
        CASE type WHEN 'text' THEN found
            WHEN 'number' THEN coalesce(json_extract(?2, '$.' || (item->>'text')),
                printf(item->>'format', round(found)), bytes(found))
            ELSE item->>'unknown' END shown,
        CASE
            WHEN type IS NULL THEN item->>'without'
            WHEN type = 'number' AND found < item->>'least' THEN 'problem'
            WHEN type = 'number' AND (found < item->>'enough' OR found > item->>'most')
                THEN 'warning'
            WHEN type = 'text' AND iif(fit LIKE '!%', instr(found, substr(fit, 2)), found <> fit)
                THEN item->>'wrong'
        END verdict
    FROM found
)
SELECT name, shown, coalesce(verdict, 'ok'),
    iif(verdict IS NULL, '', remedy || iif(remedy LIKE '% ', shown, ''))
FROM judged ORDER BY n;
