package dev.crier.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * A server, as the load client needs to know it.
 *
 * @param subscribe the path to read
 * @param publish the path to publish to
 * @param headers what a publication's head needs, each a whole line
 * @param body what stands before the data in a publication's body
 * @param pid its process, which may have started others
 */
record Target(int port, String subscribe, String publish, List<String> headers, String body, long pid) {

    Target with(long pid) {
        return new Target(port, subscribe, publish, headers, body, pid);
    }

    Accounting accounting() {
        return Accounting.of(ProcessHandle.of(pid).orElseThrow());
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("port", port)
                .put("subscribe", subscribe)
                .put("publish", publish)
                .put("headers", new JsonArray(headers))
                .put("body", body)
                .put("pid", pid);
    }

    static Target of(JsonObject json) {
        return new Target(
                json.getInteger("port"),
                json.getString("subscribe"),
                json.getString("publish"),
                json.getJsonArray("headers").stream().map(String.class::cast).toList(),
                json.getString("body"),
                json.getLong("pid"));
    }
}
