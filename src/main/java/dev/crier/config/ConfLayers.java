package dev.crier.config;

import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The configuration as JSON, and the files that it is from.
 *
 * @param layers without the packed defaults; each is laid over the one before
 */
public record ConfLayers(List<Layer> layers, JsonObject merged) {

    /** @param source the file; {@code -conf} for JSON on the command line */
    record Layer(String source, JsonObject json) {}

    public ConfLayers {
        layers = List.copyOf(layers);
    }

    /** The problem, after the file that has the value; the last one, if several have. A missing value has none. */
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

    /** How many keys of the problem's path are in the JSON. A channel's name is a key, and may have any character. */
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
