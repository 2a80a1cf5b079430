package dev.crier.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.Crier;
import dev.crier.event.StartAt;
import dev.crier.testing.Eventually;
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
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance closes with its verticle, with its Vert.x or by itself, and leaves nothing. */
class LifecycleTest {

    /** An application that opens a Crier and a listener, and leaves it to Vert.x to close both. */
    private static final class Application extends VerticleBase {

        private final JsonObject conf;
        private Crier crier;
        private HttpServer server;

        Application(JsonObject conf) {
            this.conf = conf;
        }

        @Override
        public Future<?> start() {
            crier = Crier.create(vertx, conf).authorizer(Host.ALL);
            Router router = Router.router(vertx);
            router.route("/live/*").subRouter(crier.router(vertx));
            server = vertx.createHttpServer().requestHandler(router);
            return crier.start().compose(started -> server.listen(0, "127.0.0.1"));
        }
    }

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));

    @TempDir
    Path folder;

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private WeakReference<Crier> round(JsonObject conf, boolean subscribes) throws Exception {
        var application = new Application(conf);
        String id = RunningCrier.await(vertx.deployVerticle(application));
        RunningCrier.await(application.crier.publish("/news", "one"));
        if (subscribes) {
            application.crier.subscribe("/news", StartAt.earliest(), entry -> {});
            try (var client = RawClient.request(application.server.actualPort(), "GET /live/news")) {
                client.readThrough("crier.start");
                RunningCrier.await(vertx.undeploy(id));
                client.rest();
            }
        } else {
            RunningCrier.await(vertx.undeploy(id));
        }
        return new WeakReference<>(application.crier);
    }

    private void assertNothingIsLeft(JsonObject conf, int rounds) throws Exception {
        for (int i = 0; i < 10; i++) {
            round(conf, true); // what a first use loads, and the pools of threads
        }
        long descriptors = descriptors();
        int threads = threads();
        List<WeakReference<Crier>> instances = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            instances.add(round(conf, i % 20 == 0));
        }
        Eventually.until(() -> descriptors + " descriptors", () -> descriptors() <= descriptors);
        Eventually.until(() -> threads() + " threads instead of " + threads, () -> threads() <= threads);
        assertTrue(vertx.deploymentIDs().isEmpty());
        Eventually.until(
                () -> instances.stream()
                                .filter(instance -> instance.get() != null)
                                .count() + " instances are reachable",
                () -> {
                    System.gc();
                    return instances.stream().allMatch(instance -> instance.get() == null);
                });
    }

    @Test
    void aThousandInstancesInMemoryLeaveNothing() throws Exception {
        assertNothingIsLeft(Host.NEWS, 1_000);
    }

    @Test
    void instancesWithALogInAFileLeaveNothing() throws Exception {
        var log = new JsonObject()
                .put("store", "sqlite")
                .put("file", folder.resolve("events.db").toString());
        assertNothingIsLeft(Host.NEWS.copy().put("log", log).put("management", new JsonObject().put("port", 0)), 100);
    }

    @Test
    void instancesThatAreNeverStartedLeaveNothing() throws Exception {
        JsonObject conf = Host.NEWS.copy().put("management", new JsonObject().put("port", 0));
        List<WeakReference<Crier>> instances = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Crier crier = Crier.create(vertx, conf);
            crier.router(vertx);
            RunningCrier.await(crier.close());
            instances.add(new WeakReference<>(crier));
        }
        Eventually.until("no instance is reachable", () -> {
            System.gc();
            return instances.stream().allMatch(instance -> instance.get() == null);
        });
    }

    @Test
    void crierClosesWithItsVertx() throws Exception {
        Vertx own = Vertx.vertx();
        Crier crier = RunningCrier.await(Crier.create(own, Host.NEWS).start());
        RunningCrier.await(own.close());
        Eventually.until("closed", () -> crier.publish("/news", "x").failed());
        RunningCrier.await(crier.close());
    }

    @Test
    void crierGoesOnWithoutTheVerticleThatServesIt() throws Exception {
        try (var host = new Host(router -> {})) {
            String second = host.deploy(
                    new HttpServerOptions(),
                    1,
                    router -> router.route("/live/*").subRouter(host.crier.router(host.vertx)));
            RawClient client = host.subscribe();
            RunningCrier.await(host.vertx.undeploy(second));
            client.rest();
            client.close();
            host.publish("nobody is left");
        }
    }

    @Test
    void theVerticleGoesOnWithoutCrier() throws Exception {
        try (var host = new Host(
                new HttpServerOptions(),
                new JsonObject(),
                router -> router.get("/hello").handler(ctx -> ctx.end("Hello")))) {
            RawClient client = host.subscribe();
            RunningCrier.await(host.crier.close());
            client.rest();
            client.close();
            assertTrue(host.answer("POST /live/news", "x").startsWith("HTTP/1.1 503 "));
            assertTrue(host.answer("GET /live/news", "").contains("Crier has not been started, or is closed"));
            assertTrue(host.answer("GET /hello", "").endsWith("Hello"));
        }
    }

    @Test
    void closingDuringTheStartClosesWhatTheStartOpens() throws Exception {
        for (int i = 0; i < 50; i++) {
            Crier crier = Crier.create(vertx, Host.NEWS);
            Future<Crier> started = crier.start();
            Future<Void> closed = crier.close();
            Future<Void> again = crier.close();
            RunningCrier.await(closed);
            RunningCrier.await(again);
            Eventually.until("the start is over", started::isComplete);
            assertTrue(crier.publish("/news", "x").failed());
            assertTrue(vertx.deploymentIDs().isEmpty());
        }
    }

    @Test
    void undeployingTheVerticleDuringTheStartClosesWhatTheStartOpens() throws Exception {
        var log = new JsonObject()
                .put("store", "sqlite")
                .put("file", folder.resolve("log.db").toString());
        JsonObject conf = Host.NEWS.copy().put("log", log);
        Queue<Throwable> unhandled = new ConcurrentLinkedQueue<>();
        vertx.exceptionHandler(unhandled::add);
        for (int i = 0; i < 20; i++) {
            Crier crier = Crier.create(vertx, conf);
            String id = RunningCrier.await(vertx.deployVerticle(new VerticleBase() {
                @Override
                public Future<?> start() {
                    crier.start();
                    return Future.succeededFuture();
                }
            }));
            RunningCrier.await(vertx.undeploy(id));
            RunningCrier.await(crier.close());
            assertTrue(vertx.deploymentIDs().isEmpty());
        }
        assertTrue(unhandled.isEmpty(), unhandled::toString);
        RunningCrier.await(RunningCrier.await(Crier.create(vertx, conf).start()).close()); // the file is not in use
        Eventually.until(
                "no thread of a log",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("crier-log")));
    }

    /** Every caller of close waits until all is closed, or a new instance could not open the same file. */
    @Test
    void eachCloseWaitsForTheEnd() throws Exception {
        var log = new JsonObject()
                .put("store", "sqlite")
                .put("file", folder.resolve("log.db").toString());
        JsonObject conf = Host.NEWS.copy().put("log", log);
        for (int i = 0; i < 20; i++) {
            Crier crier = RunningCrier.await(Crier.create(vertx, conf).start());
            crier.publish("/news", "one");
            crier.close();
            RunningCrier.await(crier.close());
            assertTrue(vertx.deploymentIDs().isEmpty());
        }
    }

    @Test
    void closingWhileTheVerticleIsUndeployedWaitsForTheEnd() throws Exception {
        for (int i = 0; i < 20; i++) {
            var application = new Application(Host.NEWS);
            String id = RunningCrier.await(vertx.deployVerticle(application));
            Future<Void> undeployed = vertx.undeploy(id);
            RunningCrier.await(application.crier.close());
            RunningCrier.await(undeployed);
            assertTrue(vertx.deploymentIDs().isEmpty());
        }
    }

    @Test
    void anInstanceThatIsClosedCannotStart() throws Exception {
        Crier crier = Crier.create(vertx, Host.NEWS);
        RunningCrier.await(crier.close());
        Future<Crier> started = crier.start();
        assertTrue(started.failed());
        assertTrue(
                started.cause().getMessage().startsWith("start: "),
                started.cause().getMessage());
    }

    @Test
    void aStartThatFailsLeavesNothing() throws Exception {
        Path file = folder.resolve("events.db");
        var log = new JsonObject().put("store", "sqlite").put("file", file.toString());
        JsonObject conf = Host.NEWS.copy().put("log", log);
        Files.writeString(file, "not a log ".repeat(1_000));
        var failed = Crier.create(vertx, conf);
        Future<Crier> start = failed.start();
        Eventually.until("failed", start::failed);
        assertTrue(
                start.cause().getMessage().contains(file.toString()),
                start.cause().getMessage());
        RunningCrier.await(failed.close());
        assertTrue(vertx.deploymentIDs().isEmpty());
        Files.delete(file);
        Crier crier = RunningCrier.await(Crier.create(vertx, conf).start());
        RunningCrier.await(crier.publish("/news", "one"));
        RunningCrier.await(crier.close());
    }

    private WeakReference<Crier> mountedAfterClose() throws Exception {
        Crier crier = RunningCrier.await(Crier.create(vertx, Host.NEWS).start());
        RunningCrier.await(crier.close());
        crier.router(vertx);
        return new WeakReference<>(crier);
    }

    @Test
    void routesThatAreMountedAfterTheCloseLeaveNothing() throws Exception {
        assertIsReleased(mountedAfterClose());
    }

    private static void assertIsReleased(WeakReference<Crier> instance) throws Exception {
        Eventually.until("the instance is not reachable", () -> {
            System.gc();
            return instance.get() == null;
        });
    }

    /** Undeploying a verticle cancels the timers of its routes, and a close that waited for them would never end. */
    @Test
    void undeployingAVerticleThatDrainsEndsTheClose() throws Exception {
        var conf = new JsonObject("{\"shutdown\": {\"drain\": \"PT1M\"}}");
        try (var host = new Host(new HttpServerOptions(), conf, router -> {})) {
            String second = host.deploy(
                    new HttpServerOptions(),
                    1,
                    router -> router.route("/live/*").subRouter(host.crier.router(host.vertx)));
            try (RawClient client = host.subscribe()) {
                Future<Void> closed = host.crier.close();
                RunningCrier.await(host.vertx.timer(1)); // the drain has begun
                RunningCrier.await(host.vertx.undeploy(second));
                Eventually.until("closed", closed::isComplete);
                client.rest();
            }
        }
    }

    @Test
    void aStartWhosePortIsTakenLeavesNothing() throws Exception {
        Crier failed;
        JsonObject conf;
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            conf = Host.NEWS.copy().put("management", new JsonObject().put("port", taken.getLocalPort()));
            failed = Crier.create(vertx, conf);
            Future<Crier> start = failed.start();
            Eventually.until("failed", start::failed);
            assertTrue(
                    start.cause().getMessage().contains("management.port"),
                    start.cause().getMessage());
        }
        assertTrue(failed.publish("/news", "x").failed());
        Crier crier = RunningCrier.await(Crier.create(vertx, conf).start());
        RunningCrier.await(crier.close());
    }

    /** The default ends streams at once. With a drain, they end one after another, and say when to reconnect. */
    @Test
    void aDrainEndsStreamsOverTime() throws Exception {
        var conf = new JsonObject("{\"shutdown\": {\"drain\": \"PT1S\"}}");
        try (var host = new Host(new HttpServerOptions(), conf, router -> {})) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                clients.add(host.subscribe());
            }
            long begin = System.nanoTime();
            RunningCrier.await(host.crier.close());
            long millis = (System.nanoTime() - begin) / 1_000_000;
            for (RawClient client : clients) {
                String rest = client.rest();
                assertTrue(rest.contains("retry: ") && rest.endsWith("0\r\n\r\n"), rest);
                client.close();
            }
            assertTrue(millis > 100, millis + " ms");
        }
    }

    @Test
    void theContextOfTheCallerGetsTheResults() throws Exception {
        var seen = new ArrayList<Thread>();
        RunningCrier.await(vertx.deployVerticle(
                new VerticleBase() {
                    @Override
                    public Future<?> start() {
                        Thread own = Thread.currentThread();
                        Crier crier = Crier.create(vertx, Host.NEWS);
                        return crier.start()
                                .onComplete(done -> seen.add(Thread.currentThread()))
                                .compose(started -> crier.publish("/news", "one"))
                                .onComplete(done -> seen.add(Thread.currentThread()))
                                .compose(id -> crier.close())
                                .onComplete(done -> seen.add(Thread.currentThread()))
                                .onSuccess(closed -> seen.forEach(thread -> assertSame(own, thread)));
                    }
                },
                new DeploymentOptions()));
        assertEquals(3, seen.size());
        assertEquals(1, seen.stream().distinct().count(), seen::toString);
    }
}
