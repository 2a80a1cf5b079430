package dev.crier.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@link Floor}. */
record FloorPeer() implements Peer {

    @Override
    public String name() {
        return "the floor";
    }

    @Override
    public Optional<String> version() {
        return Optional.of("bare Netty");
    }

    @Override
    public Running start(Path folder, int port, Cores cores) throws IOException {
        var target = new Target(port, "/", "/", List.of(), "", 0);
        return Running.start(folder, cores, Programs.java(Floor.class, String.valueOf(port)), Map.of(), target);
    }
}
