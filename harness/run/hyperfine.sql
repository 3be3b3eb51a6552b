/* hyperfine's own export format, in seconds: a result for each cell with the times of all its
 * executions that count. Its parameters are texts. */
WITH timed AS (
    SELECT string(j->>'cell') cell, n, number(j->>'wall_ns') / 1e9 wall,
        number(j->>'user_ns') / 1e9 user, number(j->>'system_ns') / 1e9 system,
        j->'exit_status' exit_status
    FROM raw_samples JOIN (SELECT run, n FROM samples WHERE valid) USING (run, n) ORDER BY n
), means AS (
    SELECT cell, avg(wall) mean FROM timed GROUP BY cell
)
SELECT json_object('results', json_group_array(json(result))) FROM (
    SELECT json_object('command', command, 'mean', mean,
        'stddev', sqrt(sum((wall - mean) * (wall - mean)) / (count(*) - 1)),
        'median', median(summary(wall)), 'user', avg(user), 'system', avg(system),
        'min', min(wall), 'max', max(wall), 'times', json_group_array(wall),
        'exit_codes', json_group_array(json(exit_status)), 'parameters', (
            SELECT json_group_object(key, CAST(value AS TEXT)) FROM json_each(parameters)
            WHERE value IS NOT NULL)) result
    FROM timed JOIN means USING (cell) JOIN commands c USING (cell) GROUP BY cell ORDER BY c.n)
