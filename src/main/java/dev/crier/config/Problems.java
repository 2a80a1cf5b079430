package dev.crier.config;

import io.vertx.core.json.Json;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with a conf, so that all of it is told at once. */
final class Problems {

    private final List<String> lines = new ArrayList<>();

    void add(String path, Object got, String expected) {
        add(path + ": " + Json.encode(got) + " (expected: " + expected + ")");
    }

    void add(String line) {
        lines.add(line);
    }

    void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new ConfException(lines);
        }
    }
}
