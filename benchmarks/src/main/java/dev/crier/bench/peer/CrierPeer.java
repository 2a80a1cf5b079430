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
 * @param store the value of {@code log.store} in the configuration
 * @param eventLoops the number of event loops; 0 for Crier's default
 * @param options options of the virtual machine
 */
public record CrierPeer(String name, String store, int eventLoops, List<String> options) implements Peer {

    private static final String TOKEN = "a-token-of-the-benchmark";

    @Override
    public Optional<String> version() {
        return Files.exists(CrierProcess.JAR)
                ? Optional.of("on Java " + System.getProperty("java.version"))
                : Optional.empty();
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        var conf = new JsonObject()
                .put("host", "127.0.0.1")
                .put("port", port)
                .put(
                        "log",
                        new JsonObject()
                                .put("store", store)
                                .put("file", folder.resolve("log.db").toString()))
                .put("limits", new JsonObject().put("subscribersPerAddress", 100_000))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put(
                        "channels",
                        new JsonObject()
                                .put(
                                        "/bench",
                                        new JsonObject()
                                                .put("publish", true)
                                                .put("keep", new JsonObject().put("events", 100_000))));
        var command = new ArrayList<>(List.of(Programs.java()));
        command.addAll(options);
        command.addAll(List.of("-jar", CrierProcess.JAR.toString(), "-conf", conf.encode()));
        if (eventLoops > 0) {
            command.addAll(List.of(
                    "-options",
                    new JsonObject().put("eventLoopPoolSize", eventLoops).encode()));
        }
        var endpoint = new Endpoint(port, "/bench", "/bench", List.of("Authorization: Bearer " + TOKEN), "", 0);
        return RunningPeer.start(folder, cores, command, Map.of(), endpoint);
    }
}
