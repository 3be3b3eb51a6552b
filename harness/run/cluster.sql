/* What a cluster has: the function that lanes call, and an account of its calls, which the harness
 * asks for as it asks the mock server for /stats. A call counts as a request from its beginning,
 * and as answered once its row is there: that of one that is ended before is rolled back. */
CREATE ROLE bench LOGIN;
CREATE SEQUENCE begun;
CREATE SEQUENCE resets;
CREATE UNLOGGED TABLE answered (began timestamptz, ended timestamptz, delay interval);

/* The delay is a setting of the connection. */
CREATE FUNCTION users(id bigint) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    began timestamptz := clock_timestamp();
    delay interval := current_setting('bench.delay');
BEGIN
    PERFORM nextval('begun'), pg_sleep(extract(epoch FROM delay));
    INSERT INTO answered VALUES (began, clock_timestamp(), delay);
    RETURN json_build_object('id', id, 'name', 'User ' || id);
END $$;

/* Of a process in the kernel's ticks: in user mode and in the kernel, and likewise, where `last` is
 * 15 and not 13, of those of its children that have ended. */
CREATE FUNCTION ticks(pid text, last integer) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT sum(value::bigint) FROM unnest((string_to_array(substring(
        pg_read_file('/proc/' || pid || '/stat', 0, 4096) FROM '\) (.*)'), ' '))[12:last]) value);
EXCEPTION WHEN OTHERS THEN
    RETURN 0; -- it has just ended
END $$;

CREATE FUNCTION cpu_ns() RETURNS bigint LANGUAGE sql AS $$
    SELECT 1e7 * (ticks(split_part(pg_read_file('postmaster.pid'), E'\n', 1), 15)
        + (SELECT sum(ticks(pid::text, 13)) FROM pg_stat_activity))
$$;

/* What all had used at the last reset, and what a connection has to itself after a query,
 * beside what it shares with the others. */
CREATE TABLE used (cpu_ns bigint, connection_bytes bigint);

CREATE FUNCTION reset() RETURNS bigint LANGUAGE sql AS $$
    SELECT set_config('bench.delay', '0', false);
    SELECT users(0);
    TRUNCATE answered, used;
    INSERT INTO used VALUES (cpu_ns(), 1024 * substring(
        pg_read_file('/proc/self/smaps_rollup', 0, 4096) FROM 'Private_Dirty: *(\d+)')::bigint);
    SELECT setval('begun', 1, false);
    SELECT nextval('resets');
$$;

/* Who is in flight now sleeps, and pg_stat_activity says so. An end and a beginning in the same
 * microsecond count as the end first, as with the lanes. */
CREATE FUNCTION stats() RETURNS json LANGUAGE sql AS $$
WITH late AS (
    SELECT round(1e9 * extract(epoch FROM ended - began - delay))::bigint ns FROM answered
), figures AS (
    SELECT count(*) responses, count(*) FILTER (WHERE ns < 0) early,
        percentile_disc(ARRAY[0.5, 0.9, 0.99, 1.0]) WITHIN GROUP (ORDER BY ns) ns FROM late
), begins AS (
    SELECT sum(step) OVER (ORDER BY at, step) in_flight
    FROM (SELECT began at, 1 step FROM answered UNION ALL SELECT ended, -1 FROM answered) steps
), counts AS (
    SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM begun) requests,
        (SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep') in_flight,
        (SELECT coalesce(max(in_flight), 0) FROM begins) peak,
        (SELECT last_value FROM resets) resets
)
SELECT json_build_object('requests', requests, 'responses', responses,
    'aborted', requests - responses - in_flight, 'in_flight', in_flight, 'in_flight_peak', peak,
    'resets', resets, 'cpu_ns', cpu_ns() - used.cpu_ns, 'connection_bytes', connection_bytes,
    'lateness_ns', json_build_object('p50', coalesce(ns[1], 0),
        'p90', coalesce(ns[2], 0), 'p99', coalesce(ns[3], 0), 'max', coalesce(ns[4], 0),
        'early', early))
FROM counts, figures, used
$$;

SELECT reset();
