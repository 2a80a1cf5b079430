package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RunningCrier;
import org.junit.jupiter.api.Test;

/** The {@code sse} extension of htmx. It always sends credentials. */
class HtmxIT extends PageClientContract {

    HtmxIT() {
        super("htmx.html");
    }

    @Override
    boolean showsEveryType() {
        return false;
    }

    @Test
    void thePageShowsOnlyPublishedEvents() throws Exception {
        try (var crier = new RunningCrier(configuration(1_000));
                var inbox = subscribe(crier.port(), "/events?lastEventId=earliest")) {
            publishNumbers(crier.port(), 1, 3);
            inbox.assertMessages(numbers(1, 3));
            assertEquals("123", pages.browser().run("return document.body.innerText.trim()"));
        }
    }
}
