package dev.crier.bench.load;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/**
 * The addresses of a server and the requests that the load client sends to it.
 *
 * @param publishPorts the ports that publishers connect to, in turn
 * @param subscribePorts the ports that subscribers connect to, in turn
 * @param subscribe the request target of a subscription
 * @param publish the request target of a publication
 * @param headers the header lines of a publication
 * @param body the text before the data in the body of a publication
 * @param redisPort the port of the server's Redis; 0 if it has none
 * @param pids the server's processes, which may have child processes
 */
public record Endpoint(
        List<Integer> publishPorts,
        List<Integer> subscribePorts,
        String subscribe,
        String publish,
        List<String> headers,
        String body,
        int redisPort,
        List<Long> pids) {

    /** Returns the endpoint of a server with one port, before its process is known. */
    public static Endpoint of(int port, String subscribe, String publish, List<String> headers, String body) {
        return new Endpoint(List.of(port), List.of(port), subscribe, publish, headers, body, 0, List.of());
    }

    /** Returns the endpoint of a Redis without any other server. */
    public static Endpoint ofRedis(int port) {
        return of(port, "", "", List.of(), "").at(List.of(port), List.of(port), port);
    }

    public Endpoint withPids(List<Long> pids) {
        return new Endpoint(publishPorts, subscribePorts, subscribe, publish, headers, body, redisPort, pids);
    }

    /** Returns the same requests to other ports. */
    public Endpoint at(List<Integer> publishPorts, List<Integer> subscribePorts, int redisPort) {
        return new Endpoint(publishPorts, subscribePorts, subscribe, publish, headers, body, redisPort, pids);
    }

    ProcessUsage usage() {
        return ProcessUsage.of(pids.stream().map(pid -> ProcessHandle.of(pid).orElseThrow()));
    }

    public JsonObject toJson() {
        return new JsonObject()
                .put("publishPorts", new JsonArray(publishPorts))
                .put("subscribePorts", new JsonArray(subscribePorts))
                .put("subscribe", subscribe)
                .put("publish", publish)
                .put("headers", new JsonArray(headers))
                .put("body", body)
                .put("redisPort", redisPort)
                .put("pids", new JsonArray(pids));
    }

    static Endpoint of(JsonObject json) {
        return new Endpoint(
                numbers(json, "publishPorts").map(Number::intValue).toList(),
                numbers(json, "subscribePorts").map(Number::intValue).toList(),
                json.getString("subscribe"),
                json.getString("publish"),
                json.getJsonArray("headers").stream().map(String.class::cast).toList(),
                json.getString("body"),
                json.getInteger("redisPort"),
                numbers(json, "pids").map(Number::longValue).toList());
    }

    private static Stream<Number> numbers(JsonObject json, String key) {
        return json.getJsonArray(key).stream().map(Number.class::cast);
    }
}
