package dev.crier.testing;

import dev.crier.event.Event;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Serves the page of the console, with channels to which the tests publish the numbers that Crier would measure. */
public final class ConsoleStandIn implements AutoCloseable {

    public static final String TOKEN = "a-token-of-the-tests";

    private static final Path PAGE = Path.of("target", "classes", "console");
    private static final String STATS = "/console/stats";

    private final RunningCrier crier;

    /**
     * @param folder gets a copy of the page
     * @param read who may read the numbers
     */
    public ConsoleStandIn(Path folder, int port, String read) throws Exception {
        crier = new RunningCrier(new JsonObject("""
                {
                  "port": %d,
                  "webroot": "%s",
                  "publish": {"tokens": ["%4$s"]},
                  "read": {"tokens": ["%4$s"]},
                  "channels": {
                    "/console/stats": {"keep": {"age": "PT15M"}, "read": "%3$s"},
                    "/console/channels": {"keep": "latest", "read": "%3$s"},
                    "/console/login": {"keep": "latest", "publish": true},
                    "/console/log/news": {"keep": {"events": 1000}, "publish": true},
                    "/console/log/price": {"keep": "latest"},
                    "/console/log/builds/:id": {"keep": {"events": 10000}, "ends": true, "publish": true}
                  }
                }""".formatted(port, copyPage(folder), read, TOKEN)));
    }

    private static Path copyPage(Path folder) throws IOException {
        Path webroot = folder.resolve("webroot");
        Path console = Files.createDirectories(webroot.resolve("console"));
        try (Stream<Path> files = Files.list(PAGE)) {
            for (Path file : files.toList()) {
                Path copy = console.resolve(file.getFileName());
                if (!Files.exists(copy)) {
                    Files.copy(file, copy);
                }
            }
        }
        return webroot;
    }

    public RunningCrier crier() {
        return crier;
    }

    public int port() {
        return crier.port();
    }

    /** Returns what Crier reports at this time if it is idle. */
    public static JsonObject stats(long time) {
        return new JsonObject("""
                {
                  "upMillis": 120000, "version": "1.0", "subscribers": 1, "connections": 2, "maxConnections": 100,
                  "published": 0, "delivered": 0, "lagging": 0, "lagMillis": 0, "gaps": 0, "ended": {}, "refused": {},
                  "log": {"store": "memory", "memoryBytes": 1024, "maxMemoryBytes": 4096, "available": true},
                  "jvm": {"heapBytes": 1048576, "maxHeapBytes": 4194304, "gcMillis": 0, "loopDelay": {"p99": 0.5, "max": 1}},
                  "problems": []
                }""").put("time", time);
    }

    /** Publishes these numbers at once. */
    public void publish(List<JsonObject> stats) throws Exception {
        crier.publish(
                STATS, stats.stream().map(JsonObject::encode).map(Event::of).toList());
    }

    /** Publishes the numbers of these seconds, the last of which is now. The number of subscribers rises by one in each. */
    public void publishSeconds(int seconds, int firstSubscribers) throws Exception {
        long now = System.currentTimeMillis();
        var all = new ArrayList<JsonObject>();
        for (int i = 0; i < seconds; i++) {
            all.add(stats(now - (seconds - 1 - i) * 1_000L).put("subscribers", firstSubscribers + i));
        }
        publish(all);
    }

    /** Publishes the table of channels. */
    public void publishChannels(JsonObject... channels) throws Exception {
        crier.publish(
                "/console/channels",
                new JsonObject()
                        .put("time", System.currentTimeMillis())
                        .put("url", "http://localhost:3000/")
                        .put("channels", new JsonArray(List.of(channels)))
                        .encode());
    }

    /** Returns a row of that table. */
    public static JsonObject channel(String path, String keep) {
        return new JsonObject()
                .put("path", path)
                .put("family", path.contains(":"))
                .put("subscribers", 3)
                .put("publishedPerSecond", 1.5)
                .put("keep", keep)
                .put("publish", true)
                .put("read", "anyone")
                .put("ends", false);
    }

    @Override
    public void close() throws TimeoutException {
        crier.close();
    }
}
