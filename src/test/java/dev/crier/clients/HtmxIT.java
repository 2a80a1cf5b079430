package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RunningCrier;
import java.io.Closeable;
import java.net.URI;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** htmx's extension {@code sse}, in a page of another origin; it always sends credentials. */
class HtmxIT extends ClientContract {

    private static PageClients pages;

    @BeforeAll
    static void open() throws Exception {
        pages = new PageClients();
    }

    @AfterAll
    static void close() {
        if (pages != null) {
            pages.close();
        }
    }

    @Override
    Closeable connect(URI stream, Consumer<Received> events) {
        return pages.open("htmx.html", stream, events);
    }

    @Override
    String origin() {
        return pages.origin();
    }

    @Override
    boolean showsEveryType() {
        return false;
    }

    @Test
    void thePageShowsOnlyPublishedEvents() throws Exception {
        try (var crier = new RunningCrier(conf(1_000));
                var inbox = read(crier.port(), "/events?lastEventId=earliest")) {
            publishNumbers(crier.port(), 1, 3);
            inbox.assertMessages(numbers(1, 3));
            assertEquals("123", pages.browser().run("return document.body.innerText.trim()"));
        }
    }
}
