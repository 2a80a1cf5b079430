package dev.crier.sse;

import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The bytes of an event stream, as the HTML standard has them in "Server-sent events" (9.2.5, parsing an event stream).
 */
public final class EventStream {

    public static final String MEDIA_TYPE = "text/event-stream";

    /** Tells a reader that events are missing. */
    private static final String GAP = Event.RESERVED + "gap";

    /** A line that says nothing: it keeps the connection from looking dead (9.2.7). */
    public static final String COMMENT = ":\n";

    private static final byte LINE_END = '\n';
    private static final byte[] ID = bytes("id: ");
    private static final byte[] EVENT = bytes("event: ");
    private static final byte[] DATA = bytes("data: ");
    private static final byte[] RETRY = bytes("retry: ");

    private EventStream() {}

    /** An event with its id, which a client sends when it comes back. */
    public static Buffer append(Buffer stream, Entry entry) {
        appendId(stream, entry.id());
        return append(stream, entry.event());
    }

    /**
     * Appends the event as one block. A client ends a line at LF, CR or CRLF alike, so the data is cut at each of them:
     * otherwise what follows a CR would be read as a field of its own. A client takes one space off the front of a
     * value, so each line is given one: then the data's own leading spaces survive.
     */
    public static Buffer append(Buffer stream, Event event) {
        if (!event.type().isEmpty()) {
            appendLine(stream, EVENT, event.type());
        }
        byte[] data = bytes(event.data());
        int start = 0;
        // no byte of a longer character in UTF-8 looks like one of these
        for (int i = 0; i < data.length; i++) {
            if (data[i] == '\r' || data[i] == '\n') {
                appendLine(stream, DATA, data, start, i);
                if (data[i] == '\r' && i + 1 < data.length && data[i + 1] == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        appendLine(stream, DATA, data, start, data.length);
        return stream.appendByte(LINE_END);
    }

    /**
     * Appends a block without data: a client fires nothing at it, but takes over the id, so that it comes back to this
     * place even if no event comes before; and how long it is to wait until then.
     */
    public static Buffer appendPlace(Buffer stream, EventId place, Duration retry) {
        appendRetry(stream, retry);
        appendId(stream, place);
        return stream.appendByte(LINE_END);
    }

    /** A block that only says how long a client is to wait before it comes back: it fires nothing. */
    public static Buffer pause(Duration retry) {
        return appendRetry(Buffer.buffer(), retry).appendByte(LINE_END);
    }

    /** Appends how long a client is to wait before it comes back, as the first line of a block. */
    public static Buffer appendRetry(Buffer stream, Duration retry) {
        return appendLine(stream, RETRY, Long.toString(retry.toMillis()));
    }

    /** Appends the event that tells of a gap, in the words of the JSON, with the place behind the gap as its id. */
    public static Buffer appendGap(Buffer stream, EventId place, String json) {
        appendId(stream, place);
        return append(stream, new Event(GAP, json));
    }

    private static void appendId(Buffer stream, EventId id) {
        appendLine(stream, ID, id.toString());
    }

    private static Buffer appendLine(Buffer stream, byte[] field, String value) {
        byte[] bytes = bytes(value);
        return appendLine(stream, field, bytes, 0, bytes.length);
    }

    private static Buffer appendLine(Buffer stream, byte[] field, byte[] value, int start, int end) {
        return stream.appendBytes(field).appendBytes(value, start, end - start).appendByte(LINE_END);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
