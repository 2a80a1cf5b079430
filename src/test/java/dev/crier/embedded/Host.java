package dev.crier.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.Crier;
import dev.crier.http.Authorizer;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * An application with a listener of its own, in which Crier is mounted at {@code /live/*}. Everyone may do everything with the
 * channel {@code /news} and the family {@code /orders/:id}.
 */
final class Host implements AutoCloseable {

    static final Authorizer ALL = (ctx, channel, permission) -> Future.succeededFuture(true);

    static final JsonObject NEWS = new JsonObject("""
            {
              "channels": {
                "/news": {"keep": {"events": 100}, "publish": true},
                "/orders/:id": {"keep": {"events": 100}, "publish": true}
              },
              "subscribe": {"path": "/subscribe"}
            }""");

    /** Vert.x's value for any free port that is the same for all instances. */
    private static final int ANY_SHARED_PORT = -1;

    final Vertx vertx;
    final Crier crier;
    private volatile HttpServer server;

    /** @param before adds the application's routes before Crier's */
    Host(Consumer<Router> before) throws TimeoutException {
        this(new HttpServerOptions(), new JsonObject(), before);
    }

    /** @param conf added to the configuration of the channels */
    Host(HttpServerOptions options, JsonObject conf, Consumer<Router> before) throws TimeoutException {
        this(options, conf, before, router -> {}, ALL);
    }

    /** @param after adds the application's routes after Crier's */
    Host(
            HttpServerOptions options,
            JsonObject conf,
            Consumer<Router> before,
            Consumer<Router> after,
            Authorizer authorizer)
            throws TimeoutException {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        crier = Crier.create(vertx, NEWS.copy().mergeIn(conf)).authorizer(authorizer);
        RunningCrier.await(crier.start());
        deploy(options, 1, router -> {
            before.accept(router);
            router.route("/live/*").subRouter(crier.router(vertx));
            after.accept(router);
        });
    }

    /** Deploys HTTP verticles that share a port. Returns the deployment. */
    String deploy(HttpServerOptions options, int instances, Consumer<Router> routes) throws TimeoutException {
        return RunningCrier.await(vertx.deployVerticle(
                () -> new VerticleBase() {
                    @Override
                    public Future<?> start() {
                        Router router = Router.router(vertx);
                        routes.accept(router);
                        server = vertx.createHttpServer(options).requestHandler(router);
                        return server.listen(instances == 1 ? 0 : ANY_SHARED_PORT, "127.0.0.1");
                    }
                },
                new DeploymentOptions().setInstances(instances)));
    }

    int port() {
        return server.actualPort();
    }

    String publish(String data) throws TimeoutException {
        return RunningCrier.await(crier.publish("/news", data));
    }

    /** Opens the stream of {@code /news}, and reads through its first block. */
    RawClient subscribe(String... headers) throws Exception {
        var client = RawClient.request(port(), "GET /live/news", headers);
        assertEquals("HTTP/1.1 200 OK", client.head().get(0));
        client.readThrough("crier.start");
        return client;
    }

    /** Asserts that an event that is published now arrives. */
    void assertDelivers(RawClient client, String data) throws Exception {
        publish(data);
        client.readThrough("data: " + data + "\n");
    }

    /** Returns the whole response to a request whose connection closes after it. */
    String answer(String requestLine, String body, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.add("Connection: close");
        all.add("Content-Length: " + body.length());
        try (var client = RawClient.request(port(), requestLine, all.toArray(String[]::new))) {
            client.send(body);
            return client.rest();
        }
    }

    @Override
    public void close() throws TimeoutException {
        RunningCrier.await(vertx.close());
    }
}
