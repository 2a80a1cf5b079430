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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is counted is what has happened, to the last byte; and what readers and publishers call things is nowhere in it. */
class MetricsTest {

    private static final String TOKEN = "a-token-of-the-tests";

    private static JsonObject conf() {
        return new JsonObject()
                .put("management", new JsonObject().put("port", 0))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put(
                        "channels",
                        new JsonObject()
                                .put("/orders/:id", events(1_000).put("publish", true))
                                .put("/few", events(2))
                                .put("/big", events(1_000))
                                .put("/state", new JsonObject().put("keep", "latest")));
    }

    private static JsonObject events(int count) {
        return new JsonObject().put("keep", new JsonObject().put("events", count));
    }

    private static void assertEventually(RunningCrier crier, double expected, String series) throws Exception {
        var last = new ArrayList<Double>();
        Eventually.until(() -> series + " is " + expected + ", but was " + last, () -> {
            last.clear();
            last.add(Scrape.of(crier).value(series));
            return last.get(0) == expected;
        });
    }

    private static RawClient join(RunningCrier crier, String path) throws IOException {
        var reader = RawClient.request(crier.port(), "GET " + path);
        reader.head();
        reader.chunk();
        return reader;
    }

    /** The bytes of so many events. */
    private static int read(RawClient reader, int events) throws IOException {
        int bytes = 0;
        for (int i = 0; i < events; i++) {
            String event = reader.readThrough("\n\n");
            // what frames a chunk ends with CRLF, which no event has; a chunk may have several
            int framing = event.lastIndexOf("\r\n");
            bytes += event.length() - (framing < 0 ? 0 : framing + 2);
        }
        return bytes;
    }

