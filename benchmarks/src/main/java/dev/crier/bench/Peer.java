package dev.crier.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A server that can be measured. */
interface Peer {

    String name();

    /** Nothing if it is not on this machine. */
    Optional<String> version();

    /**
     * Starts it on the port of the loopback.
     *
     * @param folder empty, for what it needs
     * @param cores where it may run
     */
    Running start(Path folder, int port, Cores cores) throws IOException;
}
