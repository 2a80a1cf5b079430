package dev.crier.config.file;

import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The configuration as JSON, and the files that it comes from.
 *
 * @param layers without the packed defaults, each applied to the one before
 */
public record ConfLayers(List<Layer> layers, JsonObject merged) {

    /** @param source the file; {@code -conf} for JSON on the command line */
    record Layer(String source, JsonObject json) {}

    public ConfLayers {
        layers = List.copyOf(layers);
    }

    /** Prefixes the problem with the file that has the value, the last one if several have it. A missing value has none. */
    public String located(String problem) {
        String located = problem;
        int deepest = 0;
        for (Layer layer : layers) {
            int depth = depth(layer.json(), problem);
            if (depth > 0 && depth >= deepest) {
                deepest = depth;
                located = layer.source() + ": " + problem;
            }
        }
        return located;
    }

    /** Returns how many keys of the problem's path are in the JSON. Does not split at dots, because a channel's name is a key. */
    private static int depth(JsonObject json, String problem) {
        int deepest = 0;
        for (String key : json.fieldNames()) {
            if (!problem.startsWith(key) || problem.length() == key.length()) {
                continue;
            }
            char next = problem.charAt(key.length());
            if (next == '.' && json.getValue(key) instanceof JsonObject inner) {
                deepest = Math.max(deepest, 1 + depth(inner, problem.substring(key.length() + 1)));
            } else if (next == '.' || next == ':' || next == '[') {
                deepest = Math.max(deepest, 1);
            }
        }
        return deepest;
    }
}
