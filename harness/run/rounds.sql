/* What the rounds have brought: the executions, and what is to be said of their cells. */
CREATE TABLE timed (run, cell, counts, wall_ns, cpu_ns, switches);

CREATE VIEW timed_cells AS
SELECT run, cell, count(*) executions, sum(counts) counted,
    summary(CASE WHEN counts THEN wall_ns END) wall, summary(CASE WHEN counts THEN cpu_ns END) cpu,
    summary(CASE WHEN counts THEN switches END) switches
FROM timed GROUP BY run, cell;

/* A cell spreads by its scaled MAD, which for a normal distribution is the standard deviation.
 * Where an execution takes a tenth more CPU time for the same work, the machine shares its cores
 * unseen, or lowers their frequency; less than 10 ms are not far from the kernel's own grain.
 * (Rounded before they are printed: SQLite 3.43 to 3.45 cut off what %.0f should round.) */
CREATE VIEW timed_noise AS
SELECT run, cell, 1 n, printf('Its wall times spread by %d %% (1.48 MAD of %d executions)',
    round(100 * 1.4826 * mad(wall) / median(wall)), counted) sentence
FROM timed_cells WHERE counted >= 3 AND 1.4826 * mad(wall) > 0.05 * median(wall)
UNION ALL
SELECT run, cell, 2, printf('%d of its %d executions took up to %d %% more CPU time than its '
    || 'median: the machine computed more slowly then, which nothing else tells', count(*), counted,
    round(100 * (most(cpu) / median(cpu) - 1)))
FROM timed JOIN timed_cells USING (run, cell)
WHERE counts AND counted >= 3 AND cpu_ns > 1.1 * median(cpu) AND cpu_ns > median(cpu) + 10e6
GROUP BY run, cell;
