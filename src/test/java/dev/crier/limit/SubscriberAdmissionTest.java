package dev.crier.limit;

import static dev.crier.limit.LimitsFixture.close;
import static dev.crier.limit.LimitsFixture.crier;
import static dev.crier.limit.LimitsFixture.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Threat: a client takes the place of other subscribers by opening many streams. */
class SubscriberAdmissionTest {

    @Test
    void subscribersAreLimitedInAll() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribers", 2))) {
            var subscribers = new ArrayList<RawClient>();
            assertEquals("200", subscribe(crier, subscribers));
            assertEquals("200", subscribe(crier, subscribers));
            assertEquals("503", subscribe(crier, subscribers));
            subscribers.remove(0).close();
            Eventually.until("one has left", () -> crier.subscribers() == 1);
            Eventually.until(
                    "another is admitted", () -> subscribe(crier, subscribers).equals("200"));
            close(subscribers);
        }
    }

    @Test
    void subscribersAreLimitedForEachAddress() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribersPerAddress", 2))) {
            var subscribers = new ArrayList<RawClient>();
            assertEquals("200", subscribe(crier, subscribers));
            assertEquals("200", subscribe(crier, subscribers));
            try (var third =
                    RawClient.request(crier.port(), "GET /news", "X-Forwarded-For: 192.0.2.1", "Connection: close")) {
                List<String> head = third.head();
                assertEquals("HTTP/1.1 429 Too Many Requests", head.get(0), "the header of a client is not believed");
                assertEquals("5", third.header(head, "Retry-After").orElseThrow());
                assertTrue(third.rest().contains("limits.subscribersPerAddress"));
            }
            subscribers.remove(0).reset();
            Eventually.until("one has left", () -> crier.subscribers() == 1);
            Eventually.until(
                    "another is admitted", () -> subscribe(crier, subscribers).equals("200"));
            close(subscribers);
        }
    }

    /** {@link ClientAddressTest} has all forms of the headers. */
    @Test
    void subscribersBehindATrustedProxyAreCountedByTheirOwnAddress() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribersPerAddress", 1), "127.0.0.0/8")) {
            var open = new ArrayList<RawClient>();
            assertEquals("200", subscribe(crier, open, "X-Forwarded-For: 192.0.2.1"));
            assertEquals("429", subscribe(crier, open, "Forwarded: for=192.0.2.1"));
            assertEquals("200", subscribe(crier, open, "X-Forwarded-For: 2001:db8::1"));
            assertEquals("429", subscribe(crier, open, "X-Forwarded-For: 2001:db8::2"), "the same network");
            close(open);
        }
    }
}
