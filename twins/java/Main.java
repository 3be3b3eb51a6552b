import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The Java twin: the workload of the lanes with virtual threads and java.net.http.HttpClient.
 *
 * <p>run() is the model; the rest is what the lane contract asks of every program.
 */
final class Main {
    static final String NAME = "java-virtual";

    private static final int FAILURES = 1, USAGE = 2, LIMITS = 3, INTERRUPTED = 130;

    private enum End { ALL_DONE, SIGNAL, DEADLINE }

    /** C virtual threads, each of which takes an item, waits for it as if it were alone, and takes
     * the next. A virtual thread that waits holds no thread of the machine. */
    private static void run(Options o, Recorder r, Client client) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < o.concurrency; i++) {
            int worker = i;
            threads.add(Thread.startVirtualThread(() -> {
                for (int id = r.take(worker); id >= 0; id = r.take(worker))
                    r.end(id, client.request(r, id));
            }));
        }
        for (Thread thread : threads)
            thread.join();
    }

    /** Runs until every item has ended, or a signal or the deadline comes; then accounts for every
     * item and writes what was asked for. */
    private static int measure(Options o, CompletableFuture<End> end) {
        var client = new Client(o); // what others import, and so before the clock starts
        var r = new Recorder(o.requests);
        if (o.deadline > 0)
            end.completeOnTimeout(End.DEADLINE, o.deadline, TimeUnit.NANOSECONDS);
        Thread.startVirtualThread(() -> {
            try {
                run(o, r, client);
                end.complete(End.ALL_DONE);
            } catch (InterruptedException | RuntimeException error) {
                end.completeExceptionally(error);
            }
        });
        boolean interrupted = end.join() == End.SIGNAL;
        long wall = r.now();
        r.endAll(Outcome.CANCELLED);
        var result = new Result(o, r, wall, interrupted);
        boolean written = result.write();
        return interrupted ? INTERRUPTED : written && result.valid ? 0 : FAILURES;
    }

    /** Each request in flight holds a socket. Java itself raises the soft limit to the hard one. */
    private static String limitTooLow(Options o) throws IOException {
        int needed = 64 + o.concurrency; // standard streams, jars, selectors
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            String[] words = line.split("\\s+");
            if (!line.startsWith("Max open files") || words[4].equals("unlimited")
                    || needed <= Long.parseLong(words[4]))
                continue;
            return ("-c %d needs %d open files (RLIMIT_NOFILE), but the limit is %s; "
                    + "raise it with: ulimit -Hn %2$d (as root, in this shell), or lower -c")
                    .formatted(o.concurrency, needed, words[4]);
        }
        return null;
    }

    static void complain(Object error) {
        System.err.println(NAME + ": " + error);
    }

    private static int lane(String[] arguments, CompletableFuture<End> end) throws IOException {
        Options o;
        try {
            o = Options.parse(arguments);
            for (String path : new String[] {o.output, o.records})
                if (path != null) // better before two hundred seconds of measurement than after
                    Result.append(path, "");
        } catch (IllegalArgumentException | IOException error) {
            complain(error instanceof IOException ? error : error.getMessage());
            System.err.println("Try " + NAME + " --help");
            return USAGE;
        }
        if (o.help != null) {
            System.out.print(o.help);
            return 0;
        }
        String low = limitTooLow(o);
        if (low == null)
            return measure(o, end);
        complain(low);
        return LIMITS;
    }

    public static void main(String[] arguments) {
        var end = new CompletableFuture<End>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { // a signal: nothing else exits
            end.complete(End.SIGNAL);
            new CompletableFuture<>().join(); // until main() ends the program
        }));
        int status = FAILURES;
        try {
            status = lane(arguments, end);
        } catch (IOException | RuntimeException error) {
            complain(error);
        }
        System.out.flush();
        Runtime.getRuntime().halt(status);
    }
}
