import java.util.Locale;

enum Outcome {
    OK, TIMEOUT, CONNECT, RESET, TRUNCATED, HTTP_STATUS, BAD_BODY, CANCELLED, OTHER;

    /** How an item ended, and what the library said; null: nothing. */
    record Ending(Outcome outcome, String detail) {}

    Ending because(Object detail) {
        return new Ending(this, detail == null ? null : detail.toString());
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
