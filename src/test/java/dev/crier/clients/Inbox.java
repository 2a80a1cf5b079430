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

    /** Has this client closed together with the inbox. */
    void fillFrom(Closeable client) {
        this.client = client;
    }

    @Override
    public synchronized void accept(Received event) {
        events.add(event);
    }

    synchronized List<Received> events() {
        return List.copyOf(events);
    }

    /** Returns the data of the events without a type, which are the published events of these tests. */
    List<String> messages() {
        return events().stream().filter(Received::isMessage).map(Received::data).toList();
    }

    List<Received> ofType(String type) {
        return events().stream().filter(event -> event.type().equals(type)).toList();
    }

    /** Waits for this number of messages and expects exactly these. */
    void assertMessages(List<String> expected) throws Exception {
        Eventually.until(
                () -> expected.size() + " messages: " + events(),
                () -> messages().size() >= expected.size());
        assertEquals(expected, messages());
    }

    @Override
    public void close() throws IOException {
        if (client != null) {
            client.close();
        }
    }
}
