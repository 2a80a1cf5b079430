package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What metrics need is in the jar, and whoever does not ask for them pays nothing for them. */
class MetricsIT {

    @TempDir
    private Path folder;

    private Path loaded() {
        return folder.resolve("loaded.txt");
    }

    private CrierProcess start(String conf) throws Exception {
        return CrierProcess.start(
                folder,
                List.of("-Xlog:class+load:file=" + loaded(), "-jar", CrierProcess.JAR.toString()),
                "-conf",
                conf);
    }

    /** Reads an event, so that one is published and delivered. */
    private static void read(CrierProcess crier) throws Exception {
        try (var reader = RawClient.request(crier.port(), "GET /currentTime")) {
            reader.head();
            reader.readThrough("data: ");
            reader.readThrough("data: ");
        }
    }

    private List<String> loadedOfOthers() throws Exception {
        try (var lines = Files.lines(loaded())) {
            return lines.filter(line -> line.matches(".* (io\\.micrometer|io\\.prometheus|org\\.HdrHistogram)\\..*"))
                    .toList();
        }
    }

    @Test
    void whereNobodyAsksNothingOfThemIsLoaded() throws Exception {
        try (var crier = start("{\"port\": 0}")) {
            read(crier);
            assertEquals(List.of(), loadedOfOthers());
        }
    }

    @Test
    void theJarTellsThem() throws Exception {
        try (var crier = start("{\"port\": 0, \"management\": {\"port\": 0}}")) {
            read(crier);
            int management = Integer.parseInt(crier.lines().get(0).replaceFirst(".*:(\\d+)/.*", "$1"));
            try (var client = RawClient.request(management, "GET /metrics", "Connection: close")) {
                assertEquals("HTTP/1.1 200 OK", client.head().get(0));
                String all = client.rest();
                assertTrue(all.contains("\ncrier_subscribers{channel=\"/currentTime\"} "), all);
                assertTrue(all.contains("\ncrier_jvm_memory_used_bytes{area=\"heap\","), all);
            }
            assertTrue(loadedOfOthers().size() > 100);
        }
    }
}
