package dev.crier.event;

import java.util.Optional;

/** A publication was refused and nothing of it is stored, or it is unknown whether it is stored. */
public final class PublishException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The reason, with its code on the event bus and in HTTP. */
    public enum Reason {
        MALFORMED(400),
        NO_SUCH_CHANNEL(404),
        KEY_REUSED(422),
        /** The channel has ended. */
        ENDED(409),
        /** The channel is not as the publication requires. */
        PRECONDITION(412),
        UNAVAILABLE(503),
        /** The store has not answered in time. The events may have been published, or may be published later. */
        UNKNOWN(503),
        /** The publication is larger than the log may ever be. */
        TOO_LARGE(413),
        /** The publication does not fit until retention frees memory. */
        FULL(503);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    private final Reason reason;

    /** The id of the event with which the channel has ended; null for another reason. */
    private final transient EventId end;

    public PublishException(Reason reason, String message) {
        this(reason, message, null);
    }

    private PublishException(Reason reason, String message, EventId end) {
        super(message, null, false, false);
        this.reason = reason;
        this.end = end;
    }

    /**
     * Returns the refusal of a publication to a channel that has ended.
     *
     * @param end the id of the event with which it has ended
     */
    public static PublishException ended(EventId end) {
        return new PublishException(
                Reason.ENDED, "channel: ended at " + end + " (expected: a channel that has not ended)", end);
    }

    public Reason reason() {
        return reason;
    }

    /** Returns the id of the event with which the channel has ended, if that is the reason. */
    public Optional<EventId> end() {
        return Optional.ofNullable(end);
    }
}
