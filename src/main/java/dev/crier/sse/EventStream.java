package dev.crier.sse;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Encodes an event stream as the HTML standard defines it in "Server-sent events" (9.2.5, parsing an event stream). Every
 * block has data, and its id, if it has one, is its last line.
 */
public final class EventStream {

    public static final String MEDIA_TYPE = "text/event-stream";

    /** The media type with a charset, because some clients decode a stream without one as Latin-1. */
    public static final String CONTENT_TYPE = MEDIA_TYPE + ";charset=utf-8";

    /** A line that clients ignore. It keeps proxies from closing an idle connection (9.2.7). */
    public static final String COMMENT = ":\n";

    private static final Event START = new Event(Event.RESERVED + "start", "{}");
    private static final String GAP = Event.RESERVED + "gap";
    private static final Event END = new Event(Event.RESERVED + "end", "{}");

    private static final byte LINE_END = '\n';
    private static final byte[] ID = bytes("id: ");
    private static final byte[] EVENT = bytes("event: ");
    private static final byte[] DATA = bytes("data: ");
    private static final byte[] RETRY = bytes("retry: ");

    private EventStream() {}

    /** Appends the entry's event as one block that ends with its id. */
    public static Buffer append(Buffer stream, Entry entry) {
        appendEvent(stream, entry.event());
        return appendLastId(stream, entry.id().toString());
    }

    /** Appends the entry's event as one block that ends with its id and its channel, for a stream of several channels. */
    public static Buffer appendWithChannel(Buffer stream, Entry entry) {
        appendEvent(stream, entry.event());
        return appendLastId(stream, entry.id() + " " + entry.channel().encoded());
    }

    /** Appends the event as one block without an id. */
    public static Buffer append(Buffer stream, Event event) {
        return appendEvent(stream, event).appendByte(LINE_END);
    }

    /**
     * Appends the first block of a channel that keeps events. Its id is the position that the client resumes from if the
     * connection breaks before the first event. It has data because about half of the known clients ignore the id of a
     * block without data, and others report such a block as an empty event.
     */
    public static Buffer appendStart(Buffer stream, EventId position, Duration retry) {
        appendRetry(stream, retry);
        appendEvent(stream, START);
        return appendLastId(stream, position.toString());
    }

    /**
     * Appends the event that reports a gap. Its id is the position after the gap, so a client that reconnects from there does
     * not get the same gap again.
     *
     * @param requested the position that the client asked for
     * @param oldest the first entry after the gap
     */
    public static Buffer appendGap(Buffer stream, EventId position, String requested, Optional<EventId> oldest) {
        appendEvent(stream, gap(requested, oldest));
        return appendLastId(stream, position.toString());
    }

    /**
     * Returns the event that reports a gap.
     *
     * @param requested the position that the subscriber asked for
     * @param oldest the first entry after the gap
     */
    public static Event gap(String requested, Optional<EventId> oldest) {
        return new Event(GAP, describe(new JsonObject(), requested, oldest));
    }

    /**
     * Appends the event that reports a gap in one channel, or in all channels of a family, of a stream of several channels.
     *
     * @param position empty for a block without an id, after which the client keeps the one that it has
     */
    public static Buffer appendGap(
            Buffer stream,
            ChannelName channel,
            Optional<EventId> position,
            String requested,
            Optional<EventId> oldest) {
        var gap = new JsonObject().put("channel", channel.path());
        appendEvent(stream, new Event(GAP, describe(gap, requested, oldest)));
        return position.isPresent()
                ? appendLastId(stream, position.get() + " " + channel.encoded())
                : stream.appendByte(LINE_END);
    }

    private static String describe(JsonObject gap, String requested, Optional<EventId> oldest) {
        return gap.put("asked", requested)
                .put("oldest", oldest.map(EventId::toString).orElse(null))
                .encode();
    }

    /** Appends the last block of a channel without event ids: how long the client waits before it reconnects. */
    public static Buffer appendEnd(Buffer stream, Duration retry) {
        appendRetry(stream, retry);
        return append(stream, END);
    }

    /**
     * Appends the last block of a channel that keeps events. It repeats the subscriber's position for those clients that
     * forget the last id after a block without one.
     */
    public static Buffer appendEnd(Buffer stream, EventId position, Duration retry) {
        appendRetry(stream, retry);
        appendEvent(stream, END);
        return appendLastId(stream, position.toString());
    }

    /**
     * Returns a whole stream that says, in a comment, why it ends, and how long the client waits before it reconnects. It has
     * no block, so clients deliver nothing and keep their last event id.
     */
    public static Buffer refusal(String why, Duration retry) {
        return appendRetry(Buffer.buffer(": ").appendString(why).appendByte(LINE_END), retry);
    }

    /** Appends the reconnection time as the first line of a block. A client applies it as soon as it has read the line. */
    public static Buffer appendRetry(Buffer stream, Duration retry) {
        return appendLine(stream, RETRY, Long.toString(retry.toMillis()));
    }

    /**
     * Appends the event's type and data. A client ends a line at LF, CR or CRLF alike, so the data is split at each of
     * them; otherwise a publisher could forge fields and events after a CR. A client strips one leading space from a value,
     * so each line gets one, and the data's own leading spaces survive.
     */
    private static Buffer appendEvent(Buffer stream, Event event) {
        if (!event.type().isEmpty()) {
            appendLine(stream, EVENT, event.type());
        }
        byte[] data = bytes(event.data());
        int start = 0;
        // in UTF-8, no byte of a multi-byte character equals CR or LF
        for (int i = 0; i < data.length; i++) {
            if (data[i] == '\r' || data[i] == '\n') {
                appendLine(stream, DATA, data, start, i);
                if (data[i] == '\r' && i + 1 < data.length && data[i + 1] == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        return appendLine(stream, DATA, data, start, data.length);
    }

    /**
     * Appends the id and ends the block. The id is a block's last line because some clients apply it as soon as they have
     * read it. If the connection broke between id and data, they would resume after an event that they never received.
     */
    private static Buffer appendLastId(Buffer stream, String id) {
        return appendLine(stream, ID, id).appendByte(LINE_END);
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
