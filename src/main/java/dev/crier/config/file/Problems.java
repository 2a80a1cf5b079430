package dev.crier.config.file;

import io.vertx.core.json.Json;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with a conf, so that all of it is told at once. */
public final class Problems {

    /** Longer values are cut, so that a problem stays one readable line. */
    private static final int MAX_SHOWN = 200;

    private final List<String> lines = new ArrayList<>();

    void add(String path, Object got, String expected) {
        String shown = Json.encode(got);
        String start = shown.length() > MAX_SHOWN ? shown.substring(0, MAX_SHOWN) + "…" : shown;
        add(path + ": " + start + " (expected: " + expected + ")");
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
