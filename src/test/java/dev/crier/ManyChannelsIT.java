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

/** A page that reads a hundred channels at once, where HTTP/1.1 would let it read six. */
class ManyChannelsIT {

    private static final int CHANNELS = 100;

    /** Counts the streams that are open, and those that were given what is theirs. */
    private static final String READ_ALL = """
            window.open = new Set(); window.given = new Set();
            for (let i = 0; i < %d; i++) {
              const source = new EventSource("/many/" + i);
              source.onopen = () => window.open.add(i);
              source.onmessage = event => { if (event.data === "for " + i) window.given.add(i); };
            }
            """.formatted(CHANNELS);

    @Test
    void aPageReadsAHundredChannelsOverOneConnection(@TempDir Path folder) throws Exception {
        Pem pem = Pem.in(folder).write(Pem.certificate("localhost"));
        var conf = pem.conf().put("channels", new JsonObject().put("/many/:id", new JsonObject()));
        try (var browser = Browser.open();
                var crier = new RunningCrier(conf)) {
            browser.driver().get("https://localhost:" + crier.port() + "/news.html");
            browser.run(READ_ALL);
            Eventually.until(
                    "all are open", () -> browser.run("return window.open.size").equals((long) CHANNELS));
            assertEquals(CHANNELS, crier.subscribers());
            for (int i = 0; i < CHANNELS; i++) {
                crier.publish("/many/" + i, "for " + i);
            }
            Eventually.until(
                    "all are given",
                    () -> browser.run("return window.given.size").equals((long) CHANNELS));
            assertEquals("h2", browser.run("return performance.getEntriesByType('navigation')[0].nextHopProtocol"));
        }
    }
}
