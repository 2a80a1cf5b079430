package dev.crier.console;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Reads an event stream of the console as its page does. */
final class ConsoleClient implements AutoCloseable {

    private final RawClient client;

    ConsoleClient(int managementPort, String target, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.add("Accept: text/event-stream");
        client = RawClient.request(managementPort, "GET " + target, all.toArray(String[]::new));
        List<String> head = client.head();
        if (!head.get(0).equals("HTTP/1.1 200 OK")) {
            throw new AssertionError(head);
        }
    }

    /** Returns the configuration of a Crier with a console. */
    static JsonObject conf(String... members) {
        var conf = new JsonObject("""
            {"management": {"port": 0, "console": true}}\
            """);
        for (String member : members) {
            conf.mergeIn(new JsonObject("{" + member + "}"), true);
        }
        return conf;
    }

    static ConsoleClient stats(RunningCrier crier) throws Exception {
        return new ConsoleClient(crier.managementPort(), "/console/stats");
    }

    static ConsoleClient channels(RunningCrier crier) throws Exception {
        return new ConsoleClient(crier.managementPort(), "/console/channels");
    }

    /** Returns the lines of the next block: an event, or a comment. */
    List<String> block() throws Exception {
        String block = "";
        while (block.isBlank()) {
            block = client.readThrough("\n\n");
        }
        return block.lines()
                .filter(line -> !line.isBlank() && !line.matches("[0-9a-f]+\r?"))
                .toList();
    }

    /** Returns the data of the next event without a type. */
    JsonObject next() throws Exception {
        for (int i = 0; i < 60; i++) {
            List<String> block = block();
            boolean typed = block.stream().anyMatch(line -> line.startsWith("event:"));
            for (String line : block) {
                if (!typed && line.startsWith("data: ")) {
                    return new JsonObject(line.substring(6));
                }
            }
        }
        throw new AssertionError("60 blocks without an event");
    }

    /** Returns the first event from now on that is as expected. */
    JsonObject await(Predicate<JsonObject> expected) throws Exception {
        JsonObject event = next();
        for (int i = 0; i < 60; i++) {
            if (expected.test(event)) {
                return event;
            }
            event = next();
        }
        throw new AssertionError("not within 60 events, the last one is " + event);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
