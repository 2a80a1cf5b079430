package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that have left take no memory: the heap could not hold two kilobytes for each of these. */
class DepartedClientsIT {

    private static final int ROUNDS = 40;
    private static final int CLIENTS = 300;

    @TempDir
    private Path folder;

    @Test
    void departedClientsTakeNoMemory() throws Exception {
        try (var crier = CrierProcess.start(
                folder,
                List.of("-Xmx24m", "-jar", CrierProcess.JAR.toString()),
                "-conf",
                "{\"host\": \"127.0.0.1\", \"port\": 0, \"limits\": {\"subscribersPerAddress\": " + 10 * CLIENTS + "},"
                        + " \"channels\": {\"/news\": {\"keep\": \"latest\"}}}")) {
            for (int round = 0; round < ROUNDS; round++) {
                var clients = new ArrayList<RawClient>();
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(RawClient.request(crier.port(), "GET /news"));
                }
                for (RawClient client : clients) {
                    assertEquals("HTTP/1.1 200 OK", client.head().get(0));
                    client.reset();
                }
            }
        }
    }
}
