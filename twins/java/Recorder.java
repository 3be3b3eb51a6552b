import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** Hands out the ids 0 to N-1 and keeps a record of each. Times are nanoseconds since its origin, 0
 * where it never happened. Safe for all threads. */
final class Recorder {
    private static final Outcome[] OUTCOMES = Outcome.values();

    private final long origin = System.nanoTime();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicLongArray workers, starts, firstBytes;
    private final AtomicLongArray ends; // end << 8 | outcome, so that both are set at once
    final Map<Outcome, String> examples = new ConcurrentHashMap<>();
    final int requests;

    Recorder(int requests) {
        this.requests = requests;
        workers = new AtomicLongArray(requests);
        starts = new AtomicLongArray(requests);
        firstBytes = new AtomicLongArray(requests);
        ends = new AtomicLongArray(requests);
    }

    long now() {
        return System.nanoTime() - origin;
    }

    /** Starts the next item; -1 when there is none. */
    int take(int worker) {
        int id = next.getAndIncrement();
        if (id >= requests)
            return -1;
        workers.set(id, worker);
        starts.set(id, now());
        return id;
    }

    void answered(int id) {
        firstBytes.set(id, now());
    }

    /** Ends an item, once: a second end is ignored. */
    void end(int id, Outcome.Ending ending) {
        boolean first = ends.compareAndSet(id, 0, now() << 8 | ending.outcome().ordinal());
        if (first && ending.detail() != null)
            examples.putIfAbsent(ending.outcome(), "request " + id + ": " + ending.detail());
    }

    /** Ends what has not ended, and hands out no more: afterwards the outcomes add up to N. */
    void endAll(Outcome outcome) {
        next.set(requests);
        for (int id = 0; id < requests; id++)
            end(id, outcome.because(null));
    }

    long end(int id) {
        return ends.get(id) >> 8;
    }

    Outcome outcome(int id) {
        return OUTCOMES[(int) ends.get(id) & 0xff];
    }

    /** 0: it never did; one that starts while the run is being ended has not. */
    long start(int id) {
        return starts.get(id) <= end(id) ? starts.get(id) : 0;
    }

    void writeCsv(String path) throws IOException {
        try (var out = Files.newBufferedWriter(Path.of(path))) {
            out.write("id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends\n");
            for (int id = 0; id < requests; id++)
                out.write(id + "," + (start(id) == 0 ? "" : workers.get(id) + "") + ","
                        + text(start(id)) + ",," + text(firstBytes.get(id)) + "," + end(id) + ","
                        + outcome(id) + ",0\n");
        }
    }

    private static String text(long time) {
        return time == 0 ? "" : Long.toString(time);
    }
}
