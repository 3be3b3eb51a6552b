-- What is shown of a lesson and of a race. A bar is as long as its share of the longest beside it.

-- Each answer in up to three rows: what was said, what was measured, the floor.
CREATE VIEW answer_values AS
SELECT position, 1 place, 'you said' who, said value, unit FROM answers WHERE said IS NOT NULL
UNION ALL
SELECT position, 2, 'measured', measured, unit FROM answers WHERE measured IS NOT NULL
UNION ALL
SELECT position, 3, 'floor', floor, unit FROM answers WHERE floor IS NOT NULL;

CREATE VIEW answer_bars AS
SELECT position, place, who,
    CASE unit WHEN 'ns' THEN duration(value) WHEN 'bytes' THEN bytes(value)
        WHEN 'share' THEN share(value) WHEN 'factor' THEN ratio_text(value)
        ELSE count_text(value) END shown,
    CAST(8.0 * (SELECT max(columns - 40, 16) FROM screen) * value
        / max(max(value) OVER (PARTITION BY position), 1e-9) + 0.5 AS INTEGER) eighths
FROM answer_values;

CREATE VIEW answer_rows AS
SELECT position, place, who, shown, replace(hex(zeroblob(eighths / 8)), '00', '█')
    || substr(' ▏▎▍▌▋▊▉', eighths % 8 + 1, eighths % 8 > 0) bar
FROM answer_bars;

-- How far off what was said is, in words.
CREATE VIEW answer_words AS
SELECT position, question, unit,
    CASE WHEN unit = 'choice' THEN
            CASE WHEN said_text IS NULL THEN 'Measured: ' WHEN said_text = correct THEN 'Right: '
                ELSE 'You said ' || said_text || '. Measured: ' END
            || correct || ', ' || measured_text
        WHEN said IS NULL THEN ''
        WHEN said = measured THEN 'Exactly.'
        WHEN measured = 0 OR said = 0 THEN 'One of the two is nothing.'
        WHEN unit = 'ns' AND said < floor THEN 'Below the floor: that cannot be.'
        WHEN said / measured BETWEEN 0.9 AND 1.1 THEN 'You were close.'
        WHEN said > measured THEN 'You were ' || ratio_text(said / measured) || ' times too high.'
        ELSE 'You were ' || ratio_text(measured / said) || ' times too low.' END words
FROM answers;
