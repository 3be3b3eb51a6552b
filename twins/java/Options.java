import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The command line, as build/lane-async --help has it, without computing. Times in nanoseconds. */
final class Options {
    int requests = 1000;
    int concurrency; // 0: not said yet
    long timeout = 30_000_000_000L;
    long deadline; // 0: none
    Boolean fresh; // null: not said yet
    boolean verifyId = true;
    Long latency; // null: not known
    String output, records;
    boolean quiet;
    String url; // holds {id}
    String help; // all that is asked for

    private static final Map<String, String> LETTERS = Map.of("-n", "--requests", "-c",
            "--concurrency", "-t", "--timeout", "-o", "--output", "-h", "--help");
    private static final Map<String, Double> COUNTS = Map.of("", 1.0, "k", 1e3, "M", 1e6);
    private static final Map<String, Double> TIMES =
            Map.of("ns", 1.0, "us", 1e3, "ms", 1e6, "s", 1e9, "m", 60e9, "h", 3600e9);

    private static IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException(why);
    }

    /** A plain number with one of these units, of a product from 1 to `most`. */
    private static long quantity(
            String text, Map<String, Double> units, double most, String meaning) {
        String digits = text.replaceFirst("[A-Za-z]*$", "");
        Double factor = units.get(text.substring(digits.length()));
        double value = factor == null || !digits.matches("[0-9]+([.][0-9]+)?") ? 0
                : Double.parseDouble(digits) * factor;
        if (value < 1 || value > most || units == COUNTS && value != Math.rint(value))
            throw wrong("'" + text + "' is not " + meaning);
        return (long) value;
    }

    private static int count(String text) {
        return (int) quantity(
                text, COUNTS, 10e6, "a number from 1 to 10M; write it like 1000 or 10k");
    }

    private static long span(String text) {
        return quantity(text, TIMES, 1e18, "a time above 0; write it like 200ms, 1.5s or 2m");
    }

    private static boolean isFirst(String text, String... words) {
        if (!Arrays.asList(words).contains(text))
            throw wrong("'" + text + "' is none of: " + String.join(", ", words));
        return text.equals(words[0]);
    }

    private void set(String name, String value) {
        switch (name) {
            case "--requests" -> requests = count(value);
            case "--concurrency" -> concurrency = count(value);
            case "--timeout" -> timeout = span(value);
            case "--deadline" -> deadline = span(value);
            case "--connections" -> fresh = isFirst(value, "fresh", "reuse");
            case "--verify" -> verifyId = isFirst(value, "id", "status");
            case "--latency" -> latency = value.equals("0") ? 0 : span(value);
            case "--work" -> isFirst(value, "io");
            case "--output" -> output = value;
            case "--records" -> records = value;
            case "--cpu", "--rounds", "--block", "--digest" -> throw wrong("nothing is computed; "
                    + "say --work cpu or --work mixed, which takes another lane");
            default -> throw wrong("there is no such option");
        }
    }

    private void take(String argument, Iterator<String> rest) {
        String[] parts = argument.split("=", 2);
        String name = LETTERS.getOrDefault(parts[0], parts[0]);
        switch (name) {
            case "--quiet" -> quiet = true;
            case "--help" -> help = usage();
            case "--version" -> help = Main.NAME + " " + System.getProperty("suite.version")
                    + " (java " + Runtime.version() + ")\n";
            default -> {
                if (parts.length == 1 && !rest.hasNext())
                    throw wrong(name + ": needs a value");
                try {
                    set(name, parts.length == 2 ? parts[1] : rest.next());
                } catch (IllegalArgumentException error) {
                    throw wrong(name + ": " + error.getMessage());
                }
            }
        }
    }

    private static String usage() {
        try (var text = Options.class.getResourceAsStream("help.txt")) {
            return new String(text.readAllBytes()).replace("{lane}", Main.NAME);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** Sets what depends on several options. */
    private void complete(List<String> urls) {
        if (urls.size() != 1)
            throw wrong(urls.isEmpty()
                    ? "the URL is missing: http://127.0.0.1:8080/users/{id}"
                    : "one URL only: '" + urls.get(1) + "' is too much");
        url = urls.get(0);
        if (url.split("\\{id}", -1).length != 2)
            throw wrong("URL '" + url + "' must hold {id} once, the place of the request's number: "
                    + "http://127.0.0.1:8080/users/{id}");
        URI uri = URI.create(url.replace("{id}", "0"));
        if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme()))
            throw wrong("'" + url + "' is not an http:// or https:// URL");
        if (concurrency == 0 || concurrency > requests)
            concurrency = requests;
        if (fresh == null)
            fresh = concurrency >= requests;
    }

    /** Reads the command line; throws IllegalArgumentException where it is wrong. */
    static Options parse(String[] arguments) {
        var o = new Options();
        var urls = new ArrayList<String>();
        for (var rest = Arrays.asList(arguments).iterator(); rest.hasNext() && o.help == null;) {
            String argument = rest.next();
            if (argument.startsWith("-"))
                o.take(argument, rest);
            else
                urls.add(argument);
        }
        if (o.help == null)
            o.complete(urls);
        return o;
    }
}
