package dev.crier.sse;

import dev.crier.event.Event;
import io.vertx.core.buffer.Buffer;

/**
 * The bytes of an event stream, as the HTML standard has them in "Server-sent events" (9.2.5,
 * parsing an event stream).
 */
public final class EventStream {

    public static final String MEDIA_TYPE = "text/event-stream";

    /** A line that says nothing: it keeps the connection from looking dead (9.2.7). */
    public static final String COMMENT = ":\n";

    private EventStream() {}

    /**
     * Appends the event as one block. A client ends a line at LF, CR or CRLF alike, so the data is
     * cut at each of them: otherwise what follows a CR would be read as a field of its own. A client
     * takes one space off the front of a value, so each line is given one: then the data's own
     * leading spaces survive.
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

    private static void appendDataLine(Buffer stream, String line) {
        stream.appendString("data: ").appendString(line).appendString("\n");
    }
}
