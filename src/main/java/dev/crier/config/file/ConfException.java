package dev.crier.config.file;

import java.util.List;

/** The conf is wrong: a line for each problem, to be shown as it is. */
public final class ConfException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ConfException(String problem) {
        super(problem);
    }

    public ConfException(List<String> problems) {
        super(String.join("\n", problems));
    }

    public List<String> problems() {
        return getMessage().lines().toList();
    }
}
