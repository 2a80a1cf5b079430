package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client whose connection breaks again and again receives each event of all its channels once, in one order. */
class SubscribeSetResumeTest {

    private static final int EVENTS = 3_000;
    private static final String CHANNELS =
            "channel=/news&channel=/ä b&channel=/orders/:id&channel=/state&channel=/prices/:id"
                    .replace("ä b", "%C3%A4+b");
    private static final String LAST = "the last";

    private final Random random = new Random(1);

    /** The data of the events that the client must receive, by id and channel: all of the channels that keep events. */
    private final Map<String, String> published = new LinkedHashMap<>();

    /** The newest event of each channel that keeps the latest. */
    private final Map<String, String> latest = new LinkedHashMap<>();

    private final Map<String, String> received = new LinkedHashMap<>();
    private String lastId = "";

    private static RunningCrier crier(String store, Path folder) throws Exception {
        var events = new JsonObject().put("keep", new JsonObject().put("events", 10_000));
        return new RunningCrier(new JsonObject()
                .put(
                        "log",
                        new JsonObject()
                                .put("store", store)
                                .put("file", folder.resolve("crier.db").toString()))
                .put(
                        "channels",
                        new JsonObject()
                                .put("/news", events)
                                .put("/ä b", events)
                                .put("/orders/:id", events)
                                .put("/other", events)
                                .put("/state", new JsonObject())
                                .put("/prices/:id", new JsonObject())));
    }

    private void publishAll(RunningCrier crier) {
        var channels = new Random(2);
        try {
            for (int i = 0; i < EVENTS; i++) {
                publish(crier, channels.nextInt(6), String.valueOf(i));
            }
            publish(crier, 0, LAST);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void publish(RunningCrier crier, int kind, String data) throws Exception {
        String channel = switch (kind) {
            case 0 -> "/news";
            case 1 -> "/ä b";
            case 2 -> "/orders/" + data.charAt(data.length() - 1);
            case 3 -> "/state";
            case 4 -> "/prices/" + data.charAt(data.length() - 1);
            default -> "/other";
        };
        String id = crier.publish(channel, data) + " " + channel.replace("ä b", "%C3%A4%20b");
        if (kind < 3) {
            published.put(id, data);
        } else if (kind < 5) {
            latest.put(channel, id);
        }
    }

    /** Sends one of the requests with the same meaning. Over HTTP/1.0, the stream has no chunks. */
    private RawClient connect(int port) throws Exception {
        var client = new RawClient(port);
        String position = random.nextBoolean() ? lastId : lastId.split(" ")[0];
        String query = "&lastEventId=" + URLEncoder.encode(position, StandardCharsets.UTF_8);
        String form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ";
        client.send(
                switch (random.nextInt(4)) {
                    case 0 -> "GET /events?" + CHANNELS + query + " HTTP/1.0\r\n\r\n";
                    case 1 -> "GET /events?" + CHANNELS + " HTTP/1.0\r\nLast-Event-ID: " + position + "\r\n\r\n";
                    case 2 ->
                        "POST /events HTTP/1.0\r\n" + form + (CHANNELS + query).length() + "\r\n\r\n" + CHANNELS
                                + query;
                    default ->
                        "POST /events?x=y" + query + " HTTP/1.0\r\n" + form + CHANNELS.length() + "\r\n\r\n" + CHANNELS;
                });
        assertTrue(client.head().get(0).endsWith(" 200 OK"));
        return client;
    }

    /** Returns whether this was the last event. */
    private boolean receive(String block) {
        String id = null;
        var data = new ArrayList<String>();
        boolean start = false;
        for (String line : block.split("\n")) {
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("data: ")) {
                data.add(line.substring(6));
            } else if (line.startsWith("event: ")) {
                assertEquals("event: crier.start", line);
                start = true;
            }
        }
        if (start) {
            assertTrue(lastId.isEmpty() || id.equals(lastId.split(" ")[0]), id + " after " + lastId);
        } else {
            assertTrue(position(lastId).isBefore(position(id)), id + " after " + lastId);
            received.put(id, String.join("\n", data));
        }
        lastId = id;
        return data.equals(List.of(LAST));
    }

    private static EventId position(String id) {
        return EventId.parse(id.split(" ")[0]).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite"})
    @Timeout(120)
    void eachEventArrivesOnceAndInOrder(String store, @TempDir Path folder) throws Exception {
        try (var crier = crier(store, folder)) {
            try (var first = connect(crier.port())) {
                receive(first.readThrough("\n\n"));
            }
            var publisher = CompletableFuture.runAsync(() -> publishAll(crier));
            int connections = 0;
            for (boolean last = false; !last; connections++) {
                try (var client = connect(crier.port())) {
                    for (int blocks = 1 + random.nextInt(60); blocks > 0 && !last; blocks--) {
                        last = receive(client.readThrough("\n\n"));
                    }
                }
            }
            publisher.join();
            assertTrue(connections > 10, connections + " connections");
            assertTrue(received.keySet().containsAll(latest.values()), "the newest of " + latest);
            received.keySet().removeIf(id -> id.endsWith(" /state") || id.contains(" /prices/"));
            assertEquals(List.copyOf(published.entrySet()), List.copyOf(received.entrySet()));
        }
    }
}
