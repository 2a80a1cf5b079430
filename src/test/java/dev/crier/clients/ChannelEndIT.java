package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StreamEvent;
import dev.crier.clients.CuttingProxy.Cut;
import dev.crier.event.Event;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients that reconnect by themselves, on a channel that ends while their connections break. Each delivers the whole text once,
 * and the end, and then sends no request any more.
 */
@Timeout(120)
class ChannelEndIT {

    private static final String RUN = "/runs/42";
    private static final String END = "crier.end";
    private static final String CLOSED = "closed";
    private static final int EVENTS = 400;
    private static final int CUTS = 12;

    /** How many times the client could have reconnected in the time of the heartbeats: more than a hundred. */
    private static final int HEARTBEATS = 15;

    private interface Client {
        Closeable connect(URI stream, Consumer<Received> events) throws Exception;
    }

    private static JsonObject configuration(String origin) {
        return new JsonObject("""
                {
                  "retry": "PT0.01S",
                  "heartbeat": "PT0.1S",
                  "cors": {"origins": ["%s"]},
                  "channels": {
                    "/runs/:id": {"keep": {"events": 10000}, "ends": true},
                    "/idle": {"keep": {"events": 10000}}
                  }
                }""".formatted(origin));
    }

    /** @param requests how many requests the client sends in all */
    private static void assertStops(int requests, String origin, Client client) throws Exception {
        try (var crier = new RunningCrier(configuration(origin));
                var proxy = new CuttingProxy(crier.port());
                var inbox = new Inbox()) {
            var streams = new AtomicInteger();
            proxy.cut(() -> cut(streams.getAndIncrement()));
            inbox.fillFrom(client.connect(URI.create("http://127.0.0.1:" + proxy.port() + RUN), inbox));
            for (int i = 1; i <= EVENTS; i++) {
                crier.publish(RUN, List.of(Event.of(String.valueOf(i))));
            }
            String end = crier.end(RUN);
            Eventually.until(
                    () -> "closed: " + inbox.events(),
                    () -> !inbox.ofType(CLOSED).isEmpty());
            awaitHeartbeats(crier.port());
            assertEquals(requests, proxy.requests().size());
            assertEquals(CUTS, proxy.cuts());
            inbox.assertMessages(
                    IntStream.rangeClosed(1, EVENTS).mapToObj(String::valueOf).toList());
            List<Received> ends = inbox.ofType(END);
            assertEquals(1, ends.size(), ends::toString);
            assertEquals("{\"reason\":\"ended\"}", ends.get(0).data());
            assertEquals(end, ends.get(0).id());
        }
    }

    private static Cut cut(int stream) {
        return stream < CUTS ? (bytes, last) -> bytes >= 200 + 71 * stream : Cut.NEVER;
    }

    /** Waits until an idle stream of the same server has got this number of heartbeats. */
    private static void awaitHeartbeats(int port) throws Exception {
        try (var idle = RawClient.request(port, "GET /idle")) {
            for (int i = 0; i < HEARTBEATS; i++) {
                idle.readThrough("\n:\n");
            }
        }
    }

    @Test
    void anEventSourceInChromiumStops() throws Exception {
        try (var pages = new PageClients()) {
            assertStops(CUTS + 2, pages.origin(), (stream, events) -> pages.open("event-source.html", stream, events));
        }
    }

    @Test
    void anEventSourceInNodeStops() throws Exception {
        String driver = Packages.npm().resolve("eventsource.mjs").toString();
        assertStops(
                CUTS + 2,
                "http://no-pages-in-these-tests.example",
                (stream, events) -> new ClientProcess(List.of("node", driver, stream.toString(), "1", END), event -> {
                    if (event.type().equals(CLOSED)) {
                        assertTrue(event.data().startsWith("204: "), event::toString);
                    }
                    events.accept(event);
                }));
    }

    /** With this error strategy, the client would reconnect after 204 too. So it closes when it receives the end. */
    @Test
    void anEventSourceOfOkHttpStopsAtTheEnd() throws Exception {
        assertStops(CUTS + 1, "http://no-pages-in-these-tests.example", OkHttpClient::new);
    }

    private static final class OkHttpClient implements Closeable {

        private final EventSource source;

        OkHttpClient(URI stream, Consumer<Received> events) {
            source = new EventSource.Builder(ConnectStrategy.http(stream))
                    .errorStrategy(ErrorStrategy.alwaysContinue())
                    .retryDelay(10, TimeUnit.MILLISECONDS)
                    .build();
            var reader = new Thread(() -> read(events), "okhttp-eventsource");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(Consumer<Received> events) {
            for (StreamEvent event : source.anyEvents()) {
                if (event instanceof MessageEvent message) {
                    String type = message.getEventName();
                    events.accept(Received.of(type, message.getData(), message.getLastEventId()));
                    if (type.equals(END) && new JsonObject(message.getData()).containsKey("reason")) {
                        break;
                    }
                }
            }
            source.close();
            events.accept(Received.of(CLOSED, "", ""));
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
