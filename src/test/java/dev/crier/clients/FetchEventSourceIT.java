package dev.crier.clients;

import java.io.Closeable;
import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** {@code @microsoft/fetch-event-source}, in a page of another origin, whose every request needs a preflight. */
class FetchEventSourceIT extends ClientContract {

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
        return pages.open("fetch-event-source.html", stream, events);
    }

    @Override
    String origin() {
        return pages.origin();
    }

    @Override
    boolean showsEveryType() {
        return true;
    }

    @Override
    boolean takesIdBeforeTheBlankLine() {
        return true;
    }

    /** It loses empty lines at the beginning, and a byte order mark at the beginning of any line. */
    @Override
    Map<OddText, String> changedTexts() {
        return Map.of(OddText.ONLY_LF, "", OddText.LEADING_LF, "a", OddText.BOM, "a\nb");
    }
}
