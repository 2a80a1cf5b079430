package dev.crier.config.file;

import io.vertx.core.json.Json;
import java.util.ArrayList;
import java.util.List;

/** Collects the errors of a configuration, so that all of them are reported at once. */
final class ConfErrors {

    /** Stands for a value that may be a secret. */
    static final String HIDDEN = "not shown";

    /** Longer values are truncated, so that an error is one readable line. */
    private static final int MAX_VALUE_CHARS = 200;

    private final List<String> lines = new ArrayList<>();

    /** Adds an error about a value of the JSON. Hides a value with an {@code @}, because it may be a URL with a password. */
    void addValue(String path, Object value, String expected) {
        String json = Json.encode(value);
        if (json.contains("@")) {
            add(path, HIDDEN, expected);
            return;
        }
        add(path, json.length() > MAX_VALUE_CHARS ? json.substring(0, MAX_VALUE_CHARS) + "…" : json, expected);
    }

    /**
     * Adds an error.
     *
     * @param found the value, or a description of it
     */
    void add(String path, String found, String expected) {
        lines.add(path + ": " + found + " (expected: " + expected + ")");
    }

    void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new ConfException(lines);
        }
    }
}
