-- Judges the items of doctor.json (?1), each a value of the environment or one that derive() adds
-- (?2, an object). A number below `enough` or above `most` is a warning, one below `least` a
-- problem; `format` is how it is shown, or `text` the path of what is, else as bytes. Limits are
-- enough for the largest cells of the plans, or least for most of them. A text that is not `right`
-- is `wrong`; of "!TEXT" what holds that text is wrong. Without a value the verdict is `without`,
-- and `unknown` is shown. `remedy` says why, and the command that repairs it, to which the value is
-- added behind a blank.
INSERT INTO items
WITH found AS (
    SELECT key n, value item, value->>'remedy' remedy, value->>'right' fit,
        json_extract(?2, '$.' || (value->>'path')) found,
        CASE json_type(?2, '$.' || (value->>'path')) WHEN 'text' THEN 'text'
            WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' END type
    FROM json_each(?1)
), judged AS (
    SELECT n, item->>'name' name, remedy,
        CASE type WHEN 'text' THEN found
            WHEN 'number' THEN coalesce(json_extract(?2, '$.' || (item->>'text')),
                printf(item->>'format', round(found)), bytes(found))
            ELSE item->>'unknown' END shown,
        CASE
            WHEN type IS NULL THEN item->>'without'
            WHEN type = 'number' AND found < item->>'least' THEN 'problem'
            WHEN type = 'number'
                THEN iif(found < item->>'enough' OR found > item->>'most', 'warning', NULL)
            WHEN iif(fit LIKE '!%', instr(found, substr(fit, 2)), found <> fit) THEN item->>'wrong'
        END verdict
    FROM found
)
SELECT name, shown, coalesce(verdict, 'ok'), CASE WHEN verdict IS NULL THEN ''
    ELSE remedy || CASE WHEN remedy LIKE '% ' THEN shown ELSE '' END END
FROM judged ORDER BY n;
