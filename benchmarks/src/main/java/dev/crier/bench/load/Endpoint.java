package dev.crier.bench.load;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The address of a server and the requests that the load client sends to it.
 *
 * @param subscribe the request target of a subscription
 * @param publish the request target of a publication
 * @param headers the header lines of a publication
 * @param body the text before the data in the body of a publication
 * @param pid the server's process, which may have child processes
 */
public record Endpoint(int port, String subscribe, String publish, List<String> headers, String body, long pid) {

    public Endpoint withPid(long pid) {
        return new Endpoint(port, subscribe, publish, headers, body, pid);
    }

    ProcessUsage usage() {
        return ProcessUsage.of(ProcessHandle.of(pid).orElseThrow());
    }

    public JsonObject toJson() {
        return new JsonObject()
                .put("port", port)
                .put("subscribe", subscribe)
                .put("publish", publish)
                .put("headers", new JsonArray(headers))
                .put("body", body)
                .put("pid", pid);
    }

    static Endpoint of(JsonObject json) {
        return new Endpoint(
                json.getInteger("port"),
                json.getString("subscribe"),
                json.getString("publish"),
                json.getJsonArray("headers").stream().map(String.class::cast).toList(),
                json.getString("body"),
                json.getLong("pid"));
    }
}
