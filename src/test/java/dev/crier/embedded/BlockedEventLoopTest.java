package dev.crier.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.Crier;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An application that blocks an event loop delays the subscribers of that one only, even if it has started Crier on it. */
class BlockedEventLoopTest {

    /** Serves Crier on an event loop, and blocks it on demand. */
    private static final class Server extends VerticleBase {

        private final Crier crier;
        private final CountDownLatch release = new CountDownLatch(1);
        private Thread thread;
        private HttpServer server;

        Server(Crier crier) {
            this.crier = crier;
        }

        @Override
        public Future<?> start() {
            thread = Thread.currentThread();
            Router router = Router.router(vertx);
            router.route("/live/*").subRouter(crier.router(vertx));
            server = vertx.createHttpServer().requestHandler(router);
            return server.listen(0, "127.0.0.1");
        }

        /** Blocks, as no handler should. */
        void block() throws Exception {
            var blocked = new CountDownLatch(1);
            context.runOnContext(turn -> {
                blocked.countDown();
                try {
                    release.await(60, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            assertTrue(blocked.await(30, TimeUnit.SECONDS));
        }

        RawClient subscribe() throws Exception {
            RawClient client = RawClient.request(server.actualPort(), "GET /live/news");
            client.readThrough("crier.start");
            return client;
        }

        void publish(String data) throws Exception {
            try (var client =
                    RawClient.request(server.actualPort(), "POST /live/news", "Content-Length: " + data.length())) {
                client.send(data);
                assertEquals("HTTP/1.1 201 Created", client.head().get(0));
            }
        }
    }

    private Vertx vertx;
    private CountDownLatch release = new CountDownLatch(0);

    @AfterEach
    void close() throws Exception {
        release.countDown();
        RunningCrier.await(vertx.close());
    }

    /** Starts Crier in a verticle of the application, as most do. */
    private Crier start(int eventLoops) throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(eventLoops));
        Crier crier = Crier.create(vertx, Host.NEWS).authorizer(Host.ALL);
        RunningCrier.await(vertx.deployVerticle(new VerticleBase() {
            @Override
            public Future<?> start() {
                return crier.start();
            }
        }));
        return crier;
    }

    private Server serve(Crier crier) throws Exception {
        var server = new Server(crier);
        RunningCrier.await(vertx.deployVerticle(server));
        return server;
    }

    private void assertOnlyItsOwnSubscribersWait(Server blocked, Server other) throws Exception {
        release = blocked.release;
        try (RawClient waits = blocked.subscribe();
                RawClient receives = other.subscribe()) {
            blocked.block();
            other.publish("meanwhile");
            receives.readThrough("data: meanwhile\n");
            blocked.release.countDown();
            waits.readThrough("data: meanwhile\n");
        }
    }

    @Test
    void theOtherEventLoopPublishesAndDelivers() throws Exception {
        Crier crier = start(2);
        Server one = serve(crier);
        Server other = serve(crier);
        assertEquals(2, Set.of(one.thread, other.thread).size());
        assertOnlyItsOwnSubscribersWait(one, other);
        assertOnlyItsOwnSubscribersWait(other, one);
    }

    @Test
    void aWorkerPublishesWhileTheOnlyEventLoopIsBlocked() throws Exception {
        Crier crier = start(1);
        Server server = serve(crier);
        release = server.release;
        var published = new CountDownLatch(1);
        var worker = new VerticleBase() {
            @Override
            public Future<?> start() {
                return Future.succeededFuture();
            }

            void publish() {
                context.runOnContext(
                        turn -> crier.publish("/news", "meanwhile").onSuccess(id -> published.countDown()));
            }
        };
        RunningCrier.await(
                vertx.deployVerticle(worker, new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER)));
        try (RawClient waits = server.subscribe()) {
            server.block();
            worker.publish();
            assertTrue(published.await(30, TimeUnit.SECONDS));
            release.countDown();
            waits.readThrough("data: meanwhile\n");
        }
    }
}
