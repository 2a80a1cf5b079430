package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EndReason;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import dev.crier.http.Authorizer;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What an application passes to Crier by mistake fails with a sentence that says what to do. */
class MisuseTest {

    private static final JsonObject CONF = new JsonObject("""
            {"channels": {
              "/news": {"keep": {"events": 100}},
              "/runs/:id": {"keep": {"events": 100}, "ends": true}
            }}""");

    private final Vertx vertx = Vertx.vertx();
    private Crier crier;

    @BeforeEach
    void start() throws Exception {
        crier = RunningCrier.await(Crier.create(vertx, CONF).start());
    }

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    private static void assertFails(String expected, Future<?> future) throws Exception {
        Eventually.until("done", future::isComplete);
        assertTrue(future.failed(), expected);
        assertInstanceOf(IllegalArgumentException.class, future.cause());
        assertEquals(expected, future.cause().getMessage());
    }

    private static void assertRejects(String expected, Executable call) {
        assertEquals(
                expected, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void whatIsPublishedIsComplete() throws Exception {
        assertFails("channel: null (expected: a path such as /news)", crier.publish(null, "x"));
        assertFails("data: null (expected: a text)", crier.publish("/news", (String) null));
        assertFails("event: null (expected: a dev.crier.event.Event)", crier.publish("/news", (Event) null));
        assertFails("event: null (expected: a dev.crier.event.Event)", crier.publish("/news", null, "key"));
        assertFails(
                "key: null (expected: 1..255 visible ASCII characters)", crier.publish("/news", Event.of("x"), null));
        assertFails(
                "key: not a valid key (expected: 1..255 visible ASCII characters)",
                crier.publish("/news", Event.of("x"), "a key"));
        assertFails(
                "key: not a valid key (expected: 1..255 visible ASCII characters)",
                crier.publish("/news", Event.of("x"), ""));
    }

    /** As over HTTP and over the event bus. */
    @Test
    void anEventHasATypeAndDataThatCanBeSent() throws Exception {
        for (String type : new String[] {"crier.gap", "x".repeat(256), "\ud800"}) {
            assertFails(
                    "event: " + type + " (expected: " + Event.EXPECTED_TYPE + ")",
                    crier.publish("/news", new Event(type, "x")));
        }
        assertFails("data: an unpaired surrogate (expected: a text)", crier.publish("/news", "\udc00"));
    }

    @Test
    void anEventIsMadeOfTexts() {
        assertRejects("event: null (expected: \"\" for no type)", () -> new Event(null, "x"));
        assertRejects("event: a control character (expected: none)", () -> new Event("a\nb", "x"));
        assertRejects("data: null (expected: a text)", () -> new Event("", null));
        assertRejects("data: null (expected: a text)", () -> Event.of(null));
    }

    @Test
    void anApplicationEndsAChannelThatEnds() throws Exception {
        RunningCrier.await(crier.publish("/runs/1", "one"));
        RunningCrier.await(crier.publish("/runs/1", Event.end(EndReason.ENDED)));
        Future<String> after = crier.publish("/runs/1", "two");
        Eventually.until("refused", after::failed);
        assertTrue(after.cause().getMessage().contains("ended"), after.cause().getMessage());
        Future<String> never = crier.publish("/news", Event.end(EndReason.ENDED));
        Eventually.until("refused", never::failed);
        assertTrue(
                never.cause().getMessage().startsWith("/news: cannot be ended"),
                never.cause().getMessage());
    }

    @Test
    void aSubscriberNamesItsChannelAndItsStart() {
        assertRejects(
                "channel: null (expected: a path such as /news)",
                () -> crier.subscribe(null, StartAt.now(), entry -> {}));
        assertRejects(
                "start: null (expected: a dev.crier.event.StartAt)", () -> crier.subscribe("/news", null, entry -> {}));
        assertRejects(
                "handler: null (expected: a handler of entries)", () -> crier.subscribe("/news", StartAt.now(), null));
        assertRejects("id: null (expected: the id of an event)", () -> StartAt.after((String) null));
        assertRejects("id: null (expected: the id of an event)", () -> StartAt.after((EventId) null));
        assertRejects("instant: null (expected: an instant)", () -> StartAt.from((Instant) null));
    }

    @Test
    void anInstanceHasAVertxAndAConfiguration() {
        assertRejects("vertx: null (expected: the Vert.x of the application)", () -> Crier.create(null, CONF));
        assertRejects("conf: null (expected: a JSON object)", () -> Crier.create(vertx, null));
        assertRejects(
                "router: another Vert.x (expected: the one that was given to Crier.create)", () -> crier.router(null));
        assertRejects("authorizer: null (expected: an authorizer)", () -> crier.authorizer(null));
        assertRejects("authorizer: null (expected: an authorizer)", () -> crier.router(vertx, (Authorizer) null));
    }

    @Test
    void nothingWorksAfterTheEndOfTheVertx() throws Exception {
        Crier neverStarted = Crier.create(vertx, CONF);
        RunningCrier.await(vertx.close());
        assertEnds(
                "publish: Crier has not been started, or is closed (expected: a call after the success of start)",
                crier.publish("/news", "x"));
        assertEnds("start: called before, or closed (expected: one call for each Crier.create)", crier.start());
        assertEnds("Vert.x closed", neverStarted.start());
        assertEquals(
                "router: the Vert.x is closed (expected: a call before its end)",
                assertThrows(IllegalStateException.class, () -> crier.router(vertx))
                        .getMessage());
        assertEquals(
                "subscribe: Crier has not been started, or is closed (expected: a call after the success of start)",
                assertThrows(IllegalStateException.class, () -> crier.subscribe("/news", StartAt.now(), entry -> {}))
                        .getMessage());
        RunningCrier.await(crier.close());
        RunningCrier.await(neverStarted.close());
    }

    private static void assertEnds(String expected, Future<?> future) throws Exception {
        Eventually.until("failed", future::failed);
        assertEquals(expected, future.cause().getMessage());
    }
}
