package dev.crier.http.request;

import dev.crier.event.Event;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.sse.EventParser;
import dev.crier.sse.EventStreamParser;
import dev.crier.sse.LineParser;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A publication as its request head describes it.
 *
 * @param lines whether each line of a text is an event
 * @param ends whether the publication ends its channel
 * @param eventType the event type, or "" for none; in a batch or an event stream, the type of events without one
 * @param key the {@code Idempotency-Key}, or "" for none
 * @param precondition of a streamed body, the precondition of the first events only
 */
public record PublishRequest(
        MediaType mediaType, boolean lines, boolean ends, String eventType, String key, Precondition precondition) {

    /**
     * Reads the query and the {@code Idempotency-Key}, which are null if the request has none.
     *
     * @throws IllegalArgumentException if either is invalid; names the fault and what is expected
     */
    public static PublishRequest of(MediaType mediaType, String query, String idempotencyKey) {
        boolean lines = isSet("lines", query);
        if (lines && mediaType != MediaType.TEXT) {
            throw new IllegalArgumentException("lines: not allowed with this Content-Type (expected: a text)");
        }
        boolean ends = isSet("end", query);
        return new PublishRequest(mediaType, lines, ends, eventType(query), key(idempotencyKey), Precondition.NONE);
    }

    /** Returns this request with a precondition. */
    public PublishRequest onlyIf(Precondition required) {
        return new PublishRequest(mediaType, lines, ends, eventType, key, required);
    }

    private static boolean isSet(String key, String query) {
        Optional<String> value = Query.value(query, key);
        if (value.isPresent() && !value.get().isEmpty()) {
            throw new IllegalArgumentException(key + ": has a value (expected: none)");
        }
        return value.isPresent();
    }

    private static String eventType(String query) {
        String type = Query.value(query, "event").orElse("");
        if (!Event.isPublishable(type)) {
            throw new IllegalArgumentException("event: not allowed (expected: " + Event.EXPECTED_TYPE + ")");
        }
        return type;
    }

    private static String key(String header) {
        if (header == null) {
            return "";
        }
        if (!Publication.Attempt.isKey(header)) {
            throw new IllegalArgumentException(
                    "Idempotency-Key: not a valid key (expected: " + Publication.Attempt.EXPECTED_KEY + ")");
        }
        return header;
    }

    public boolean isBatch() {
        return mediaType == MediaType.BATCH;
    }

    /** Returns whether the events of the body are published while it arrives. */
    public boolean isStreamed() {
        return lines || mediaType == MediaType.EVENT_STREAM;
    }

    /**
     * Returns a parser of the body, if it is streamed.
     *
     * @param maxBytes the maximum size of an event's data
     */
    public EventParser parser(int maxBytes) {
        return lines ? new LineParser(eventType, maxBytes) : new EventStreamParser(eventType, maxBytes);
    }

    /**
     * Returns the events of the body, if it is not streamed. A publication that ends its channel may have none. Its end is not
     * included.
     *
     * @param maxEvents the body of a batch is parsed up to one event more than this
     * @throws IllegalArgumentException if the body is invalid; names the fault and what is expected
     */
    public List<Event> events(byte[] body, int maxEvents) {
        if (ends && body.length == 0) {
            return List.of();
        }
        String text = Utf8.decode(ByteBuffer.wrap(body));
        return isBatch() ? Batch.parse(text, eventType, maxEvents) : List.of(new Event(eventType, text));
    }

    /** Returns the key with a digest of the publication, so that a store detects a key that is used for another publication. */
    public Publication.Attempt attempt(byte[] body) {
        String form = ends ? mediaType.name() + " end" : mediaType.name();
        return key.isEmpty() ? Publication.Attempt.ONCE : Publication.Attempt.of(key, form, eventType, body);
    }
}
