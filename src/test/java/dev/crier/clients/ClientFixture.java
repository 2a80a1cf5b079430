package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

/** The traits of a client, and the configuration, publications and assertions that its tests share. */
abstract class ClientFixture {

    static final String TOKEN = "a-token-of-the-tests";

    private static final String START = "crier.start";
    static final String GAP = "crier.gap";
    private static final String END = "crier.end";

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    /** Starts the client. It listens for events without a type and for {@code crier.gap}. */
    abstract Closeable connect(URI stream, Consumer<Received> events) throws Exception;

    /** Returns the number of clients that subscribe together behind a proxy. */
    int manyClients() {
        return 1;
    }

    /** Starts {@link #manyClients} clients. If there are several, each replaces {@code CLIENT} in the URL by its number. */
    Closeable connectMany(URI stream, Consumer<Received> events) throws Exception {
        return connect(stream, events);
    }

    /**
     * Returns whether the client delivers the events of all types to one handler, which then sees {@code crier.start} and
     * {@code crier.end} too. A client with a handler for each type never delivers them.
     */
    abstract boolean showsEveryType();

    /**
     * Returns what the client delivers for a text. An event stream cannot tell line ends apart, so all of them become LF
     * (HTML standard, 9.2.6). A client that changes more overrides this method.
     */
    String delivered(String text) {
        return text.replace("\r\n", "\n").replace('\r', '\n');
    }

    /**
     * Returns whether the client stores an event id before the blank line has arrived. If the connection breaks between these
     * two bytes, the client resumes after an event that it has not delivered. No server can prevent that.
     */
    boolean storesIdBeforeTheBlankLine() {
        return false;
    }

    /** Returns the only origin whose pages may subscribe. */
    String origin() {
        return "http://no-pages-in-these-tests.example";
    }

    /** @param retention the number of events that a channel keeps */
    final JsonObject configuration(int retention) {
        return new JsonObject("""
                {
                  "host": "127.0.0.1",
                  "retry": "PT0.01S",
                  "cors": {"origins": ["%s"]},
                  "publish": {"tokens": ["%s"]},
                  "subscribe": {"path": null},
                  "channels": {
                    "/events": {"keep": {"events": %d}, "publish": true},
                    "/json": {"keep": {"events": %d}, "publish": true}
                  }
                }""".formatted(origin(), TOKEN, retention, retention));
    }

    /** Returns a configuration with a log on the disk, for a Crier that is restarted on this port. */
    final JsonObject durableConfiguration(int port) {
        return configuration(1_000_000).mergeIn(new JsonObject("""
                {
                  "port": %d,
                  "log": {"store": "sqlite", "file": "%s"},
                  "shutdown": {"drain": "PT0.2S"}
                }""".formatted(port, folder.resolve("crier.db"))), true);
    }

    static URI stream(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** Starts a client that fills the returned inbox. */
    final Inbox subscribe(int port, String path) throws Exception {
        var inbox = new Inbox();
        inbox.fillFrom(connect(stream(port, path), inbox));
        return inbox;
    }

    final void publish(int port, String channel, String mediaType, String body) throws Exception {
        var request = HttpRequest.newBuilder(stream(port, channel))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", mediaType)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        var response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertEquals(201, response.statusCode(), response.body());
    }

    final void publishNumbers(int port, int from, int to) throws Exception {
        for (int number = from; number <= to; number++) {
            publish(port, "/events", "text/plain", String.valueOf(number));
        }
    }

    static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
    }

    /** Publishes one more event, so that an unexpected event before it is noticed. */
    final void assertDelivered(List<String> expected, Inbox inbox, int port) throws Exception {
        publish(port, "/events", "text/plain", "the last");
        var all = new ArrayList<>(expected);
        all.add("the last");
        inbox.assertMessages(all);
        assertOnlyKnownTypes(inbox);
    }

    final void assertOnlyKnownTypes(Inbox inbox) {
        Set<String> types =
                showsEveryType() ? Set.of(Received.MESSAGE, START, GAP, END) : Set.of(Received.MESSAGE, GAP);
        for (Received event : inbox.events()) {
            assertTrue(types.contains(event.type()), () -> "unexpected type: " + event);
            if (event.type().equals(START) || event.type().equals(END)) {
                assertEquals("{}", event.data());
            }
        }
        assertEquals(showsEveryType(), !inbox.ofType(START).isEmpty(), "crier.start is delivered");
    }
}
