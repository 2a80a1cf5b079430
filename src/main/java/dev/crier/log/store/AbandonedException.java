package dev.crier.log.store;

/** A read was dropped before it began, because its client had left. */
public final class AbandonedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public AbandonedException() {
        super("the client has left", null, false, false);
    }
}
