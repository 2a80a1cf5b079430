package dev.crier.sse;

import dev.crier.event.Event;
import java.util.Optional;

/** Reads a text whose lines are the data of one event each. A last line without a line end counts if it is not empty. */
public final class LineParser implements EventParser {

    private static final int BYTE_ORDER_MARK_BYTES = 3;

    private final String type;
    private final int maxBytes;
    private final Lines lines;
    private boolean ended;

    /**
     * @param type the type of the events, or "" for none
     * @param maxBytes the maximum size of a line
     */
    public LineParser(String type, int maxBytes) {
        this.type = type;
        this.maxBytes = maxBytes;
        this.lines = new Lines(maxBytes + BYTE_ORDER_MARK_BYTES);
    }

    @Override
    public void feed(byte[] bytes) {
        lines.feed(bytes);
    }

    @Override
    public void end() {
        ended = true;
    }

    @Override
    public Optional<Event> next() {
        String line = lines.next();
        if (line == null && ended) {
            ended = false;
            String rest = lines.rest();
            line = rest.isEmpty() ? null : rest;
        }
        if (line != null && lines.lineBytes() > maxBytes) {
            throw new TooLargeException();
        }
        return Optional.ofNullable(line).map(data -> new Event(type, data));
    }

    @Override
    public long lines() {
        return lines.count();
    }

    @Override
    public int heldBytes() {
        return lines.heldBytes();
    }
}
