package dev.crier.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a whole Crier: every part reports to them, and nothing that a client chose appears in them. */
class MetricsTest {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final String ORDERS = "{channel=\"/orders/:id\"}";

    private static JsonObject conf() {
        var keep = new JsonObject().put("keep", new JsonObject().put("events", 1_000));
        return new JsonObject()
                .put("management", new JsonObject().put("port", 0))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put(
                        "channels",
                        new JsonObject()
                                .put("/orders/:id", keep.copy().put("publish", true))
                                .put("/state", new JsonObject().put("keep", "latest")));
    }

    private static void assertEventually(RunningCrier crier, double expected, String series) throws Exception {
        var last = new ArrayList<Double>();
        Eventually.until(() -> series + " is " + expected + ", but was " + last, () -> {
            last.clear();
            last.add(Scrape.of(crier).value(series));
            return last.get(0) == expected;
        });
    }

    private static RawClient subscribe(RunningCrier crier, String path) throws IOException {
        var client = RawClient.request(crier.port(), "GET " + path);
        client.head();
        client.chunk();
        return client;
    }

    /** Reads chunks until they contain this number of events, and returns their bytes. */
    private static int readBytes(RawClient client, int events) throws IOException {
        int bytes = 0;
        for (int read = 0; read < events; ) {
            String chunk = client.chunk();
            read += chunk.split("\n\n").length;
            bytes += chunk.getBytes(StandardCharsets.UTF_8).length;
        }
        return bytes;
    }

    @Test
    void aRunningCrierCountsEventsSubscribersAndConnections() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 5; i++) {
                clients.add(subscribe(crier, "/orders/first"));
            }
            clients.add(subscribe(crier, "/orders/second"));
            for (int i = 0; i < 10; i++) {
                crier.publish("/orders/first", "0123456789");
            }
            crier.publish("/orders/second", "\u00e9\u20ac");
            crier.publish("/state", "has no subscriber");
            int bytes = 0;
            for (RawClient client : clients) {
                bytes += readBytes(client, client == clients.get(5) ? 1 : 10);
            }
            // counted after the event has been written to all subscribers, which a client may see earlier
            assertEventually(crier, 51, "crier_delivered_events_total" + ORDERS);
            Scrape scrape = Scrape.of(crier);
            assertEquals(bytes, scrape.value("crier_delivered_bytes_total" + ORDERS));
            assertEquals(11, scrape.value("crier_published_events_total" + ORDERS));
            assertEquals(105, scrape.value("crier_published_bytes_total" + ORDERS));
            assertEquals(1, scrape.value("crier_published_events_total{channel=\"/state\"}"));
            assertEquals(0, scrape.value("crier_delivered_events_total{channel=\"/state\"}"));
            assertEquals(6, scrape.value("crier_subscribers" + ORDERS));
            assertEquals(6, scrape.value("crier_connections"));
            double passes = scrape.value("crier_delivery_delay_seconds_count" + ORDERS);
            assertTrue(passes >= 2 && passes <= 51, "passes with a delivery: " + passes);
            assertEquals(12, scrape.value("crier_log_entries"));
            assertEquals(3, scrape.value("crier_log_channels"));
            assertEquals(0, scrape.value("crier_log_file_bytes"));
            assertEquals(12, scrape.value("crier_log_write_seconds_count{outcome=\"stored\"}"));
            assertFalse(scrape.text().contains("/orders/first"), "a channel name must not appear");
            for (RawClient client : clients) {
                client.close();
            }
            assertEventually(crier, 0, "crier_subscribers" + ORDERS);
            assertEventually(crier, 0, "crier_connections");
            assertEventually(crier, 6, "crier_streams_ended_total{reason=\"left\"}");
        }
    }

    private static String status(RunningCrier crier, String requestLine, String... headers) throws IOException {
        try (var client = RawClient.request(crier.port(), requestLine, headers)) {
            return client.head().get(0).split(" ")[1];
        }
    }

    @Test
    void refusalsAreCountedByStatusWithoutPathsAndTokens() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            assertEquals("404", status(crier, "GET /metrics"), "the main listener has no metrics");
            assertEquals("404", status(crier, "GET /any-path"));
            assertEquals("401", status(crier, "POST /orders/1", "Content-Length: 0"));
            assertEquals("405", status(crier, "PUT /orders/1"));
            assertEquals("431", status(crier, "GET /state", "X: " + "x".repeat(20_000)));
            assertEquals("201", status(crier, "POST /orders/1", "Authorization: Bearer " + TOKEN, "Content-Length: 0"));
            Scrape scrape = Scrape.of(crier);
            assertEquals(2, scrape.value("crier_refusals_total{status=\"404\"}"));
            assertEquals(1, scrape.value("crier_refusals_total{status=\"401\"}"));
            assertEquals(1, scrape.value("crier_refusals_total{status=\"405\"}"));
            assertEquals(1, scrape.value("crier_refusals_total{status=\"431\"}"));
            assertEquals(0, scrape.value("crier_refusals_total{status=\"503\"}"));
            assertFalse(scrape.text().contains("any-path"));
            assertFalse(scrape.text().contains(TOKEN));
        }
    }

    @Test
    void theSizeOfTheLogCountsTheDatabaseAndItsWriteAheadLog(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("crier.db");
        Path writeAheadLog = folder.resolve("crier.db-wal");
        var sqlite = new JsonObject().put("store", "sqlite").put("file", file.toString());
        try (var crier = new RunningCrier(conf().put("log", sqlite))) {
            crier.publish("/state", "x".repeat(50_000));
            Eventually.until(
                    "both files count",
                    () -> Scrape.of(crier).value("crier_log_file_bytes")
                            == Files.size(file) + Files.size(writeAheadLog));
            Scrape scrape = Scrape.of(crier);
            assertTrue(scrape.value("crier_log_file_bytes") > 50_000, scrape.text());
            assertTrue(scrape.value("crier_log_write_seconds_sum{outcome=\"stored\"}") > 0);
        }
    }

    @Test
    void theDelayOfEveryEventLoopIsMeasured() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            Eventually.until(
                    "a delay is recorded", () -> Scrape.of(crier).value("crier_event_loop_delay_seconds_count") > 0);
        }
    }

    @Test
    void theManagementListenerAnswersInTheFormatThatTheRequestAccepts() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            String openMetrics = response(crier, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
            assertTrue(
                    openMetrics.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"));
            assertTrue(response(crier, "*/*").contains("content-type: text/plain; version=0.0.4; charset=utf-8"));
        }
    }

    private static String response(RunningCrier crier, String accept) throws IOException {
        try (var client =
                RawClient.request(crier.managementPort(), "GET /metrics", "Accept: " + accept, "Connection: close")) {
            return client.rest();
        }
    }
}
