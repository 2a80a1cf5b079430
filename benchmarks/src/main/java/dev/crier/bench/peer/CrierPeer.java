package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import dev.crier.testing.CrierProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Crier, run from {@code target/crier.jar}.
 *
 * @param store the value of {@code log.store} in the configuration, or the URL of a Redis
 * @param eventLoops the number of event loops; 0 for Crier's default
 * @param options options of the virtual machine
 */
public record CrierPeer(String name, String store, int eventLoops, List<String> options) implements Peer {

    static final String TOKEN = "a-token-of-the-benchmark";

    static final String CHANNEL = "/bench";

    static final List<String> HEADERS = List.of("Authorization: Bearer " + TOKEN);

    /** Returns a Crier with one event loop that has its log in this Redis. */
    public static CrierPeer onRedis(String name, int redisPort) {
        return new CrierPeer(name, "redis://127.0.0.1:" + redisPort, 1, List.of());
    }

    @Override
    public Optional<String> version() {
        return Files.exists(CrierProcess.JAR)
                ? Optional.of("on Java " + System.getProperty("java.version"))
                : Optional.empty();
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        return start(folder, port, cores, new JsonObject());
    }

    /** @param more keys of the configuration besides those that every measurement has */
    RunningPeer start(Path folder, int port, Cores cores, JsonObject more) throws IOException {
        JsonObject conf = channels(store, folder)
                .put("host", "127.0.0.1")
                .put("port", port)
                .mergeIn(more);
        var command = new ArrayList<>(List.of(Programs.java()));
        command.addAll(options);
        command.addAll(List.of("-jar", CrierProcess.JAR.toString(), "-conf", conf.encode()));
        if (eventLoops > 0) {
            command.addAll(List.of(
                    "-options",
                    new JsonObject().put("eventLoopPoolSize", eventLoops).encode()));
        }
        var endpoint = Endpoint.of(port, CHANNEL, CHANNEL, HEADERS, "").withStreams();
        return RunningPeer.start(folder, cores, command, Map.of(), endpoint);
    }

    /** Returns a configuration with the channels, the store and the limits that the benchmark needs. */
    static JsonObject channels(String store, Path folder) {
        return new JsonObject()
                .put("log", log(store, folder))
                .put(
                        "limits",
                        new JsonObject().put("subscribersPerAddress", 100_000).put("channels", 200_000))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put("channels", new JsonObject().put(CHANNEL, keeping(100_000)).put(CHANNEL + "/:id", keeping(1_000)));
    }

    private static JsonObject log(String store, Path folder) {
        return store.startsWith("redis:")
                ? new JsonObject().put("store", "redis").put("redis", new JsonObject().put("url", store))
                : new JsonObject()
                        .put("store", store)
                        .put("file", folder.resolve("log.db").toString());
    }

    private static JsonObject keeping(int events) {
        return new JsonObject().put("publish", true).put("keep", new JsonObject().put("events", events));
    }
}
