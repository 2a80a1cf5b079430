package dev.crier.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each change of the other server is published once and in order, whatever restarts. */
@Timeout(120)
class RelayTest {

    private static final String ALL = "/live/changes?lastEventId=earliest";

    @TempDir
    private Path folder;

    private final Reader reader = new Reader();
    private StandIn upstream;

    @BeforeEach
    void start() throws Exception {
        upstream = new StandIn();
    }

    @AfterEach
    void stop() {
        upstream.close();
    }

    private Command relay() throws Exception {
        return Command.start(
                "relay",
                "java ",
                Map.of(
                        "https://stream.wikimedia.org/v2/stream/recentchange",
                        upstream.url(),
                        "data/relay.db",
                        folder.resolve("relay.db").toString()));
    }

    private static List<String> changes(int from, int to) {
        return IntStream.range(from, to).mapToObj(StandIn::data).toList();
    }

    private static List<String> data(List<Reader.Event> events) {
        return events.stream().map(Reader.Event::data).toList();
    }

    @Test
    void afterABrokenConnectionItGoesOnWhereItWas() throws Exception {
        try (var relay = relay()) {
            assertEquals("", upstream.awaitRequest(relay));
            upstream.publish(3);
            assertEquals(changes(0, 3), data(reader.events(relay.url(ALL), 3)));
            upstream.breakConnections();
            upstream.publish(2);
            assertEquals(StandIn.id(2), upstream.awaitRequest(relay));
            upstream.publish(2);
            assertEquals(changes(0, 7), data(reader.events(relay.url(ALL), 7)));
            assertEquals(403, reader.status(relay.url("/live/position")));
        }
    }

    @Test
    void afterARestartItGoesOnWhereItWasAndSoDoItsSubscribers() throws Exception {
        List<Reader.Event> before;
        try (var relay = relay()) {
            assertEquals("", upstream.awaitRequest(relay));
            upstream.publish(3);
            before = reader.events(relay.url(ALL), 3);
            relay.kill();
        }
        upstream.publish(2);
        try (var relay = relay()) {
            String id = upstream.awaitRequest(relay);
            assertTrue(List.of(StandIn.id(1), StandIn.id(2)).contains(id), id);
            assertEquals(changes(1, 5), data(reader.eventsAfter(before.get(0).id(), relay.url("/live/changes"), 4)));
            upstream.publish(2);
            assertEquals(changes(0, 7), data(reader.events(relay.url(ALL), 7)));
        }
    }
}
