package dev.crier.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.Retention;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The channel {@code /channels} of the console. */
class ChannelTableTest {

    private static final JsonObject CONF = ConsoleClient.conf("""
        "read": {"tokens": ["read-token-123456"]},
        "channels": {
          "/news": {"keep": {"events": 100}, "publish": true, "ends": true},
          "/time": {"keep": "latest", "read": "token"},
          "/orders/:id": {"keep": {"age": "PT15M"}, "publish": true}
        }\
        """);

    private static JsonObject row(JsonObject event, String path) {
        return rows(event.getJsonArray("channels")).stream()
                .filter(row -> row.getString("path").equals(path))
                .findFirst()
                .orElseThrow();
    }

    private static List<JsonObject> rows(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    private static RawClient subscribe(RunningCrier crier, String path) throws Exception {
        var client = RawClient.request(crier.port(), "GET " + path);
        client.head();
        return client;
    }

    @Test
    void aRowHasTheDeclarationAndTheStateOfItsChannel() throws Exception {
        try (var crier = new RunningCrier(CONF);
                var channels = ConsoleClient.channels(crier);
                var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            crier.publish("/news", "one");
            String newest = crier.publish("/news", "two");
            JsonObject event = channels.await(any -> row(any, "/news").getInteger("kept") == 2
                    && row(any, "/news").getInteger("subscribers") == 1);
            assertEquals(
                    List.of("/news", "/orders/:id", "/time"),
                    rows(event.getJsonArray("channels")).stream()
                            .map(row -> row.getString("path"))
                            .toList());
            assertEquals("http://127.0.0.1:" + crier.port() + "/", event.getString("url"));
            JsonObject news = row(event, "/news");
            assertEquals(newest, news.getString("newest"));
            assertTrue(news.getLong("oldestMillis") > 1_700_000_000_000L);
            assertEquals("100 events", news.getString("keep"));
            assertEquals("anyone", news.getString("read"));
            assertTrue(news.getBoolean("publish") && news.getBoolean("ends"));
            assertFalse(news.getBoolean("family") || news.containsKey("members"));
            JsonObject time = row(event, "/time");
            assertEquals("latest", time.getString("keep"));
            assertEquals("token", time.getString("read"));
            assertEquals(0, time.getInteger("kept"));
            assertFalse(time.getBoolean("publish") || time.getBoolean("ends") || time.containsKey("oldestMillis"));
        }
    }

    @Test
    void theRateIsThatOfTheTimeSinceTheLastTable() throws Exception {
        try (var crier = new RunningCrier(CONF);
                var channels = ConsoleClient.channels(crier)) {
            channels.next();
            crier.publish("/news", "one");
            double rate = row(channels.await(any -> row(any, "/news").getDouble("publishedPerSecond") > 0), "/news")
                    .getDouble("publishedPerSecond");
            assertTrue(rate > 0.1 && rate <= 1.5, "rate: " + rate);
            channels.await(any -> row(any, "/news").getDouble("publishedPerSecond") == 0);
        }
    }

    @Test
    void aFamilyHasItsBusiestTenAndTheNumberOfAll() throws Exception {
        try (var crier = new RunningCrier(CONF);
                var channels = ConsoleClient.channels(crier)) {
            var subscribers = new ArrayList<RawClient>();
            for (int i = 0; i < 12; i++) {
                crier.publish("/orders/" + i, "new");
                subscribers.add(subscribe(crier, "/orders/" + i));
            }
            subscribers.add(subscribe(crier, "/orders/11"));
            subscribers.add(subscribe(crier, "/orders/7"));
            subscribers.add(subscribe(crier, "/orders/7"));
            subscribers.add(subscribe(crier, "/news"));
            JsonObject orders = row(
                    channels.await(any -> row(any, "/orders/:id").getInteger("members") == 12
                            && row(any, "/orders/:id").getInteger("subscribers") == 15),
                    "/orders/:id");
            List<JsonObject> busiest = rows(orders.getJsonArray("busiest"));
            assertEquals(10, busiest.size());
            assertEquals("/orders/7", busiest.get(0).getString("path"));
            assertEquals(3, busiest.get(0).getInteger("subscribers"));
            assertEquals("/orders/11", busiest.get(1).getString("path"));
            assertEquals(1, busiest.get(2).getInteger("subscribers"));
            assertEquals(1, busiest.get(0).getInteger("kept"));
            assertEquals("15 minutes", orders.getString("keep"));
            for (RawClient subscriber : subscribers) {
                subscriber.close();
            }
        }
    }

    @Test
    void aBusyChannelWithoutSubscribersIsAmongTheBusiest() throws Exception {
        try (var crier = new RunningCrier(CONF);
                var channels = ConsoleClient.channels(crier)) {
            long publishing = crier.vertx()
                    .setPeriodic(
                            50,
                            id -> crier.vertx()
                                    .eventBus()
                                    .send(
                                            "crier.publish",
                                            new JsonObject()
                                                    .put("channel", "/orders/5")
                                                    .put("data", "x")));
            JsonObject seen = channels.await(
                    any -> !row(any, "/orders/:id").getJsonArray("busiest").isEmpty());
            crier.vertx().cancelTimer(publishing);
            JsonObject busy =
                    rows(row(seen, "/orders/:id").getJsonArray("busiest")).get(0);
            assertEquals("/orders/5", busy.getString("path"));
            assertTrue(busy.getDouble("publishedPerSecond") >= 1);
        }
    }

    @Test
    void anUnchangedTableIsNotPublishedAgain() throws Exception {
        try (var crier = new RunningCrier(CONF);
                var channels = ConsoleClient.channels(crier);
                var stats = ConsoleClient.stats(crier)) {
            long first = channels.next().getLong("time");
            for (int i = 0; i < 4; i++) {
                stats.next();
            }
            crier.publish("/news", "one");
            JsonObject next = channels.next();
            assertTrue(next.getLong("time") - first > 2_000, "only the change is published");
            assertEquals(1, row(next, "/news").getInteger("kept"));
        }
    }

    @Test
    void whileNobodyWatchesNoTableIsComputed() throws Exception {
        try (var crier = new RunningCrier(CONF)) {
            long began = System.nanoTime();
            Eventually.until("two samples", () -> System.nanoTime() - began > 2_200_000_000L);
            try (var kept = new ConsoleClient(crier.managementPort(), "/console/channels?lastEventId=earliest")) {
                long asked = System.currentTimeMillis();
                assertTrue(
                        kept.next().getLong("time") >= asked - 100,
                        "the first table is computed for the first console");
            }
        }
    }

    @Test
    void theFileIsAskedWhatMemoryDoesNotKnow(@TempDir Path folder) throws Exception {
        var log = new JsonObject()
                .put("store", "sqlite")
                .put("file", folder.resolve("crier.db").toString())
                .put("memoryBytes", 1 << 20);
        try (var crier = new RunningCrier(CONF.copy().put("log", log));
                var channels = ConsoleClient.channels(crier)) {
            crier.publish("/news", "x".repeat(20_000));
            JsonObject first = row(channels.await(any -> row(any, "/news").getInteger("kept", -1) == 1), "/news");
            for (int i = 0; i < 60; i++) {
                crier.publish("/news", "x".repeat(20_000));
            }
            channels.await(any -> !row(any, "/news").containsKey("kept"));
            JsonObject news = row(channels.await(any -> row(any, "/news").getInteger("kept", -1) == 61), "/news");
            assertEquals(first.getLong("oldestMillis"), news.getLong("oldestMillis"));
            assertFalse(news.containsKey("keptIsCut"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, PT0S, 1 event",
        "1000, PT0S, 1000 events",
        "0, P1D, 1 day",
        "0, PT15M, 15 minutes",
        "0, PT90M, 90 minutes",
        "0, PT1.5S, PT1.5S",
        "10, PT36H, 10 events of the last 36 hours"
    })
    void aRetentionIsDescribedInWords(int events, Duration age, String words) {
        assertEquals(
                words,
                ChannelTable.keep(new Retention.Events(
                        events == 0 ? Retention.Events.ANY_NUMBER : events,
                        age.isZero() ? Retention.Events.ANY_AGE : age)));
        assertEquals("latest", ChannelTable.keep(new Retention.Latest()));
    }
}
