import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes requests and verifies their answers; all threads share one, and its connections. */
final class Client {
    private static final int BODY_MAX = 1 << 20; // a larger body ends as bad_body

    private final Options options;
    private final HttpClient http;
    private final JsonFactory json = new JsonFactory();

    static {
        System.setProperty("java.nio.channels.spi.SelectorProvider", Sockets.class.getName());
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "connection");
        // It would send again on its own, and tell nobody.
        System.setProperty("jdk.httpclient.redirects.retrylimit", "1");
        System.setProperty("jdk.httpclient.disableRetryConnect", "true");
    }

    Client(Options options) {
        this.options = options;
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY) // whatever JAVA_TOOL_OPTIONS says
                .executor(Executors.newVirtualThreadPerTaskExecutor()).build();
    }

    private static final class TooLarge extends RuntimeException {}

    /** The body as it comes, and whether the header has come whole. */
    private static final class Answer extends ByteArrayOutputStream {
        volatile boolean begun;

        void add(Optional<byte[]> piece) {
            piece.ifPresent(this::writeBytes);
            if (size() > BODY_MAX)
                throw new TooLarge();
        }
    }

    /** Makes the request of an id. HttpClient's own timeout ends with the header. */
    Outcome.Ending request(Recorder recorder, int id) {
        var answer = new Answer();
        var request = HttpRequest.newBuilder(URI.create(options.url.replace("{id}", "" + id)));
        if (options.fresh)
            request.header("Connection", "close");
        var exchange = http.sendAsync(request.build(), header -> {
            answer.begun = true;
            recorder.answered(id);
            return BodySubscribers.ofByteArrayConsumer(answer::add);
        });
        try {
            int status = exchange.get(options.timeout, TimeUnit.NANOSECONDS).statusCode();
            if (status < 200 || status > 299)
                return Outcome.HTTP_STATUS.because("status " + status);
            return !options.verifyId || isAnswerTo(id, answer.toByteArray())
                    ? Outcome.OK.because(null) : Outcome.BAD_BODY.because("not the request's JSON");
        } catch (TimeoutException late) {
            exchange.cancel(true);
            return Outcome.TIMEOUT.because("no whole answer in time");
        } catch (ExecutionException error) {
            return outcomeOf(error, answer.begun).because(error.getCause());
        } catch (InterruptedException error) {
            return Outcome.OTHER.because(error);
        }
    }

    /** Where a connection is lost decides; what is no HTTP is another matter. */
    private static Outcome outcomeOf(Throwable error, boolean begun) {
        for (; error != null; error = error.getCause()) {
            if (error instanceof TooLarge)
                return Outcome.BAD_BODY;
            if (error instanceof ConnectException) {
                Sockets.opened.decrementAndGet();
                return Outcome.CONNECT;
            }
            if (error instanceof EOFException || error instanceof SocketException
                    || String.valueOf(error.getMessage()).contains("Connection reset"))
                return begun ? Outcome.TRUNCATED : Outcome.RESET;
        }
        return Outcome.OTHER;
    }

    /** Whether the body is a JSON object whose "id" is the request's. */
    private boolean isAnswerTo(int id, byte[] body) {
        try (var parser = json.createParser(body)) {
            boolean found = false;
            if (body.length == 0 || body[0] < 0 || parser.nextToken() != JsonToken.START_OBJECT)
                return false; // Jackson would take a byte order mark
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isId = parser.getCurrentName().equals("id");
                boolean isInteger = parser.nextToken() == JsonToken.VALUE_NUMBER_INT;
                if (isId)
                    found = isInteger && parser.getLongValue() == id;
                parser.skipChildren();
            }
            return found && parser.nextToken() == null;
        } catch (IOException error) {
            return false;
        }
    }
}
