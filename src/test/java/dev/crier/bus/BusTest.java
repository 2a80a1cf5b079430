package dev.crier.bus;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BusTest {

    private RunningCrier crier;

    @BeforeEach
    void start() throws Exception {
        crier = RunningCrier.withChannel("/news");
    }

    @AfterEach
    void stop() throws Exception {
        crier.close();
    }

    @Test
    void aPublicationIsAnsweredByItsIdAndReachesTheReaders() throws Exception {
        String id = crier.publish(
                new JsonObject().put("channel", "/news").put("event", "alert").put("data", "fire"));
        assertTrue(id.matches("\\d{13}-\\d+"), id);
        try (var client = RawClient.request(crier.port(), "GET /news")) {
            client.head();
            assertEquals("retry: 2000\n", client.chunk());
            assertEquals("event: alert\ndata: fire\n\n", client.chunk());
        }
    }

    @Test
    void aNullTypeIsNoType() throws Exception {
        crier.publish(new JsonObject().put("channel", "/news").putNull("event").put("data", "fire"));
        try (var client = RawClient.request(crier.port(), "GET /news")) {
            client.head();
            assertEquals("retry: 2000\n", client.chunk());
            assertEquals("data: fire\n\n", client.chunk());
        }
    }

    static Stream<Arguments> whatIsNotAPublication() {
        return Stream.of(
                Arguments.of(new JsonObject(), 400, "channel: null (expected: a path"),
                Arguments.of(publication("news", null, "x"), 400, "channel: \"news\" (expected: a path"),
                Arguments.of(publication("/a/../b", null, "x"), 400, "channel: \"/a/../b\" (expected: a path"),
                Arguments.of(publication("/news", "a\nid: 1", "x"), 400, "event: \"a\\nid: 1\" (expected: a text"),
                Arguments.of(publication("/news", 5, "x"), 400, "event: 5 (expected: a text"),
                Arguments.of(publication("/news", null, null), 400, "data: missing (expected: a text)"),
                Arguments.of(publication("/news", null, 5), 400, "data: of the type Integer (expected: a text)"),
                Arguments.of(publication("/other", null, "x"), 404, "/other: no such channel"),
                Arguments.of("a text", 400, "the body: of the type String (expected: a JSON object)"));
    }

    private static JsonObject publication(String channel, Object event, Object data) {
        var publication = new JsonObject().put("channel", channel);
        if (event != null) {
            publication.put("event", event);
        }
        return data == null ? publication : publication.put("data", data);
    }

    @ParameterizedTest
    @MethodSource
    void whatIsNotAPublication(Object body, int code, String message) {
        var refusal = assertThrows(
                ReplyException.class,
                () -> RunningCrier.await(crier.vertx().eventBus().request("crier.publish", body)));
        assertEquals(code, refusal.failureCode());
        assertTrue(refusal.getMessage().startsWith(message), refusal.getMessage());
    }

    /** A batch may be stored after they are closed. */
    @Test
    void aNotificationAfterNotificationsAreClosedIsNoFailure() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            var notifications = new Notifications(vertx);
            notifications.open();
            notifications.close();
            assertDoesNotThrow(() -> notifications.send(Set.of(new ChannelName("/news"))));
        } finally {
            RunningCrier.await(vertx.close());
        }
    }
}
