package dev.crier.clients;

import java.io.Closeable;
import java.net.URI;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract for a client in a page whose origin is not Crier's. */
abstract class PageClientContract extends ClientContract {

    static PageClients pages;

    private final String page;

    PageClientContract(String page) {
        this.page = page;
    }

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
    final Closeable connect(URI stream, Consumer<Received> events) {
        return pages.open(page, stream, events);
    }

    @Override
    final String origin() {
        return pages.origin();
    }
}
