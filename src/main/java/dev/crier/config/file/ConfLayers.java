package dev.crier.config.file;

import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The configuration as JSON, and the files that it was merged from.
 *
 * @param layers in the order in which they were merged, without the defaults in the jar
 */
public record ConfLayers(List<Layer> layers, JsonObject merged) {

    /** @param source the path of the file; {@code -conf} for JSON on the command line */
    record Layer(String source, JsonObject json) {}

    public ConfLayers {
        layers = List.copyOf(layers);
    }

    /**
     * Prefixes an error with the file that sets the value, or with the last such file. Returns an error about a missing
     * value unchanged.
     */
    public String withSource(String error) {
        String result = error;
        int deepest = 0;
        for (Layer layer : layers) {
            int depth = depth(layer.json(), error);
            if (depth > 0 && depth >= deepest) {
                deepest = depth;
                result = layer.source() + ": " + error;
            }
        }
        return result;
    }

    /** Returns how many keys of the error's path are in the JSON. Does not split the path at dots: a channel's name may have them. */
    private static int depth(JsonObject json, String error) {
        int deepest = 0;
        for (String key : json.fieldNames()) {
            if (!error.startsWith(key) || error.length() == key.length()) {
                continue;
            }
            char next = error.charAt(key.length());
            if (next == '.' && json.getValue(key) instanceof JsonObject inner) {
                deepest = Math.max(deepest, 1 + depth(inner, error.substring(key.length() + 1)));
            } else if (next == '.' || next == ':' || next == '[') {
                deepest = Math.max(deepest, 1);
            }
        }
        return deepest;
    }
}
