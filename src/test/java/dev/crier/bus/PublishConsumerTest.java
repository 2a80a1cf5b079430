package dev.crier.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.http.request.MediaType;
import dev.crier.http.request.PublishRequest;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PublishConsumerTest {

    private static final String WRONG_KEY = "key: not a valid key (expected: 1..255 visible ASCII characters)";

    private final Vertx vertx = Vertx.vertx();
    private final PublishConsumer consumer = new PublishConsumer(vertx, Bus.PUBLISH, this::append);
    private Publication published;

    @BeforeEach
    void open() throws Exception {
        RunningCrier.await(consumer.open());
    }

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    private Future<List<EventId>> append(Publication publication) {
        if (!publication.channel().path().equals("/news")) {
            return Future.failedFuture(
                    new PublishException(PublishException.Reason.NO_SUCH_CHANNEL, "no such channel"));
        }
        published = publication;
        return Future.succeededFuture(List.of(new EventId(7, 0)));
    }

    private String request(Object body) throws Exception {
        return RunningCrier.await(
                vertx.eventBus().<String>request("crier.publish", body).map(Message::body));
    }

    private static JsonObject publication(String channel, Object event, Object data) {
        var publication = new JsonObject().put("channel", channel);
        if (event != null) {
            publication.put("event", event);
        }
        return data == null ? publication : publication.put("data", data);
    }

    @Test
    void aPublicationIsAppendedAndAnsweredByItsId() throws Exception {
        assertEquals("7-0", request(publication("/news", "alert", "fire")));
        assertEquals(
                new Publication(
                        new ChannelName("/news"), List.of(new Event("alert", "fire")), Publication.Attempt.ONCE),
                published);
    }

    private static JsonObject withKey(Object key) {
        return publication("/news", null, "fire").put("key", key);
    }

    @Test
    void aKeyMakesAnAttemptThatEqualsTheOneOverHttp() throws Exception {
        request(withKey("k"));
        assertEquals(
                PublishRequest.of(MediaType.TEXT, null, "k").attempt("fire".getBytes(StandardCharsets.UTF_8)),
                published.attempt());
        request(publication("/news", "alert", "f\u00fc\u00fcr").put("key", "k"));
        assertEquals(
                PublishRequest.of(MediaType.TEXT, "event=alert", "k")
                        .attempt("f\u00fc\u00fcr".getBytes(StandardCharsets.UTF_8)),
                published.attempt());
    }

    @Test
    void aKeyHasAtMost255Characters() throws Exception {
        request(withKey("x".repeat(255)));
        assertEquals("x".repeat(255), published.attempt().key());
    }

    @Test
    void aNullKeyIsNoKey() throws Exception {
        request(publication("/news", null, "fire").putNull("key"));
        assertEquals(Publication.Attempt.ONCE, published.attempt());
    }

    @Test
    void aSourceCanPublishWithAKey() throws Exception {
        assertEquals(
                "7-0",
                RunningCrier.await(
                        new Bus(vertx, Bus.PUBLISH).publish(new ChannelName("/news"), Event.of("fire"), "k")));
        assertEquals(Publication.Attempt.of("k", Event.of("fire")), published.attempt());
    }

    @Test
    void aNullTypeIsNoType() throws Exception {
        request(publication("/news", null, "fire").putNull("event"));
        assertEquals(List.of(Event.of("fire")), published.events());
    }

    @Test
    void sourcesPublishTheSameWay() throws Exception {
        assertEquals(
                "7-0",
                RunningCrier.await(
                        new Bus(vertx, Bus.PUBLISH).publish(new ChannelName("/news"), new Event("alert", "fire"))));
        assertEquals(List.of(new Event("alert", "fire")), published.events());
    }

    static Stream<Arguments> invalidPublications() {
        return Stream.of(
                Arguments.of(new JsonObject(), 400, "channel: null (expected: a path"),
                Arguments.of(publication("news", null, "x"), 400, "channel: \"news\" (expected: a path"),
                Arguments.of(publication("/a/../b", null, "x"), 400, "channel: \"/a/../b\" (expected: a path"),
                Arguments.of(publication("/news", "a\nid: 1", "x"), 400, "event: \"a\\nid: 1\" (expected: a text"),
                Arguments.of(publication("/news", 5, "x"), 400, "event: 5 (expected: a text"),
                Arguments.of(publication("/news", null, null), 400, "data: missing (expected: a string)"),
                Arguments.of(publication("/news", null, 5), 400, "data: of the type Integer (expected: a string)"),
                Arguments.of(withKey(""), 400, WRONG_KEY),
                Arguments.of(withKey("x".repeat(256)), 400, WRONG_KEY),
                Arguments.of(withKey("with space"), 400, WRONG_KEY),
                Arguments.of(withKey("a\nb"), 400, WRONG_KEY),
                Arguments.of(withKey("\u00fc"), 400, WRONG_KEY),
                Arguments.of(withKey("\u007f"), 400, WRONG_KEY),
                Arguments.of(withKey(5), 400, WRONG_KEY),
                Arguments.of(withKey(new JsonObject()), 400, WRONG_KEY),
                Arguments.of(publication("/other", null, "x"), 404, "no such channel"),
                Arguments.of("a text", 400, "the body: of the type String (expected: a JSON object)"));
    }

    @ParameterizedTest
    @MethodSource("invalidPublications")
    void anInvalidPublicationIsRejectedWithItsCode(Object body, int code, String message) {
        var refusal = assertThrows(ReplyException.class, () -> request(body));
        assertEquals(code, refusal.failureCode());
        assertTrue(refusal.getMessage().startsWith(message), refusal.getMessage());
    }

    @Test
    void aClosedConsumerHandlesNothing() throws Exception {
        RunningCrier.await(consumer.close());
        var refusal = assertThrows(ReplyException.class, () -> request(publication("/news", null, "x")));
        assertEquals(ReplyFailure.NO_HANDLERS, refusal.failureType());
    }
}
