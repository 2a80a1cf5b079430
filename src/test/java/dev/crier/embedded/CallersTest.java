package dev.crier.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.Crier;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Any thread may publish. Each event loop has routes of its own. */
class CallersTest {

    private static final HttpServerOptions OPTIONS = new HttpServerOptions();

    private final AtomicReference<Thread> blocked = new AtomicReference<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private Host host;

    @BeforeEach
    void start() throws Exception {
        host = new Host(router -> router.get("/block").handler(ctx -> {
            blocked.set(Thread.currentThread());
            await(release);
            ctx.end();
        }));
    }

    /** Blocks, as no handler should. */
    private static void await(CountDownLatch release) {
        try {
            release.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() throws Exception {
        release.countDown();
        host.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = ThreadingModel.class,
            names = {"EVENT_LOOP", "WORKER", "VIRTUAL_THREAD"})
    void aVerticlePublishesAndGetsTheIdOnItsOwnContext(ThreadingModel model) throws Exception {
        assumeTrue(model != ThreadingModel.VIRTUAL_THREAD || Runtime.version().feature() >= 21);
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        RunningCrier.await(host.vertx.deployVerticle(
                new VerticleBase() {
                    @Override
                    public Future<?> start() {
                        List<Future<String>> ids = new ArrayList<>();
                        for (int i = 0; i < 100; i++) {
                            ids.add(host.crier.publish("/news", model + " " + i).onComplete(done -> {
                                if (host.vertx.getOrCreateContext() != context
                                        || Context.isOnEventLoopThread() != (model == ThreadingModel.EVENT_LOOP)) {
                                    wrong.add(Thread.currentThread().getName());
                                }
                            }));
                        }
                        if (model == ThreadingModel.VIRTUAL_THREAD) {
                            host.crier.publish("/news", "awaited").await();
                        }
                        return Future.all(ids);
                    }
                },
                new DeploymentOptions().setThreadingModel(model)));
        assertTrue(wrong.isEmpty(), wrong::toString);
        try (var client = RawClient.request(host.port(), "GET /live/news?lastEventId=earliest")) {
            client.readThrough("data: " + model + " 99\n");
        }
    }

    @Test
    void aPlainThreadAndBlockingCodePublish() throws Exception {
        var publisher = new Thread(() -> host.crier.publish("/news", "of a thread"));
        publisher.start();
        publisher.join();
        RunningCrier.await(host.vertx.executeBlocking(() -> host.crier.publish("/news", "blocking"))
                .compose(published -> published));
        try (var client = RawClient.request(host.port(), "GET /live/news?lastEventId=earliest")) {
            assertTrue(client.readThrough("data: blocking\n").contains("data: of a thread\n"));
        }
    }

    @Test
    void allInstancesOfAVerticleServeAllEvents() throws Exception {
        host.deploy(OPTIONS, 4, router -> router.route("/live/*").subRouter(host.crier.router(host.vertx)));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            clients.add(RawClient.request(host.port(), "GET /live/news"));
        }
        for (RawClient client : clients) {
            client.readThrough("crier.start");
        }
        for (int i = 0; i < 20; i++) {
            host.publish("event " + i);
        }
        for (RawClient client : clients) {
            String stream = client.readThrough("data: event 19\n");
            assertEquals(20, stream.split("data: event ", -1).length - 1, stream);
            client.close();
        }
    }

    @Test
    void aRouterOnAnotherEventLoopAnswersAnError() throws Exception {
        var made = new AtomicReference<Router>();
        host.deploy(OPTIONS, 1, router -> made.set(host.crier.router(host.vertx)));
        host.deploy(OPTIONS, 1, router -> router.route("/live/*").subRouter(made.get()));
        for (String request : List.of("GET /live/news", "POST /live/news")) {
            String answer = host.answer(request, "x");
            assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
        }
    }

    @Test
    void aWorkerCannotServeRoutes() throws Exception {
        Future<String> deployed = host.vertx.deployVerticle(
                new VerticleBase() {
                    @Override
                    public Future<?> start() {
                        host.crier.router(host.vertx);
                        return Future.succeededFuture();
                    }
                },
                new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER));
        Eventually.until("failed", deployed::failed);
        assertTrue(deployed.cause().getMessage().startsWith("router: called on a worker"), deployed.cause().getMessage());
    }

    @Test
    void anApplicationThatBlocksItsEventLoopDelaysOnlyItself() throws Exception {
        var log = (Logger) LoggerFactory.getLogger("dev.crier.routes.EventLoopDelay");
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        var appender = new ListAppender<ILoggingEvent>() {
            @Override
            protected void append(ILoggingEvent line) {
                lines.add(line.getFormattedMessage());
            }
        };
        appender.start();
        log.addAppender(appender);
        try (RawClient own = host.subscribe()) {
            int port = host.port();
            host.deploy(OPTIONS, 1, router -> router.route("/live/*").subRouter(host.crier.router(host.vertx)));
            try (RawClient other = host.subscribe();
                    RawClient blocks = RawClient.request(port, "GET /block")) {
                Eventually.until("blocked", () -> blocked.get() != null);
                long begin = System.nanoTime();
                for (int i = 0; i < 10; i++) {
                    host.assertDelivers(other, "meanwhile " + i);
                }
                Eventually.until(
                        "long enough for the warning",
                        () -> System.nanoTime() - begin > TimeUnit.MILLISECONDS.toNanos(2_200));
                release.countDown();
                blocks.head();
                assertTrue(own.readThrough("data: meanwhile 9\n").contains("data: meanwhile 0\n"));
                Eventually.until(
                        () -> "a line with " + blocked.get().getName() + ": " + lines,
                        () -> lines.stream().anyMatch(line -> line.startsWith(blocked.get().getName() + " was blocked")));
            }
        } finally {
            log.detachAppender(appender);
        }
    }

    /** The configuration is not the caller's any more. */
    @Test
    void aConfigurationMayChangeAfterTheCreation() throws Exception {
        JsonObject conf = Host.NEWS.copy();
        Crier crier = Crier.create(host.vertx, conf);
        conf.getJsonObject("channels").clear();
        RunningCrier.await(crier.start());
        RunningCrier.await(crier.publish("/news", "one"));
        RunningCrier.await(crier.close());
    }
}
