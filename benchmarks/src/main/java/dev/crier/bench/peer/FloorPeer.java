package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The process of {@link Floor}. */
public record FloorPeer() implements Peer {

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
        var endpoint = new Endpoint(port, "/", "/", List.of(), "", 0);
        return RunningPeer.start(folder, cores, Programs.java(Floor.class, String.valueOf(port)), Map.of(), endpoint);
    }
}
