package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The server that only relays live streams: {@link StreamFloor}.
 *
 * @param stored whether it first stores each event in an SQLite file
 */
public record StreamFloorPeer(boolean stored) implements Peer {

    private static final String CHANNEL = "/news";

    @Override
    public String name() {
        return stored ? "the floor of streams with SQLite" : "the floor of streams";
    }

    @Override
    public Optional<String> version() {
        return Optional.of(stored ? "bare Netty and sqlite-jdbc" : "bare Netty");
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        var endpoint = Endpoint.of(port, CHANNEL, CHANNEL, List.of(), "").withStreams();
        var arguments = new ArrayList<>(List.of(String.valueOf(port)));
        if (stored) {
            arguments.add(folder.resolve("floor.db").toString());
        }
        List<String> command = Programs.java(StreamFloor.class, arguments.toArray(String[]::new));
        return RunningPeer.start(folder, cores, command, Map.of(), endpoint);
    }
}
