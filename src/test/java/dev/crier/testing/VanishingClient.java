package dev.crier.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A subscriber whose network vanishes after the head of its stream. Its connection stays open. */
public final class VanishingClient implements AutoCloseable {

    /** Reads the head of a stream, then has the kernel drop every incoming packet before it is acknowledged. */
    private static final String VANISH = """
            import ctypes, socket, struct, sys
            client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            client.sendall(b"GET " + sys.argv[2].encode() + b" HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
            client.recv(4096)
            drop = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
            SO_ATTACH_FILTER = 26
            program = struct.pack("HxxxxxxP", 1, ctypes.addressof(drop))
            client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
            print("vanished", flush=True)
            sys.stdin.read()
            """;

    private final Process client;

    private VanishingClient(Process client) {
        this.client = client;
    }

    /** Subscribes, and returns when the network has vanished. Skips the test without Python. */
    public static VanishingClient of(int port, String path, Path folder) throws Exception {
        assumeTrue(hasPython(), "not installed: python3");
        Path script = Files.writeString(folder.resolve("vanish.py"), VANISH);
        Process client = new ProcessBuilder("python3", script.toString(), String.valueOf(port), path)
                .redirectErrorStream(true)
                .start();
        assertEquals("vanished\n", new String(client.getInputStream().readNBytes(9), StandardCharsets.UTF_8));
        return new VanishingClient(client);
    }

    private static boolean hasPython() throws Exception {
        try {
            return new ProcessBuilder("python3", "-c", "").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns whether the client still has its connection. */
    public boolean isRunning() {
        return client.isAlive();
    }

    @Override
    public void close() {
        client.destroyForcibly();
    }
}
