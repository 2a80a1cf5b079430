package dev.crier.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code POST /backup} on the management listener. */
class BackupTest {

    @TempDir
    private Path folder;

    private static JsonObject conf(String store, Path file) {
        return new JsonObject("""
                        {
                          "management": {"port": 0},
                          "channels": {"/news": {"keep": {"events": 100}}}
                        }""")
                .put("log", new JsonObject().put("store", store).put("file", file.toString()));
    }

    private static String post(int port, String... headers) throws Exception {
        var all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 0, headers.length);
        all[headers.length] = "Content-Length: 0";
        all[headers.length + 1] = "Connection: close";
        try (var client = RawClient.request(port, "POST /backup", all)) {
            return client.rest();
        }
    }

    @Test
    void aBackupIsWrittenBesideTheLogAndCrierStartsFromIt() throws Exception {
        Path copy = folder.resolve("copy.db");
        try (var crier = new RunningCrier(conf("sqlite", folder.resolve("crier.db")))) {
            crier.publish("/news", "kept");
            String answer = post(crier.managementPort());
            assertTrue(answer.startsWith("HTTP/1.1 201 Created\r\n"), answer);
            var written = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n")));
            Path backup = Path.of(written.getString("file"));
            assertEquals(folder.toRealPath().resolve("crier.db-backup"), backup);
            assertEquals(Files.size(backup), written.getLong("bytes"));
            Files.copy(backup, copy);
        }
        try (var crier = new RunningCrier(conf("sqlite", copy));
                var subscriber = RawClient.request(crier.port(), "GET /news?lastEventId=earliest")) {
            subscriber.head();
            while (!subscriber.chunk().contains("data: kept\n")) {}
        }
    }

    /** A browser sends the origin with every POST, so no page that is opened on the machine can fill the disk. */
    @Test
    void aWebPageCannotAskForABackup() throws Exception {
        try (var crier = new RunningCrier(conf("sqlite", folder.resolve("crier.db")))) {
            for (String origin : new String[] {"https://example.com", "null", "http://127.0.0.1"}) {
                String answer = post(crier.managementPort(), "Origin: " + origin);
                assertTrue(answer.startsWith("HTTP/1.1 403 Forbidden\r\n"), answer);
            }
            try (var get = RawClient.request(crier.managementPort(), "GET /backup", "Connection: close")) {
                assertEquals("HTTP/1.1 405 Method Not Allowed", get.head().get(0));
            }
            assertFalse(Files.exists(folder.resolve("crier.db-backup")));
        }
    }

    @Test
    void theMainListenerHasNoBackup() throws Exception {
        try (var crier = new RunningCrier(conf("sqlite", folder.resolve("crier.db")))) {
            post(crier.port());
            assertFalse(Files.exists(folder.resolve("crier.db-backup")));
        }
    }

    @Test
    void aLogInMemoryHasNoBackup() throws Exception {
        try (var crier = new RunningCrier(conf("memory", folder.resolve("crier.db")))) {
            assertTrue(post(crier.managementPort()).startsWith("HTTP/1.1 404 "));
        }
    }
}
