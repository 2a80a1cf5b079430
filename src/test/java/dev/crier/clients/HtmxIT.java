package dev.crier.clients;

import java.io.Closeable;
import java.net.URI;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

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
}
