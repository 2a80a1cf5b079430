package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code @microsoft/fetch-event-source}. Each of its requests needs a preflight. */
class FetchEventSourceIT extends PageClientContract {

    private static final String PAGE = "fetch-event-source.html";

    FetchEventSourceIT() {
        super(PAGE);
    }

    @Override
    boolean showsEveryType() {
        return true;
    }

    @Override
    boolean storesIdBeforeTheBlankLine() {
        return true;
    }

    /** The client loses empty lines at the beginning, and a byte order mark at the beginning of any line. */
    @Override
    String delivered(String text) {
        return super.delivered(text).replaceFirst("^\n+", "").replaceAll("(?md)^\uFEFF", "");
    }

    @Test
    void aPageOfAnyOriginSubscribesWithATokenAfterAPreflight() throws Exception {
        JsonObject configuration = configuration(1_000).mergeIn(new JsonObject("""
                {
                  "cors": {"origins": ["*"]},
                  "read": {"tokens": ["%s"]},
                  "channels": {"/events": {"read": "token"}}
                }""".formatted(TOKEN)), true);
        var inbox = new Inbox();
        try (var crier = new RunningCrier(configuration);
                var proxy = new CuttingProxy(crier.port());
                inbox) {
            publishNumbers(crier.port(), 1, 3);
            var stream = URI.create("http://127.0.0.1:" + proxy.port() + "/events?lastEventId=earliest");
            inbox.fillFrom(pages.open(PAGE + "?token=" + TOKEN, stream, inbox));
            inbox.assertMessages(numbers(1, 3));
            assertEquals(List.of("OPTIONS", "GET"), proxy.requests());
        }
    }
}
