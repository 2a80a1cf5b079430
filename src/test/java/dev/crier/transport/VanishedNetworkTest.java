package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client whose network vanishes does not close its connection, and the heartbeats to it fit in the kernel's buffer. */
class VanishedNetworkTest {

    /** Reads the head of a stream, then has the kernel drop every incoming packet before it is acknowledged. */
    private static final String VANISH = """
            import ctypes, socket, struct, sys
            client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            client.sendall(b"GET /quiet HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
            client.recv(4096)
            drop = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
            SO_ATTACH_FILTER = 26
            program = struct.pack("HxxxxxxP", 1, ctypes.addressof(drop))
            client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
            print("vanished", flush=True)
            sys.stdin.read()
            """;

    @TempDir
    private Path folder;

    @Test
    void aVanishedClientIsClosedSoonAfterTheStallTimeout() throws Exception {
        Path script = Files.writeString(folder.resolve("vanish.py"), VANISH);
        var conf = new JsonObject()
                .put("heartbeat", "PT0.2S")
                .put("subscriber", new JsonObject().put("stallTimeout", "PT1S"))
                .put("channels", new JsonObject().put("/quiet", new JsonObject().put("keep", "latest")));
        assumeTrue(hasPython(), "not installed: python3");
        try (var crier = new RunningCrier(conf)) {
            assumeTrue(crier.vertx().isNativeTransportEnabled(), "the timeout needs the native transport");
            Process client = new ProcessBuilder("python3", script.toString(), String.valueOf(crier.port()))
                    .redirectErrorStream(true)
                    .start();
            try {
                String said = new String(client.getInputStream().readNBytes(9), StandardCharsets.UTF_8);
                assertEquals("vanished\n", said);
                assertEquals(1, crier.subscribers());
                Eventually.until("the subscriber is gone", () -> crier.subscribers() == 0);
            } finally {
                client.destroyForcibly();
            }
        }
    }

    private static boolean hasPython() throws Exception {
        try {
            return new ProcessBuilder("python3", "-c", "").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
