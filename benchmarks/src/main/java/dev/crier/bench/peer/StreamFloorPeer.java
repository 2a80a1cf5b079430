package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The server that only relays live streams: {@link StreamFloor}. */
public record StreamFloorPeer() implements Peer {

    private static final String CHANNEL = "/news";

    @Override
    public String name() {
        return "the floor of streams";
    }

    @Override
    public Optional<String> version() {
        return Optional.of("bare Netty");
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        var endpoint = Endpoint.of(port, CHANNEL, CHANNEL, List.of(), "").withStreams();
        List<String> command = Programs.java(StreamFloor.class, String.valueOf(port));
        return RunningPeer.start(folder, cores, command, Map.of(), endpoint);
    }
}
