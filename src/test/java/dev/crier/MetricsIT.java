package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import dev.crier.testing.Scrape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar contains what metrics need, and loads none of it without a management listener. */
class MetricsIT {

    @TempDir
    private Path folder;

    private Path loaded() {
        return folder.resolve("loaded.txt");
    }

    private CrierProcess start(String configuration) throws Exception {
        return CrierProcess.start(
                folder, CrierProcess.jarWith("-Xlog:class+load:file=" + loaded()), "-conf", configuration);
    }

    /** Receives two events, so that one is published and delivered while the subscriber is connected. */
    private static void subscribe(CrierProcess crier) throws Exception {
        try (var subscriber = RawClient.request(crier.port(), "GET /currentTime")) {
            subscriber.head();
            subscriber.readThrough("data: ");
            subscriber.readThrough("data: ");
        }
    }

    private List<String> loadedForMetrics() throws Exception {
        try (var lines = Files.lines(loaded())) {
            return lines.filter(line -> line.matches(".* (io\\.micrometer|io\\.prometheus|org\\.HdrHistogram)\\..*"))
                    .toList();
        }
    }

    @Test
    void withoutAManagementListenerNoClassForMetricsIsLoaded() throws Exception {
        try (var crier = start("{\"port\": 0}")) {
            subscribe(crier);
            assertEquals(List.of(), loadedForMetrics());
        }
    }

    @Test
    void theJarServesMetrics() throws Exception {
        try (var crier = start("{\"port\": 0, \"management\": {\"port\": 0}}")) {
            subscribe(crier);
            String metrics = Scrape.of(crier.managementPort()).text();
            assertTrue(metrics.contains("\ncrier_subscribers{channel=\"/currentTime\"} "), metrics);
            assertTrue(metrics.contains("\ncrier_jvm_memory_used_bytes{area=\"heap\","), metrics);
            assertTrue(loadedForMetrics().size() > 100);
        }
    }
}
