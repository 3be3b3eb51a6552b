import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the run has cost, as one JSON line (lane.result/1) and as a summary. */
final class Result {
    private final Options o;
    private final Recorder r;
    private final long wall, cpu[];
    private final boolean interrupted;
    private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    final boolean valid;

    Result(Options o, Recorder r, long wall, boolean interrupted) {
        this.o = o;
        this.r = r;
        this.wall = wall;
        this.interrupted = interrupted;
        cpu = cpuTimes();
        for (Outcome outcome : Outcome.values())
            counts.put(outcome, 0);
        for (int id = 0; id < r.requests; id++)
            counts.merge(r.outcome(id), 1, Integer::sum);
        valid = counts.get(Outcome.OK) == o.requests;
    }

    static void append(String path, String line) throws IOException {
        Files.writeString(
                Path.of(path), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** User and system time in nanoseconds, to 10 ms: Java has none that are more exact. */
    private static long[] cpuTimes() {
        String after = read("/proc/self/stat").replaceFirst(".*\\) ", "");
        String[] fields = after.split(" ");
        return Arrays.stream(fields, 11, 13).mapToLong(ticks -> Long.parseLong(ticks) * 10_000_000)
                .toArray();
    }

    private static long peakRssBytes() {
        String[] words = read("/proc/self/status").split("VmHWM:")[1].trim().split(" ");
        return Long.parseLong(words[0]) * 1024;
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path)).replace('\n', ' ');
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    private IntStream started() {
        return IntStream.range(0, r.requests).filter(id -> r.start(id) != 0);
    }

    /** The most items between start and end at one moment; an end comes before a start at the same
     * nanosecond. */
    private int peak() {
        long[] starts = started().mapToLong(r::start).sorted().toArray();
        long[] ends = started().mapToLong(r::end).sorted().toArray();
        int most = 0;
        for (int i = 0, ended = 0; i < starts.length; i++) {
            while (ended < ends.length && ends[ended] <= starts[i])
                ended++;
            most = Math.max(most, i + 1 - ended);
        }
        return most;
    }

    /** Percentiles by nearest rank. */
    private String latency() {
        long[] times = started().filter(id -> r.outcome(id) == Outcome.OK)
                .mapToLong(id -> r.end(id) - r.start(id)).sorted().toArray();
        int n = times.length;
        if (n == 0)
            return "null";
        IntToLongFunction at = perMille -> times[(int) (((long) n * perMille + 999) / 1000) - 1];
        return "{\"p50\": %d, \"p90\": %d, \"p99\": %d, \"max\": %d, \"twentieths\": %s}".formatted(
                at.applyAsLong(500), at.applyAsLong(900), at.applyAsLong(990), times[n - 1],
                IntStream.rangeClosed(1, 20).mapToLong(i -> at.applyAsLong(50 * i)).boxed()
                        .toList());
    }

    /** The least time possible: all C wait at once, in as many groups as it takes. */
    private Long floor() {
        long groups = (o.requests + o.concurrency - 1L) / o.concurrency;
        return o.latency == null ? null : (Long) (groups * o.latency);
    }

    private int verified() {
        return o.verifyId ? counts.get(Outcome.OK) : 0;
    }

    private String json() {
        String outcomes = counts.entrySet().stream()
                .map(entry -> "\"" + entry.getKey() + "\": " + entry.getValue())
                .collect(Collectors.joining(", "));
        return """
                {"schema": "lane.result/1", "lane": "%s", "libraries": {"java": "%s"}, \
                "workload": {"requests": %d, "concurrency": %d, "work": "io", "rounds": null, \
                "digest": null, "workers": null}, "wall_ns": %d, "floor_ns": %d, \
                "user_cpu_ns": %d, "system_cpu_ns": %d, "max_rss_bytes": %d, "outcomes": {%s}, \
                "verified": %d, "in_flight_peak": %d, "latency_ns": %s, "connections_opened": %d, \
                "resends": 0, "loop": null, "valid": %b, "interrupted": %b, "error": null}
                """.formatted(Main.NAME, Runtime.version(), o.requests, o.concurrency, wall,
                floor(), cpu[0], cpu[1], peakRssBytes(), outcomes, verified(), peak(), latency(),
                Sockets.opened.get(), valid, interrupted);
    }

    private String summary() {
        var text = new StringBuilder();
        text.append("%s: %d requests, ".formatted(Main.NAME, o.requests));
        text.append("%d at once%n".formatted(o.concurrency));
        text.append("  wall time: %.1f ms%n".formatted(wall / 1e6));
        counts.forEach((outcome, count) -> {
            String remark = outcome == Outcome.OK ? verified() + " verified"
                    : r.examples.getOrDefault(outcome, "");
            if (count > 0)
                text.append("  %s: %d (%s)%n".formatted(outcome, count, remark));
        });
        return text + (interrupted ? "  interrupted: the result is partial\n" : "");
    }

    /** Prints and writes what was asked for. Returns whether all could be written. */
    boolean write() {
        if (!o.quiet)
            System.out.print(summary());
        boolean written = !System.out.checkError();
        try {
            if (o.output != null)
                append(o.output, json()); // one line with one write
            if (o.records != null)
                r.writeCsv(o.records);
        } catch (IOException error) {
            Main.complain(error);
            written = false;
        }
        return written;
    }
}
