package dev.crier.failures;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import java.io.IOException;
import java.nio.file.Path;

/** A Crier process that can be killed and restarted. After a restart, it has other ports. */
final class Node implements AutoCloseable {

    private final Path folder;
    private final String configuration;
    private volatile CrierProcess process;
    private volatile int port;
    private volatile int managementPort;
    private String earlierOutput = "";

    /** Starts Crier with this configuration. Call {@link #awaitReady} before anything else. */
    Node(Path folder, String configuration) throws IOException {
        this.folder = folder;
        this.configuration = configuration;
        start();
    }

    private void start() throws IOException {
        process = CrierProcess.start(folder, "-conf", configuration);
    }

    /** Waits until Crier listens. */
    void awaitReady() throws Exception {
        managementPort = process.managementPort();
        port = process.port();
    }

    /** Returns the port of the last start. Nothing listens there while Crier is not running. */
    int port() {
        return port;
    }

    private int readiness() throws IOException {
        try (var client = RawClient.request(managementPort, "GET /health/ready", "Connection: close")) {
            return Integer.parseInt(client.head().get(0).split(" ")[1]);
        }
    }

    /** Waits until {@code /health/ready} has this status. */
    void awaitReadiness(int status) throws Exception {
        Eventually.until(() -> "readiness " + status + ":\n" + output(), () -> readiness() == status);
    }

    /** Sends SIGKILL. */
    void kill() throws IOException {
        earlierOutput = output() + "-- killed --\n";
        process.close();
    }

    /** Starts Crier again after {@link #kill}, and waits until it listens. */
    void restart() throws Exception {
        start();
        awaitReady();
    }

    /** Returns the log lines of all starts. */
    String output() {
        return earlierOutput + process.output();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
