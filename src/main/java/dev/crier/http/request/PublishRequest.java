package dev.crier.http.request;

import dev.crier.event.Event;
import dev.crier.event.Publication;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A publication as its request head describes it.
 *
 * @param eventType the event type, or "" for none; in a batch, the type of lines without one
 * @param key the {@code Idempotency-Key}, or "" for none
 */
public record PublishRequest(MediaType mediaType, String eventType, String key) {

    /**
     * Reads the query and the {@code Idempotency-Key}, which are null if the request has none.
     *
     * @throws IllegalArgumentException if either is invalid; names the fault and what is expected
     */
    public static PublishRequest of(MediaType mediaType, String query, String idempotencyKey) {
        return new PublishRequest(mediaType, eventType(query), key(idempotencyKey));
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

    /**
     * Returns the events of the body.
     *
     * @param maxEvents the body of a batch is parsed up to one event more than this
     * @throws IllegalArgumentException if the body is invalid; names the fault and what is expected
     */
    public List<Event> events(byte[] body, int maxEvents) {
        String text = Utf8.decode(ByteBuffer.wrap(body));
        return isBatch() ? Batch.parse(text, eventType, maxEvents) : List.of(new Event(eventType, text));
    }

    /** Returns the key with a digest of the publication, so that a store detects a key that is used for another publication. */
    public Publication.Attempt attempt(byte[] body) {
        return key.isEmpty()
                ? Publication.Attempt.ONCE
                : Publication.Attempt.of(key, mediaType.name(), eventType, body);
    }
}
