package dev.crier.event;

/**
 * Nothing of a publication was stored, because other events than those that it follows are stored under its key: its publisher
 * sends a stream again, or two requests send the same one. The publisher goes on after the events that are stored.
 */
public final class AlreadyStoredException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient StreamDigest stored;
    private final transient EventId last;

    /**
     * @param stored the events that are stored under the key
     * @param last the id of the last one
     */
    public AlreadyStoredException(StreamDigest stored, EventId last) {
        super("stored already: " + stored, null, false, false);
        this.stored = stored;
        this.last = last;
    }

    public StreamDigest stored() {
        return stored;
    }

    public EventId last() {
        return last;
    }
}
