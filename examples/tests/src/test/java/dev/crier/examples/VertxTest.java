package dev.crier.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class VertxTest {

    @Test
    void whatIsPostedToTheApplicationIsPublished() throws Exception {
        try (var application = Command.start("vertx", "java ")) {
            var client = new Reader();
            assertEquals(200, client.post(application.url("/news"), "Hello"));
            List<Reader.Event> events = client.events(application.url("/live/news?lastEventId=earliest"), 1);
            assertEquals("Hello", events.get(0).data());
        }
    }
}
