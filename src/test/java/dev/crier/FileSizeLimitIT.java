package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The kernel limits the file size of the process, which has the same effect on the log as a full disk. */
@EnabledOnOs(OS.LINUX)
class FileSizeLimitIT {

    private static final String TOKEN = "a-token-of-the-tests";

    @TempDir
    private Path folder;

    private static String publish(int port) throws IOException {
        try (var client = RawClient.publish(port, "/news", TOKEN, "hi")) {
            return client.head().get(0);
        }
    }

    private static String readiness(int managementPort) throws IOException {
        try (var client = RawClient.request(managementPort, "GET /health/ready", "Connection: close")) {
            return client.rest();
        }
    }

    @Test
    void whileTheLogCannotStorePublicationsAreRefusedAndThenCrierRecoversByItself() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", """
                {
                  "port": 0,
                  "management": {"port": 0},
                  "log": {"store": "sqlite"},
                  "publish": {"tokens": ["%s"]},
                  "channels": {"/news": {"keep": {"events": 100}, "publish": true}}
                }""".formatted(TOKEN))) {
            int port = crier.port();
            int management = crier.managementPort();
            assertTrue(readiness(management).startsWith("HTTP/1.1 200 OK\r\n"));
            assertEquals("HTTP/1.1 201 Created", publish(port));
            try (var subscriber = RawClient.request(port, "GET /news")) {
                subscriber.head();
                subscriber.chunk();
                crier.limitFiles("8192");
                assertEquals("HTTP/1.1 503 Service Unavailable", publish(port));
                assertEquals("HTTP/1.1 503 Service Unavailable", publish(port));
                assertTrue(readiness(management).endsWith("{\"status\":\"DOWN\",\"reason\":\"the log cannot store\"}"));
                try (var rejected = RawClient.publish(port, "/news", TOKEN, "")) {
                    assertEquals(
                            "5", rejected.header(rejected.head(), "Retry-After").orElse(""));
                }
                Eventually.until( // lines are written by another thread
                        crier::output,
                        () -> crier.lines().stream()
                                        .filter(line -> line.startsWith("ERROR The log cannot store"))
                                        .count()
                                == 1);
                crier.limitFiles("unlimited");
                // no publication comes, because load balancers send none to a server that is not ready
                Eventually.until(
                        () -> "ready again: " + crier.output(),
                        () -> readiness(management).startsWith("HTTP/1.1 200 OK\r\n"));
                Eventually.until( // lines are written by another thread
                        crier::output,
                        () -> crier.lines().get(crier.lines().size() - 1).equals("INFO  The log stores again"));
                assertEquals("HTTP/1.1 201 Created", publish(port));
                assertTrue(subscriber.chunk().startsWith("data: hi\nid: "));
            }
        }
    }
}
