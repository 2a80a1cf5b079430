package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.auth.Permission;
import dev.crier.config.file.ConfException;
import dev.crier.event.Event;
import dev.crier.event.PublishException;
import dev.crier.event.StartAt;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Crier inside an application that has its own listener. */
class EmbeddedTest {

    private static final JsonObject NEWS = new JsonObject("""
            {"channels": {"/news": {"keep": {"events": 100}, "publish": true}}}""");

    private final Vertx vertx = Vertx.vertx();
    private final Router router = Router.router(vertx);

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    @Test
    void theManagementListenerMayHaveTheServersDefaultPort() {
        Crier.create(vertx, NEWS.copy().put("management", new JsonObject().put("port", 3000)));
    }

    private Crier started(JsonObject conf) throws Exception {
        return RunningCrier.await(Crier.create(vertx, conf).start());
    }

    private int listen() throws Exception {
        return RunningCrier.await(
                        vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"))
                .actualPort();
    }

    private static RawClient subscribe(int port, String path) throws Exception {
        RawClient client = RawClient.request(port, "GET " + path, "Accept: text/event-stream");
        assertEquals("HTTP/1.1 200 OK", client.head().get(0));
        client.readThrough("crier.start");
        return client;
    }

    private static String answer(int port, String requestLine) throws Exception {
        try (RawClient client = RawClient.request(port, requestLine, "Connection: close", "Content-Length: 0")) {
            return client.rest();
        }
    }

    private static void assertMessage(String expected, Throwable failure) {
        assertTrue(failure.getMessage().contains(expected), failure.getMessage());
    }

    @Test
    void aChannelIsNamedByThePathBelowTheMountPoint() throws Exception {
        Crier crier = started(NEWS);
        router.route("/live/*").subRouter(crier.router(vertx));
        router.route().handler(ctx -> ctx.end("the application"));
        int port = listen();
        try (RawClient client = subscribe(port, "/live/news")) {
            String id = RunningCrier.await(crier.publish("/news", "Hello"));
            client.readThrough("data: Hello\nid: " + id + "\n\n");
        }
        for (String path : List.of("/live/other", "/news", "/live", "/")) {
            assertTrue(answer(port, "GET " + path).endsWith("the application"), path);
        }
    }

    @Test
    void anEventHasATypeAndAKey() throws Exception {
        Crier crier = started(NEWS);
        router.route("/live/*").subRouter(crier.router(vertx));
        int port = listen();
        String id = RunningCrier.await(crier.publish("/news", new Event("alert", "Fire"), "key"));
        assertEquals(id, RunningCrier.await(crier.publish("/news", new Event("alert", "Fire"), "key")));
        try (RawClient client = subscribe(port, "/live/news?lastEventId=earliest")) {
            client.readThrough("event: alert\ndata: Fire\nid: " + id + "\n\n");
        }
    }

    @Test
    void instancesWithTheSameChannelDoNotMeet() throws Exception {
        Crier one = started(NEWS);
        Crier other = started(NEWS);
        router.route("/one/*").subRouter(one.router(vertx));
        router.route("/other/*").subRouter(other.router(vertx));
        int port = listen();
        try (RawClient ofOne = subscribe(port, "/one/news");
                RawClient ofOther = subscribe(port, "/other/news")) {
            RunningCrier.await(one.publish("/news", "of one"));
            RunningCrier.await(other.publish("/news", "of the other"));
            assertFalse(ofOne.readThrough("data: of one\n").contains("of the other"));
            assertFalse(ofOther.readThrough("data: of the other\n").contains("of one"));
        }
    }

    @Test
    void theApplicationDecidesInsteadOfTokens() throws Exception {
        Crier crier = Crier.create(vertx, NEWS).authorizer((ctx, channel, permission) -> {
            assertEquals("/news", channel);
            return Future.succeededFuture(
                    permission == Permission.READ && "Ada".equals(ctx.request().getHeader("User")));
        });
        RunningCrier.await(crier.start());
        router.route("/live/*").subRouter(crier.router(vertx));
        int port = listen();
        try (RawClient client = RawClient.request(port, "GET /live/news", "User: Ada")) {
            List<String> head = client.head();
            assertEquals("HTTP/1.1 200 OK", head.get(0));
            assertEquals(
                    "no-store, no-transform",
                    client.header(head, "Cache-Control").orElse(""));
        }
        assertTrue(answer(port, "GET /live/news").startsWith("HTTP/1.1 403 "));
        assertTrue(answer(port, "POST /live/news").startsWith("HTTP/1.1 403 "));
    }

    @Test
    void aChannelIsFollowedInTheSameProcess() throws Exception {
        Crier crier = started(NEWS);
        RunningCrier.await(crier.publish("/news", "first"));
        var received = new CopyOnWriteArrayList<String>();
        var ended = new AtomicBoolean();
        crier.subscribe(
                        "/news",
                        StartAt.earliest(),
                        entry -> received.add(entry.event().data()))
                .endHandler(end -> ended.set(true));
        RunningCrier.await(crier.publish("/news", "second"));
        Eventually.until("both arrive", () -> received.equals(List.of("first", "second")));
        RunningCrier.await(crier.close());
        Eventually.until("the stream ends with Crier", ended::get);
    }

    @Test
    void routesAnswer503BeforeTheStartAndAfterTheClose() throws Exception {
        Crier crier = Crier.create(vertx, NEWS);
        router.route("/live/*").subRouter(crier.router(vertx));
        int port = listen();
        assertTrue(answer(port, "POST /live/news").startsWith("HTTP/1.1 503 "));
        RunningCrier.await(crier.start());
        RawClient client = subscribe(port, "/live/news");
        RunningCrier.await(crier.close());
        client.rest(); // the stream has ended
        client.close();
        assertTrue(answer(port, "POST /live/news").startsWith("HTTP/1.1 503 "));
    }

    @Test
    void misuseFailsWithASentence() throws Exception {
        Crier crier = Crier.create(vertx, NEWS);
        assertMessage(
                "publish: Crier has not been started, or is closed (expected:",
                failure(crier.publish("/news", "too early")));
        RunningCrier.await(crier.start());
        assertMessage("start: called before, or closed (expected:", failure(crier.start()));
        assertMessage("/other", failure(crier.publish("/other", "undeclared")));
        assertEquals(
                PublishException.Reason.NO_SUCH_CHANNEL,
                ((PublishException) failure(crier.publish("/other", "undeclared"))).reason());
        assertMessage("expected: ", failure(crier.publish("news", "not a name")));
        Vertx other = Vertx.vertx();
        assertMessage(
                "router: another Vert.x (expected:",
                assertThrows(IllegalArgumentException.class, () -> crier.router(other)));
        RunningCrier.await(other.close());
        assertMessage(
                "subscribe: /other is not declared (expected:",
                assertThrows(
                        IllegalArgumentException.class, () -> crier.subscribe("/other", StartAt.now(), entry -> {})));
        RunningCrier.await(crier.close());
        assertMessage("publish: Crier has not been started, or is closed", failure(crier.publish("/news", "too late")));
        RunningCrier.await(crier.close());
    }

    private static Throwable failure(Future<?> future) throws Exception {
        Eventually.until("done", future::isComplete);
        assertTrue(future.failed());
        return future.cause();
    }

    @Test
    void keysOfTheServerAreMistakes() {
        var conf = NEWS.copy().put("port", 8080).put("limits", new JsonObject().put("urlBytes", 1000));
        var mistakes = assertThrows(ConfException.class, () -> Crier.create(vertx, conf));
        assertEquals(
                List.of(
                        "port: only for the server (expected: no such key, because the application has the listener)",
                        "limits.urlBytes: only for the server (expected: no such key, because the application has the"
                                + " listener)"),
                mistakes.errors());
    }
}
