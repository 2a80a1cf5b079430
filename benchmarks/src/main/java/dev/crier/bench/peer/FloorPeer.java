package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The process of {@link Floor}.
 *
 * @param redisPort the port of the Redis through which events go; 0 for none
 */
public record FloorPeer(int redisPort) implements Peer {

    public FloorPeer() {
        this(0);
    }

    @Override
    public String name() {
        return "the floor";
    }

    @Override
    public Optional<String> version() {
        return Optional.of("bare Netty");
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        var endpoint = Endpoint.of(port, "/", "/", List.of(), "");
        List<String> command = Programs.java(Floor.class, String.valueOf(port), String.valueOf(redisPort));
        return RunningPeer.start(folder, cores, command, Map.of(), endpoint);
    }
}