    @Test
    void eventsAreCountedByHowTheirChannelIsDeclared() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            var first = new ArrayList<RawClient>();
            for (int i = 0; i < 5; i++) {
                first.add(join(crier, "/orders/first-of-all"));
            }
            try (var second = join(crier, "/orders/second")) {
                for (int i = 0; i < 10; i++) {
                    crier.publish("/orders/first-of-all", "0123456789");
                }
                crier.publish("/orders/second", "\u00e9\u20ac");
                crier.publish("/state", "nobody reads it");
                int bytes = read(second, 1) + 3; // these two characters are five bytes
                for (RawClient reader : first) {
                    bytes += read(reader, 10);
                }
                Scrape scrape = Scrape.of(crier);
                assertEquals(11, scrape.value("crier_published_events_total{channel=\"/orders/:id\"}"));
                assertEquals(105, scrape.value("crier_published_bytes_total{channel=\"/orders/:id\"}"));
                assertEquals(1, scrape.value("crier_published_events_total{channel=\"/state\"}"));
                assertEquals(0, scrape.value("crier_delivered_events_total{channel=\"/state\"}"));
                assertEquals(0, scrape.value("crier_published_events_total{channel=\"/few\"}"));
                assertEquals(6, scrape.value("crier_subscribers{channel=\"/orders/:id\"}"));
                assertEquals(6, scrape.value("crier_connections"));
                // it is told when the walk is over, which the last reader may be ahead of
                assertEventually(crier, 51, "crier_delivered_events_total{channel=\"/orders/:id\"}");
                scrape = Scrape.of(crier);
                assertEquals(bytes, scrape.value("crier_delivered_bytes_total{channel=\"/orders/:id\"}"));
                double walks = scrape.value("crier_delivery_delay_seconds_count{channel=\"/orders/:id\"}");
                assertTrue(walks >= 2 && walks <= 51, "walks that delivered: " + walks);
                assertFalse(scrape.text().contains("first-of-all"));
            }
            for (RawClient reader : first) {
                reader.close();
            }
            assertEventually(crier, 0, "crier_subscribers{channel=\"/orders/:id\"}");
            assertEventually(crier, 0, "crier_connections");
            assertEquals(6, Scrape.of(crier).value("crier_streams_ended_total{reason=\"left\"}"));
        }
    }

    @Test
    void whatIsReplayedIsDeliveredTooButSaysNothingOfDelay() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            for (int i = 0; i < 3; i++) {
                crier.publish("/orders/1", "x");
            }
            try (var reader = RawClient.request(crier.port(), "GET /orders/1?lastEventId=earliest")) {
                reader.head();
                read(reader, 4); // its place, and three
            }
            assertEventually(crier, 3, "crier_delivered_events_total{channel=\"/orders/:id\"}");
            assertEquals(0, Scrape.of(crier).value("crier_delivery_delay_seconds_count{channel=\"/orders/:id\"}"));
        }
    }

    @Test
    void eachReaderThatIsToldOfAGapCounts() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            String first = crier.publish("/few", "1");
            for (int i = 0; i < 4; i++) {
                crier.publish("/few", "12345");
            }
            for (String asked : List.of(first, "whatever-it-is")) {
                try (var reader = RawClient.request(crier.port(), "GET /few", "Last-Event-ID: " + asked)) {
                    reader.head();
                    assertTrue(reader.readThrough("\n\n").contains("crier.gap"));
                    read(reader, 2);
                }
            }
            assertEventually(crier, 2, "crier_gaps_total{channel=\"/few\"}");
            Scrape scrape = Scrape.of(crier);
            assertEquals(4, scrape.value("crier_delivered_events_total{channel=\"/few\"}"));
            assertEquals(2, scrape.value("crier_log_entries"));
            double bytes = scrape.value("crier_log_memory_bytes");
            assertTrue(bytes > 2 * 160 && bytes < 3_000, "two events and what there is of their channel: " + bytes);
            assertEquals(0, scrape.value("crier_log_file_bytes"));
            assertEquals(5, scrape.value("crier_log_write_seconds_count{outcome=\"stored\"}"));
            assertFalse(scrape.text().contains("whatever-it-is"));
        }
    }

    @Test
    void aReaderLagsUntilItHasTakenAll() throws Exception {
        try (var crier = new RunningCrier(conf().put("heartbeat", "PT0.4S"));
                var slow = RawClient.slow(crier.port());
                var fast = join(crier, "/big")) {
            slow.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
            slow.head();
            slow.chunk();
            for (int i = 0; i < 400; i++) {
                crier.publish("/big", "x".repeat(60_000));
            }
            read(fast, 400);
            assertEventually(crier, 1, "crier_lagging_subscribers{channel=\"/big\"}");
            double lag = Scrape.of(crier).value("crier_lag_seconds{channel=\"/big\"}");
            Eventually.until("it grows", () -> Scrape.of(crier).value("crier_lag_seconds{channel=\"/big\"}") > lag);
            read(slow, 400);
            assertEventually(crier, 0, "crier_lagging_subscribers{channel=\"/big\"}");
            assertEquals(0, Scrape.of(crier).value("crier_lag_seconds{channel=\"/big\"}"));
            assertEventually(crier, 800, "crier_delivered_events_total{channel=\"/big\"}");
        }
    }

    @Test
    void aReaderThatIsGivenUpIsNoneThatLeft() throws Exception {
        var conf = conf().put("subscriber", new JsonObject().put("stallTimeout", "PT0.5S"));
        try (var crier = new RunningCrier(conf);
                var stalled = RawClient.slow(crier.port())) {
            stalled.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
            stalled.head();
            for (int i = 0; i < 400; i++) {
                crier.publish("/big", "x".repeat(60_000));
            }
            assertEventually(crier, 1, "crier_streams_ended_total{reason=\"stalled\"}");
            assertEventually(crier, 0, "crier_connections");
            Scrape scrape = Scrape.of(crier);
            assertEquals(0, scrape.value("crier_streams_ended_total{reason=\"left\"}"));
            assertEquals(0, scrape.value("crier_subscribers{channel=\"/big\"}"));
            assertEquals(0, scrape.value("crier_lagging_subscribers{channel=\"/big\"}"));
        }
    }

    private static String status(RunningCrier crier, String requestLine, String... headers) throws IOException {
        try (var client = RawClient.request(crier.port(), requestLine, headers)) {
            return client.head().get(0).split(" ")[1];
        }
    }

    @Test
    void refusalsAreCountedByTheirStatus() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            assertEquals("404", status(crier, "GET /metrics"), "the numbers are no matter of the world's");
            assertEquals("404", status(crier, "GET /whatever-it-is"));
            assertEquals("401", status(crier, "POST /orders/1", "Content-Length: 0"));
            assertEquals("405", status(crier, "PUT /orders/1"));
            assertEquals("431", status(crier, "GET /few", "X: " + "x".repeat(20_000)));
            assertEquals("201", status(crier, "POST /orders/1", "Authorization: Bearer " + TOKEN, "Content-Length: 0"));
            Scrape scrape = Scrape.of(crier);
            assertEquals(2, scrape.value("crier_refusals_total{status=\"404\"}"));
            assertEquals(1, scrape.value("crier_refusals_total{status=\"401\"}"));
            assertEquals(1, scrape.value("crier_refusals_total{status=\"405\"}"));
            assertEquals(1, scrape.value("crier_refusals_total{status=\"431\"}"));
            assertEquals(0, scrape.value("crier_refusals_total{status=\"503\"}"));
            assertFalse(scrape.text().contains("whatever-it-is"));
            assertFalse(scrape.text().contains(TOKEN));
        }
    }

    @Test
    void theFileOfTheLogHasASize(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("crier.db");
        Path ahead = folder.resolve("crier.db-wal");
        var sqlite = new JsonObject().put("store", "sqlite").put("file", file.toString());
        try (var crier = new RunningCrier(conf().put("log", sqlite))) {
            crier.publish("/big", "x".repeat(50_000));
            Eventually.until(
                    "both files count",
                    () -> Scrape.of(crier).value("crier_log_file_bytes") == Files.size(file) + Files.size(ahead));
            Scrape scrape = Scrape.of(crier);
            assertTrue(scrape.value("crier_log_file_bytes") > 50_000, scrape.text());
            assertEquals(1, scrape.value("crier_log_write_seconds_count{outcome=\"stored\"}"));
            assertTrue(scrape.value("crier_log_write_seconds_sum{outcome=\"stored\"}") > 0);
        }
    }

    private static String answer(RunningCrier crier, String accept) throws IOException {
        try (var client =
                RawClient.request(crier.managementPort(), "GET /metrics", "Accept: " + accept, "Connection: close")) {
            return client.rest();
        }
    }

    @Test
    void itIsToldInTheFormatThatIsAskedFor() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            String openMetrics = answer(crier, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
            assertTrue(
                    openMetrics.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"));
            assertTrue(openMetrics.endsWith("# EOF\n"));
            String binary = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily";
            for (String accept : List.of("*/*", "text/html", binary)) {
                String plain = answer(crier, accept);
                assertTrue(plain.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), accept);
                assertFalse(plain.contains("# EOF"));
            }
        }
    }

    @Test
    void howLateEventLoopsAreIsSeenAllTheTime() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            double seen = Scrape.of(crier).value("crier_event_loop_delay_seconds_count");
            Eventually.until(
                    "it is seen again and again",
                    () -> Scrape.of(crier).value("crier_event_loop_delay_seconds_count") > seen + 100);
        }
    }
}
