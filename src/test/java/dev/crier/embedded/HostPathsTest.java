package dev.crier.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A channel is named by the path below the mount point, wherever that is and however a client writes the path. */
class HostPathsTest {

    /** The channels that the authorizer was asked for. */
    private static final Queue<String> ASKED = new ConcurrentLinkedQueue<>();

    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        Consumer<Router> routes = router -> {
            Vertx vertx = Vertx.currentContext().owner();
            router.route("/live/orders/secret/*").handler(ctx -> ctx.fail(403));
            router.route("/tenants/:id/live/*").subRouter(host.crier.router(vertx));
            Router same = host.crier.router(vertx);
            router.route("/first/*").subRouter(same);
            router.route("/second/*").subRouter(same);
            router.route("/live/*").subRouter(host.crier.router(vertx));
            router.route("/prefix*").subRouter(host.crier.router(vertx));
            Router api = Router.router(vertx);
            api.route("/live/*").subRouter(host.crier.router(vertx));
            api.route("/of/:tenant/*").subRouter(host.crier.router(vertx));
            router.route("/api/*").subRouter(api);
            router.route("/v/:version/*").subRouter(api);
            router.route("/*").subRouter(host.crier.router(vertx));
        };
        host = new Host(new HttpServerOptions(), Host.NEWS, router -> {}, router -> {}, (ctx, channel, permission) -> {
            ASKED.add(channel);
            return Host.ALL.authorize(ctx, channel, permission);
        });
        host.deploy(new HttpServerOptions(), 1, routes);
    }

    @AfterAll
    static void close() throws Exception {
        host.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/live/news, /news",
        "/tenants/7/live/news, /news",
        "/tenants/a%20b/live/news, /news",
        "/tenants/%2F/live/news, /news",
        "/tenants/live/live/orders/live, /orders/live",
        "/first/news, /news",
        "/second/news, /news",
        "/prefix/news, /news",
        "/api/live/news, /news",
        "/api/of/7/news, /news",
        "/v/2/live/news, /news",
        "/v/2/of/7/orders/1, /orders/1",
        "/news, /news",
        "//live///news, /news",
        "/live/./news, /news",
        "/live/orders/../news, /news",
        "/other/../live/news, /news",
        "/%6Cive/%6eews, /news",
        "/live/orders/a%40b, /orders/a@b",
        "/live/orders/%C3%A9, /orders/é",
        "/live/orders/%25, /orders/%",
        "/live/news?x=/../y, /news",
    })
    void aPathNamesAChannel(String path, String channel) throws Exception {
        ASKED.clear();
        try (var client = RawClient.request(host.port(), "GET " + path)) {
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            client.readThrough("crier.start");
            RunningCrier.await(host.crier.publish(channel, "Hello"));
            client.readThrough("data: Hello\n");
        }
        assertEquals(channel, ASKED.peek());
    }

    @ParameterizedTest
    @CsvSource({
        "/live, 404",
        "/live/, 404",
        "/live/news/, 404",
        "/live/News, 404",
        "/Live/news, 404",
        "/livenews, 404",
        "/prefixnews, 404",
        "/tenants/7/live, 404",
        "/live/../nothing, 404",
        "/live/orders/%ff, 400",
        "/live/orders/%, 400",
        "/live/orders/a%00, 400",
        "/live/orders/secret/1, 403",
        "/live//orders/%73ecret/1, 403",
        "/live/orders%2fsecret%2F1, 400",
        "/live/orders/secret%2F1, 400",
        "/news%2f, 400",
        "*, 404",
    })
    void aPathNamesNoChannel(String path, int status) throws Exception {
        ASKED.clear();
        String answer = host.answer("GET " + path, "");
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        assertTrue(ASKED.isEmpty(), ASKED::toString);
    }

    /** A request target may be a whole URL (RFC 9112, 3.2.2). */
    @Test
    void anAbsoluteTargetIsAPath() throws Exception {
        try (var client = RawClient.request(host.port(), "GET http://host/live/news")) {
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
        }
    }
}
