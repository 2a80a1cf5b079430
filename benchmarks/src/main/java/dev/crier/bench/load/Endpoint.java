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
 * @param body the text before the data in the body of a publication. An asterisk in it stands for the rest of the channel's
 *     path; without one, the rest is part of the request target
 * @param streamed whether a publication may last, with events that are published as they arrive
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
        boolean streamed,
        int redisPort,
        List<Long> pids) {

    /** A server is quiet if it uses less than this fraction of a core. */
    private static final double QUIET = 0.1;

    private static final String REST = "*";

    private static final double POLL_SECONDS = 0.25;

    private static final int MAX_POLLS = 40;

    /** Returns the endpoint of a server with one port, before its process is known. */
    public static Endpoint of(int port, String subscribe, String publish, List<String> headers, String body) {
        return new Endpoint(List.of(port), List.of(port), subscribe, publish, headers, body, false, 0, List.of());
    }

    /** Returns the endpoint of a Redis without any other server. */
    public static Endpoint ofRedis(int port) {
        return of(port, "", "", List.of(), "").at(List.of(port), List.of(port), port);
    }

    public Endpoint withPids(List<Long> pids) {
        return new Endpoint(publishPorts, subscribePorts, subscribe, publish, headers, body, streamed, redisPort, pids);
    }

    /** Returns the endpoint of a server that publishes the events of a request as they arrive. */
    public Endpoint withStreams() {
        return new Endpoint(publishPorts, subscribePorts, subscribe, publish, headers, body, true, redisPort, pids);
    }

    /** Returns the same requests to other ports. */
    public Endpoint at(List<Integer> publishPorts, List<Integer> subscribePorts, int redisPort) {
        return new Endpoint(publishPorts, subscribePorts, subscribe, publish, headers, body, streamed, redisPort, pids);
    }

    /** Returns the target of a publication to a channel of the family. */
    String publishTo(String path) {
        return body.contains(REST) ? publish : publish + path;
    }

    /** Returns the text before the data in the body of a publication to a channel of the family. */
    String bodyFor(String path) {
        return body.replace(REST, path);
    }

    /** Returns the target of a subscription that begins with the oldest event. Crier and Mercure have the same parameter. */
    String subscribeFromStart() {
        return subscribe + (subscribe.contains("?") ? "&" : "?") + "lastEventID=earliest";
    }

    /** Waits until the server uses almost no CPU time, which also means that its virtual machine has finished compiling. */
    void awaitQuiet() {
        double last = -1;
        double now = usage().cpuSeconds();
        for (int polls = 0; polls < MAX_POLLS && now - last > QUIET * POLL_SECONDS; polls++) {
            Wait.forSeconds(POLL_SECONDS);
            last = now;
            now = usage().cpuSeconds();
        }
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
                .put("streamed", streamed)
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
                json.getBoolean("streamed"),
                json.getInteger("redisPort"),
                numbers(json, "pids").map(Number::longValue).toList());
    }

    private static Stream<Number> numbers(JsonObject json, String key) {
        return json.getJsonArray(key).stream().map(Number.class::cast);
    }
}
