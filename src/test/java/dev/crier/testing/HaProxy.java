package dev.crier.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** HAProxy in front of a port, as it is by default; it tries a minute long to reach a server that is not there. */
public final class HaProxy implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/sbin/haproxy");

    private static final String CONF = """
            global
              maxconn 9000
            defaults
              mode http
              timeout connect 5s
              timeout client 1m
              timeout server 1m
              retries 60
            frontend readers
              bind 127.0.0.1:%d
              default_backend crier
            backend crier
              server crier 127.0.0.1:%d
            """;

    private final Process process;
    private final int port;

    /** Where there is none, the test is skipped; but not where it is to be. */
    public HaProxy(Path folder, int server) throws Exception {
        assumeTrue(Files.exists(PROGRAM) || Boolean.parseBoolean(System.getenv("CI")), "no HAProxy: " + PROGRAM);
        port = freePort();
        Path conf = Files.writeString(folder.resolve("haproxy-" + port + ".cfg"), CONF.formatted(port, server));
        process = new ProcessBuilder(List.of(PROGRAM.toString(), "-db", "-f", conf.toString()))
                .inheritIO()
                .start();
        Eventually.until("HAProxy listens", this::listens);
    }

    public static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean listens() {
        try {
            new RawClient(port).close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
