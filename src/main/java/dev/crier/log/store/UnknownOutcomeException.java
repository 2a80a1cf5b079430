package dev.crier.log.store;

/** It is unknown whether the store has stored a batch. Its entries may be shown later, or never. */
public final class UnknownOutcomeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnknownOutcomeException() {
        super(
                "It is unknown whether this was published, because the log did not answer in time"
                        + " (expected: a retry with the same Idempotency-Key, which is published once)",
                null,
                false,
                false);
    }
}
