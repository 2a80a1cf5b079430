package dev.crier.log.store;

/** Another Crier process writes to the log. During an update, that process soon stops, and a later start succeeds. */
public final class LogInUseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public LogInUseException(String message) {
        super(message, null, false, false);
    }
}
