package dev.crier.http.request;

import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The position from which a subscriber resumes: the {@code Last-Event-ID} header, or {@code lastEventId} in the query. */
public final class LastEventId {

    /** Describes the valid values of the query, for messages. */
    public static final String EXPECTED = "an event id, \"earliest\" or an instant of RFC 3339";

    private static final String EARLIEST = "earliest";

    /** Includes the spellings of other servers: {@code lastEventID}, {@code last-event-id}, {@code Last-Event-ID}. */
    private static final Pattern KEY = Pattern.compile("last(-?)event\\1id", Pattern.CASE_INSENSITIVE);

    /** The space before a time offset whose plus was not escaped. */
    private static final Pattern UNESCAPED_OFFSET = Pattern.compile(" (?=\\d\\d:\\d\\d$)");

    /** An offset of RFC 3339, which has any time of a day. {@link OffsetDateTime} has offsets of at most 18 hours. */
    private static final Pattern OFFSET = Pattern.compile("([+-])([01]\\d|2[0-3]):([0-5]\\d)$");

    /** The channel in an id of a stream of several channels. The position applies to all channels, so it is ignored. */
    private static final Pattern CHANNEL = Pattern.compile(" /.*$");

    private LastEventId() {}

    /**
     * Returns the position where the stream starts; empty if the query is invalid. The header wins, because a client that
     * reconnects sends its last event id there, while the query stays as the page wrote it. An invalid header is a gap, not an
     * error, because it may be an id of another server.
     *
     * @param header the {@code Last-Event-ID} header, or null
     * @param query null if the request has none
     */
    public static Optional<StartAt> start(String header, String query) {
        if (header != null && !header.isEmpty()) {
            return Optional.of(parse(header).orElse(new StartAt.Unknown(header)));
        }
        try {
            List<String> ids = Query.values(query, key -> KEY.matcher(key).matches());
            // a polyfill that reconnects appends its id to the page's URL, so the last id is the newest
            String last = ids.isEmpty() ? "" : ids.get(ids.size() - 1);
            return last.isEmpty() ? Optional.of(new StartAt.Now()) : parse(last);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the query cannot be decoded
        }
    }

    private static Optional<StartAt> parse(String text) {
        if (text.equals(EARLIEST)) {
            return Optional.of(new StartAt.Earliest());
        }
        String position = CHANNEL.matcher(text).replaceFirst("");
        Optional<StartAt> after = EventId.parse(position).map(id -> new StartAt.After(id, position));
        String instant = UNESCAPED_OFFSET.matcher(text).replaceFirst("+");
        return after.or(() -> before(instant).map(id -> new StartAt.From(id, instant)));
    }

    /** Returns the last position before the instant. */
    private static Optional<EventId> before(String instant) {
        Matcher offset = OFFSET.matcher(instant);
        Duration ahead = offset.find()
                ? Duration.parse(offset.group(1) + "PT" + offset.group(2) + "H" + offset.group(3) + "M")
                : Duration.ZERO;
        try {
            Instant utc =
                    OffsetDateTime.parse(offset.replaceFirst("Z")).toInstant().minus(ahead);
            return Optional.of(EventId.before(utc.toEpochMilli()));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }
}
