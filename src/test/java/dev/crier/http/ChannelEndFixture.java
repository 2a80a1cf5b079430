package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.EndReason;
import dev.crier.event.Event;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A Crier with channels that can be ended, and what its clients receive. */
abstract class ChannelEndFixture {

    static final String RUN = "/runs/42";
    static final String TOKEN = "a-token-of-the-tests";

    @TempDir
    Path folder;

    /** Returns a configuration with the store, and with channels that can be ended. */
    final JsonObject configuration(String store) {
        return new JsonObject("""
                {
                  "http": {"h2c": true},
                  "management": {"port": 0},
                  "console": {"access": true},
                  "read": {"tokens": ["%s"]},
                  "log": {"store": "%s", "file": "%s"},
                  "channels": {
                    "/runs/:id": {"keep": {"events": 100000}, "ends": true},
                    "/short/:id": {"keep": {"age": "PT1S"}, "ends": true},
                    "/secret/:id": {"keep": {"events": 1000}, "ends": true, "read": "token"},
                    "/news": {"keep": {"events": 1000}}
                  }
                }""".formatted(TOKEN, store, folder.resolve("crier.db")));
    }

    /** Returns a configuration with which no periodic check ends a stream within the time of a test. */
    final JsonObject withoutChecks(String store) {
        return configuration(store)
                .put("heartbeat", "PT1H")
                .put("subscriber", new JsonObject().put("stallTimeout", "PT1H"));
    }

    /** Publishes this number of short events and the end, and returns the ids. */
    static List<String> publishText(RunningCrier crier, String channel, int events) throws Exception {
        var ids = new ArrayList<String>();
        for (int next = 0; next < events; next += 1_000) {
            var part = new ArrayList<Event>();
            for (int i = next; i < Math.min(events, next + 1_000); i++) {
                part.add(Event.of("token " + i + (i % 7 == 0 ? "\nand a second line" : "")));
            }
            ids.addAll(crier.publish(channel, part));
        }
        ids.addAll(crier.publish(channel, List.of(Event.end(EndReason.ENDED))));
        return ids;
    }

    static RawClient get(RunningCrier crier, String path, String... headers) throws IOException {
        return RawClient.request(crier.port(), "GET " + path, headers);
    }

    /** Reads a stream to its end, which also closes the connection. Returns its blocks without the start block. */
    static String text(RawClient client) throws IOException {
        try (client) {
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            var stream = new StringBuilder();
            for (String chunk = client.chunk(); !chunk.isEmpty(); chunk = client.chunk()) {
                stream.append(chunk);
            }
            assertEquals("", client.rest(), "the connection is still open");
            return stream.substring(stream.indexOf("\n\n") + 2);
        }
    }

    static String end(String id) {
        return "event: crier.end\ndata: {\"reason\":\"ended\"}\nid: " + id + "\n\n";
    }

    static String event(String id, String data) {
        return "data: " + data + "\nid: " + id + "\n\n";
    }
}
