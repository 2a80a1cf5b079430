package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Departed clients no longer count towards any limit. {@code DepartedClientsIT} tests that they take no memory. */
class DepartedClientsTest {

    private static final int CLIENTS = 300;

    @Test
    void everyLimitAdmitsTheSameNumberAgainAfterAllHaveLeft() throws Exception {
        var limits = new JsonObject()
                .put("connections", CLIENTS)
                .put("subscribers", CLIENTS)
                .put("subscribersPerAddress", CLIENTS)
                .put("refuse", "status");
        try (var crier = new RunningCrier(
                new JsonObject().put("limits", limits).put("management", new JsonObject().put("port", 0)))) {
            for (int round = 0; round < 3; round++) {
                joinAndLeave(crier);
                Eventually.until(
                        "all connections are closed", () -> Scrape.of(crier).value("crier_connections") == 0);
            }
        }
    }

    private static void joinAndLeave(RunningCrier crier) throws Exception {
        var clients = new ArrayList<RawClient>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(RawClient.request(crier.port(), "GET /currentTime"));
        }
        for (RawClient client : clients) {
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            assertEquals("retry: 2000\n", client.chunk());
            assertTrue(client.chunk().startsWith("data: "));
        }
        assertEquals(CLIENTS, crier.subscribers());
        for (int i = 0; i < CLIENTS; i++) {
            if (i % 2 == 0) {
                clients.get(i).close();
            } else {
                clients.get(i).reset();
            }
        }
        Eventually.until("all have left", () -> crier.subscribers() == 0);
    }
}
