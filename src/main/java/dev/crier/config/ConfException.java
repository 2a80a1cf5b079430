package dev.crier.config;

import java.util.List;

/** The conf is wrong: a line for each problem, to be shown as it is. */
public final class ConfException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    public ConfException(String problem) {
        this(List.of(problem));
    }

    ConfException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
