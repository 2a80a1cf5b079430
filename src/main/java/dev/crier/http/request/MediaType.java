package dev.crier.http.request;

import dev.crier.sse.EventStream;
import java.util.Locale;
import java.util.Set;

/** The formats of a publication's body. Their names must not change, because they are part of digests that stores keep. */
public enum MediaType {
    /** The data of one event. */
    TEXT,
    /** One JSON object per line, one event each. */
    BATCH,
    /** An event stream, whose events are published while it arrives. */
    EVENT_STREAM;

    private static final Set<String> BATCH_TYPES = Set.of(
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/x-jsonl",
            "application/jsonlines",
            "application/x-jsonlines");

    /** UTF-8 in the spellings that clients send, and its subset. */
    private static final Set<String> UTF8 =
            Set.of("charset=utf-8", "charset=utf8", "charset=us-ascii", "charset=ascii");

    /**
     * Returns the format of a body with this {@code Content-Type}, which may be null. Any other type is text,
     * because many clients send a default type that does not describe their body. A {@code multipart} body is rejected, because
     * its boundaries and part headers would be published with the data.
     *
     * @throws IllegalArgumentException if the body is not the data in UTF-8; names the fault and what is expected
     */
    public static MediaType of(String contentType) {
        if (contentType == null) {
            return TEXT;
        }
        String[] parts =
                contentType.toLowerCase(Locale.ROOT).replaceAll("[\\s\"]", "").split(";", -1);
        if (parts[0].startsWith("multipart/")) {
            throw new IllegalArgumentException("Content-Type: " + parts[0]
                    + " (expected: the data alone as the body, as curl sends it with --data-binary)");
        }
        for (String part : parts) {
            if (part.startsWith("charset=") && !UTF8.contains(part)) {
                throw new IllegalArgumentException("Content-Type: " + part + " (expected: charset=utf-8)");
            }
        }
        if (parts[0].equals(EventStream.MEDIA_TYPE)) {
            return EVENT_STREAM;
        }
        return BATCH_TYPES.contains(parts[0]) ? BATCH : TEXT;
    }
}
