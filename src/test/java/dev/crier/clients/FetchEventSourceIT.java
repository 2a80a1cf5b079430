package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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

    /** The client loses empty lines at the beginning, and a byte order mark at the beginning of any line. */
    @Override
    String delivered(String text) {
        return super.delivered(text).replaceFirst("^\n+", "").replaceAll("(?md)^\uFEFF", "");
    }

    @Test
    void aPageOfAnyOriginReadsWithATokenAfterAPreflight() throws Exception {
        JsonObject conf = conf(1_000)
                .put("cors", new JsonObject().put("origins", new JsonArray().add("*")))
                .put("read", new JsonObject().put("tokens", new JsonArray().add(TOKEN)));
        conf.getJsonObject("channels").getJsonObject("/events").put("read", "token");
        var inbox = new Inbox();
        try (var crier = new RunningCrier(conf);
                var proxy = new CuttingProxy(crier.port());
                inbox) {
            publishNumbers(crier.port(), 1, 3);
            var stream = URI.create("http://127.0.0.1:" + proxy.port() + "/events?lastEventId=earliest");
            inbox.filledBy(pages.open("fetch-event-source.html?token=" + TOKEN, stream, inbox));
            inbox.assertMessages(numbers(1, 3));
            assertEquals(List.of("OPTIONS", "GET"), proxy.requests());
        }
    }
}
