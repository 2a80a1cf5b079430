package dev.crier.sse;

import dev.crier.event.Event;
import java.util.Optional;

/**
 * Reads an event stream as the HTML standard defines it in "Server-sent events" (9.2.6, interpreting an event stream). Differs
 * in three points: invalid UTF-8 is a fault; events are limited in size; and events whose type begins with {@code crier.} are
 * skipped, because they describe the stream of another Crier. Ignores comments and a last block without a blank line, as the
 * standard requires. Ignores {@code id} and {@code retry} too, because the log gives the ids and the configuration has the
 * retry time.
 */
public final class EventStreamParser implements EventParser {

    /** The room in a line for the name of its field. With it, the longest type has room even if the data has little. */
    private static final int FIELD_BYTES = 1 << 10;

    private final String defaultType;
    private final int maxBytes;
    private final Lines lines;
    private StringBuilder data = new StringBuilder();
    private int dataBytes;
    private boolean hasData;
    private String type = "";

    /**
     * @param defaultType the type of events that have none
     * @param maxBytes the maximum size of an event's data
     */
    public EventStreamParser(String defaultType, int maxBytes) {
        this.defaultType = defaultType;
        this.maxBytes = maxBytes;
        this.lines = new Lines(maxBytes + FIELD_BYTES);
    }

    @Override
    public void feed(byte[] bytes) {
        lines.feed(bytes);
    }

    @Override
    public void end() {
        // a block without a blank line is not an event
    }

    @Override
    public Optional<Event> next() {
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (!line.isEmpty()) {
                readField(line);
            } else if (hasData || !type.isEmpty()) {
                Optional<Event> event = endBlock();
                if (event.isPresent()) {
                    return event;
                }
            }
        }
        return Optional.empty();
    }

    private void readField(String line) {
        int colon = line.indexOf(':');
        String name = colon < 0 ? line : line.substring(0, colon);
        if (name.equals("data")) {
            String value = value(line, colon);
            int fieldBytes = line.length() - value.length(); // ASCII
            addData(value, lines.lineBytes() - fieldBytes);
        } else if (name.equals("event")) {
            type = value(line, colon);
        }
    }

    private static String value(String line, int colon) {
        if (colon < 0) {
            return "";
        }
        return line.substring(line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
    }

    private void addData(String value, int bytes) {
        if (hasData) {
            data.append('\n');
            dataBytes++;
        }
        hasData = true;
        data.append(value);
        dataBytes += bytes;
        if (dataBytes > maxBytes) {
            throw new TooLargeException();
        }
    }

    private Optional<Event> endBlock() {
        String eventType = type.isEmpty() ? defaultType : type;
        Optional<String> text = hasData ? Optional.of(data.toString()) : Optional.empty();
        type = "";
        data = new StringBuilder();
        dataBytes = 0;
        hasData = false;
        if (text.isEmpty() || eventType.startsWith(Event.RESERVED)) {
            return Optional.empty();
        }
        if (!Event.isPublishable(eventType)) {
            throw new IllegalArgumentException("event: not allowed (expected: " + Event.EXPECTED_TYPE + ")");
        }
        return Optional.of(new Event(eventType, text.get()));
    }

    @Override
    public long lines() {
        return lines.count();
    }

    @Override
    public int heldBytes() {
        return lines.heldBytes() + dataBytes + type.length();
    }
}
