package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.Browser;
import dev.crier.testing.Eventually;
import dev.crier.testing.Pem;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over HTTP/2, a page can subscribe to a hundred channels. Over HTTP/1.1, a browser allows six. */
class ManyChannelsIT {

    private static final int CHANNELS = 100;

    /** Collects the streams that are open, and those that have received their own event. */
    private static final String SUBSCRIBE_TO_ALL = """
            window.open = new Set(); window.received = new Set();
            for (let i = 0; i < %d; i++) {
              const source = new EventSource("/many/" + i);
              source.onopen = () => window.open.add(i);
              source.onmessage = event => { if (event.data === "for " + i) window.received.add(i); };
            }
            """.formatted(CHANNELS);

    @Test
    void aPageSubscribesToAHundredChannelsOverOneConnection(@TempDir Path folder) throws Exception {
        Pem pem = Pem.in(folder).write(Pem.certificate("localhost"));
        var configuration = pem.conf().put("channels", new JsonObject().put("/many/:id", new JsonObject()));
        try (var browser = Browser.open();
                var crier = new RunningCrier(configuration)) {
            browser.driver().get("https://localhost:" + crier.port() + "/news.html");
            browser.run(SUBSCRIBE_TO_ALL);
            Eventually.until(
                    "all are open", () -> browser.run("return window.open.size").equals((long) CHANNELS));
            assertEquals(CHANNELS, crier.subscribers());
            for (int i = 0; i < CHANNELS; i++) {
                crier.publish("/many/" + i, "for " + i);
            }
            Eventually.until(
                    "all have received their event",
                    () -> browser.run("return window.received.size").equals((long) CHANNELS));
            assertEquals("h2", browser.run("return performance.getEntriesByType('navigation')[0].nextHopProtocol"));
        }
    }
}
