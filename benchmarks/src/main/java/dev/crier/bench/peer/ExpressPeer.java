package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server on Node that sends each event to all open responses, written with Express. */
public record ExpressPeer() implements Peer {

    private static final Path FOLDER = Path.of("benchmarks", "peers", "express");
    private static final Path PACKAGE = FOLDER.resolve(Path.of("node_modules", "express", "package.json"));

    @Override
    public String name() {
        return "Express";
    }

    @Override
    public Optional<String> version() {
        return Files.exists(PACKAGE)
                ? Programs.output("node", "--version").map(node -> express() + " on Node " + node)
                : Optional.empty();
    }

    private static String express() {
        try {
            return new JsonObject(Files.readString(PACKAGE)).getString("version");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        String server = FOLDER.resolve("server.js").toString();
        var endpoint = Endpoint.of(port, "/read", "/publish", List.of("Content-Type: text/plain"), "");
        return RunningPeer.start(
                folder,
                cores,
                List.of("node", server, String.valueOf(port)),
                Map.of("NODE_ENV", "production"),
                endpoint);
    }
}
