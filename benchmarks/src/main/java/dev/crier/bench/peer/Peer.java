package dev.crier.bench.peer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A server that the benchmark can measure. */
public interface Peer {

    String name();

    /** Returns the version, or empty if the server is not installed. */
    Optional<String> version();

    /**
     * Starts the server on this port of the loopback interface, and waits until it listens.
     *
     * @param folder an empty folder for its files
     * @param cores the cores to run on
     */
    RunningPeer start(Path folder, int port, Cores cores) throws IOException;
}
