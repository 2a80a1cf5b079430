package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The process of {@link EmbeddedApplication}. */
public record EmbeddedPeer() implements Peer {

    static final String MOUNT = "/live";

    @Override
    public String name() {
        return "Crier in an application";
    }

    @Override
    public Optional<String> version() {
        return Optional.of("on Java " + System.getProperty("java.version"));
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        List<String> command = Programs.java(
                EmbeddedApplication.class,
                String.valueOf(port),
                CrierPeer.channels("memory", folder).encode());
        String path = MOUNT + CrierPeer.CHANNEL;
        var endpoint = Endpoint.of(port, path, path, CrierPeer.HEADERS, "").withStreams();
        return RunningPeer.start(folder, cores, command, Map.of(), endpoint);
    }
}
