package dev.crier.config.file;

import java.util.List;

/** Mistakes in the configuration. The message has one line for each of them, and is logged without a stack trace. */
public final class ConfException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param error one line, {@code key: value (expected: …)} */
    public ConfException(String error) {
        super(error);
    }

    public ConfException(List<String> errors) {
        super(String.join("\n", errors));
    }

    public List<String> errors() {
        return getMessage().lines().toList();
    }
}
