package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.VanishingClient;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client whose network vanishes does not close its connection, and the heartbeats to it fit in the kernel's buffer. */
class VanishedNetworkTest {

    @TempDir
    private Path folder;

    @Test
    void aVanishedClientIsClosedSoonAfterTheStallTimeout() throws Exception {
        var conf = new JsonObject()
                .put("heartbeat", "PT0.2S")
                .put("subscriber", new JsonObject().put("stallTimeout", "PT1S"))
                .put("channels", new JsonObject().put("/quiet", new JsonObject().put("keep", "latest")));
        try (var crier = new RunningCrier(conf)) {
            assumeTrue(crier.vertx().isNativeTransportEnabled(), "the timeout needs the native transport");
            try (var client = VanishingClient.of(crier.port(), "/quiet", folder)) {
                assertEquals(1, crier.subscribers());
                Eventually.until("the subscriber is gone", () -> crier.subscribers() == 0);
                assertTrue(client.isRunning());
            }
        }
    }
}
