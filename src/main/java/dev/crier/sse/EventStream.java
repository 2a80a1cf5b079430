package dev.crier.sse;

import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;
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
            stream.appendString("event: ").appendString(event.type()).appendString("\n");
        }
        String data = event.data();
        int start = 0;
        for (int i = 0; i < data.length(); i++) {
            char c = data.charAt(i);
            if (c == '\r' || c == '\n') {
                appendDataLine(stream, data.substring(start, i));
                if (c == '\r' && i + 1 < data.length() && data.charAt(i + 1) == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        appendDataLine(stream, data.substring(start));
        return stream.appendString("\n");
    }

    /**
     * Appends a block without data: a client fires nothing at it, but takes over the id, so that it comes back to this
     * place even if no event comes before; and how long it is to wait until then.
     */
    public static Buffer appendPlace(Buffer stream, EventId place, Duration retry) {
        appendRetry(stream, retry);
        appendId(stream, place);
        return stream.appendString("\n");
    }

    /** Appends how long a client is to wait before it comes back, as the first line of a block. */
    public static Buffer appendRetry(Buffer stream, Duration retry) {
        return stream.appendString("retry: ")
                .appendString(Long.toString(retry.toMillis()))
                .appendString("\n");
    }

    /** Appends the event that tells of a gap, in the words of the JSON, with the place behind the gap as its id. */
    public static Buffer appendGap(Buffer stream, EventId place, String json) {
        appendId(stream, place);
        return append(stream, new Event(GAP, json));
    }

    private static void appendId(Buffer stream, EventId id) {
        stream.appendString("id: ").appendString(id.toString()).appendString("\n");
    }

    private static void appendDataLine(Buffer stream, String line) {
        stream.appendString("data: ").appendString(line).appendString("\n");
    }
}
