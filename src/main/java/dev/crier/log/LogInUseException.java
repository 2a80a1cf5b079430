package dev.crier.log;

/** Another Crier writes to the log. It may stop soon, as in an update, so a later start can succeed. */
public final class LogInUseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public LogInUseException(String message) {
        super(message, null, false, false);
    }
}
