package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.Eventually;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The events of one client, in the order in which it delivered them. */
final class Inbox implements Consumer<Received>, Closeable {

    private final List<Received> events = new ArrayList<>();
    private Closeable client;

    /** Closes the client with the inbox. */
    void filledBy(Closeable client) {
        this.client = client;
    }

    @Override
    public synchronized void accept(Received event) {
        events.add(event);
    }

    synchronized List<Received> events() {
        return List.copyOf(events);
    }

    /** The data of the events without a type: in these tests, of all that were published. */
    List<String> messages() {
        return events().stream().filter(Received::isMessage).map(Received::data).toList();
    }

    List<Received> ofType(String type) {
        return events().stream().filter(event -> event.type().equals(type)).toList();
    }

    /** Waits for as many messages, and fails unless they are exactly these. */
    void assertMessages(List<String> expected) throws Exception {
        Eventually.until(
                () -> expected.size() + " messages: " + events(),
                () -> messages().size() >= expected.size());
        assertEquals(expected, messages());
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
