/* Judges an execution by what is known of it (?1, as observation.c packs it; ?2 and ?3: why the
 * lane or the server says nothing, or NULL): a sentence for each reason why it does not count, the
 * first reason first, and then for each why it counts, but is marked. Nothing that a lane says is
 * trusted. */
WITH told AS MATERIALIZED (
    SELECT j, j->>'status' status, iif(j->>'message' = '', '', ': ' || (j->>'message')) message,
        j->>'n' n, j->>'items' items, j->>'concurrency' c, j->>'wall_ns' wall, j->>'lane' lane,
        iif(j->>'judged', j->>'server', NULL) server,
        ?3 IS NULL AND json_type(j, '$.server') = 'null' AND j->>'work' IN ('io', 'mixed') others
    FROM (SELECT ?1 j)
), of_lane AS (
    SELECT *, string(lane->>'$.error') failure, string(lane->>'$.limit') limited,
        string(lane->>'$.connect_error') unconnected, j->>'work' work,
        coalesce(number(lane->>'$.workload.requests'), -1) made,
        coalesce(number(lane->>'$.workload.concurrency'), c) at_once,
        coalesce(number(lane->>'$.outcomes.ok'), 0) ok,
        coalesce(number(lane->>'$.verified'), 0) verified,
        coalesce(string(lane->>'$.workload.work'), 'io') done,
        coalesce(number(lane->>'$.workload.rounds'), 0) rounds,
        coalesce(string(lane->>'$.workload.digest'), '') digest,
        coalesce(number(lane->>'$.load.rate'), 0) paced
    FROM told WHERE lane IS NOT NULL
), of_server AS (
    SELECT *, n + coalesce(number(lane->>'$.resends'), 0) expected,
        coalesce(number(server->>'$.requests'), -1) requests,
        coalesce(number(server->>'$.responses'), -1) responses,
        coalesce(number(server->>'$.aborted'), -1) aborted,
        coalesce(number(server->>'$.in_flight_peak'), -1) peak,
        coalesce(number(server->>'$.lateness_ns.early'), -1) early,
        coalesce(number(server->>'$.lateness_ns.p99'), 0) late,
        j->>'latency_ns' latency, j->>'lateness' lateness
    FROM told WHERE server IS NOT NULL
), said (part, place, sentence) AS (
    /* of the server of somebody else, with what to do about it */
    SELECT 0, key, printf('All %d %s ended as %s: ', n, items, key) || CASE key
            WHEN 'bad_body' THEN 'an answer must be JSON whose "id" is the request''s; with '
                || '--verify status any answer with a status of 200 to 299 is right'
            WHEN 'http_status' THEN 'no answer had a status of 200 to 299; look at one with curl -i'
            WHEN 'connect' THEN coalesce(cut(unconnected, 100), 'no connection')
                || '; start the server, or correct --url'
            WHEN 'timeout' THEN 'no answer came in time; look at one with curl -i'
            ELSE 'look at one with curl -i' END
    FROM of_lane, json_each(lane, '$.outcomes')
        WHERE others AND key <> 'ok' AND number(value) = n
    UNION ALL
    SELECT 1, key, value FROM told, json_each(json_array(
        CASE WHEN status > 128 THEN 'The lane was ended by signal ' || (status - 128) || message
            WHEN status = 3 THEN 'The limits of this machine forbid it' || message
            WHEN status > 0 THEN 'The lane ended with exit status ' || status || message END,
        iif(status <> 3, ?2, NULL)))
    UNION ALL SELECT 2, key, value FROM of_lane, json_each(json_array(
        'The lane says: ' || cut(failure, 300),
        /* not the model's affair */
        'A limit of this machine ended it, which is no fault of the model: ' || cut(limited, 400),
        iif(limited IS NULL, 'The first connection that failed: ' || cut(unconnected, 100), NULL),
        iif(made <> n, printf('The lane made %.0f %s instead of %.0f', made, items, n), NULL),
        /* a lane needs no more than N workers */
        iif(min(at_once, n) <> min(c, n),
            printf('The lane ran with a concurrency of %.0f instead of %d', at_once, c), NULL),
        iif(ok <> n, printf('%.0f of %.0f %s ended ok', ok, n, items), NULL),
        /* --verify status leaves it to whose server it is */
        CASE WHEN verified <> n AND NOT others
            THEN printf('%.0f of %.0f %s were verified', verified, n, items) END,
        iif(json_type(lane, '$.valid') IS NOT 'true', 'The lane itself calls its result invalid',
            NULL),
        iif(paced <> j->>'rate', printf('The lane had %.0f requests due in each second instead of '
            || '%d (0: each as soon as there is a place)', paced, j->>'rate'), NULL),
        /* every lane must do the same: the work asked for, and as much of it as was calibrated */
        iif(done <> work,
            printf('The lane did work "%s" instead of "%s"', cut(done, 20), work), NULL),
        iif(rounds <> j->>'rounds', printf('The lane computed %.0f rounds for an item instead of '
            || '%d', rounds, j->>'rounds'), NULL),
        iif(digest <> j->>'digest', 'The lane expected another result of its items than was asked',
            NULL)))
    UNION ALL SELECT 3, 0, 'The mock server does not say what it saw: ' || ?3
    /* what all others rest on: that the counts are of this execution */
    UNION ALL SELECT 4, key, value FROM of_server, json_each(json_array(
        iif(j->>'resets' <> 0, 'Somebody else reset the server''s counts meanwhile (POST /reset)',
            NULL),
        iif(requests <> expected,
            printf('The server received %.0f requests instead of %.0f', requests, expected), NULL),
        CASE WHEN aborted <> 0 THEN printf('The server answered %.0f of %.0f requests; the client '
                || 'left %.0f before the answer', responses, n, aborted)
            WHEN responses <> n THEN
                printf('The server answered %.0f of %.0f requests', responses, n) END))
    UNION ALL SELECT 5, id, printf('The server met %.0f requests with the fault %s, which the plan '
        || 'does not name', value, key) FROM of_server, json_each(server, '$.faults')
        WHERE NOT EXISTS (SELECT 1 FROM json_each(j, '$.arguments') argument
            WHERE instr(argument.value, json_each.key || '='))
    UNION ALL SELECT 6, id, printf('The server answered %.0f requests with status %s', value, key)
        FROM of_server, json_each(server, '$.statuses')
        WHERE key NOT LIKE '2%' AND NOT (key = '101' AND j->>'work' = 'websocket')
    UNION ALL SELECT 7, key, value FROM of_server, json_each(json_array(
        iif(peak < 0 OR peak > c,
            printf('The server saw %.0f requests in flight at once, %d were asked', peak, c), NULL),
        /* several processes are there for the sake of it */
        iif(j->>'processes' > 1 AND peak < min(n, c), printf('The server saw no more than %.0f '
            || 'requests in flight at once instead of %d: the latency must be longer than it takes '
            || 'to start them', peak, min(n, c)), NULL),
        iif(early <> 0, printf('The server sent %.0f replies too early', early), NULL)))
    /* A figure below what is possible is an error of the measurement. A lane that failed has its
     * reason already. */
    UNION ALL SELECT 8, key, value FROM told, json_each(json_array(
        iif(wall < j->>'least_ns', printf('It took %s, but nothing can take less than %s (floor)',
            duration(wall), duration(j->>'least_ns')), NULL),
        iif(wall < number(lane->>'$.wall_ns'), printf('It took %s, but the lane says that its '
            || 'requests alone took %s', duration(wall),
            duration(number(lane->>'$.wall_ns'))), NULL)))
        WHERE wall > 0 AND status = 0
    /* The wall time should be the lane's, not the server's. A memory pass has none that is used. */
    UNION ALL SELECT 9, 0, printf('The server was late: by %s at p99, %.1f %% of the latency of '
        || '%s; from %.4g %% on it is marked', duration(late), 100.0 * late / latency,
        j->>'latency', 100 * lateness)
        FROM of_server WHERE NOT j->>'memory' AND lateness > 0 AND latency > 0
            AND late > lateness * latency
    UNION ALL SELECT 9, 1, printf('The server had no descriptors for %d connections, the last of '
        || 'which waited %s: that is in no lateness; it takes more workers, or a higher limit',
        number(server->>'$.unaccepted_peak'), duration(number(server->>'$.unaccepted_ns_max')))
        FROM of_server WHERE NOT j->>'memory' AND number(server->>'$.unaccepted_peak') > 0
)
SELECT sentence, part = 9 marks FROM said WHERE sentence IS NOT NULL ORDER BY part, place
