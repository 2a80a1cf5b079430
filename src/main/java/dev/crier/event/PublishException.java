package dev.crier.event;

/** Something that was to be published, was not. */
public final class PublishException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why, with the number that stands for it on the event bus and in HTTP. */
    public enum Reason {
        MALFORMED(400),
        NO_SUCH_CHANNEL(404),
        KEY_REUSED(422),
        UNAVAILABLE(503),
        /** The event never fits in the log. */
        TOO_LARGE(413),
        /** The event does not fit until retention frees memory. */
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

    public PublishException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
