package dev.crier.http;

import dev.crier.bus.Bus;
import dev.crier.channel.Drain;
import dev.crier.channel.Subscribers;
import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The door: one for each event loop, all on the same port. Each has the subscribers of its own
 * event loop, one consumer for the ring and one timer for the walk among them.
 */
public final class HttpVerticle extends VerticleBase {

    /** What Vert.x takes as "any free port, but the same for all". */
    private static final int ANY_PORT = -1;

    private static final long DRAIN_STEP_MILLIS = 20;

    /** How much longer than the streams the last requests may take. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Conf conf;
    private final Bus bus;
    private final Subscribers subscribers;
    private final Supplier<Duration> stopping;
    private final Links links = new Links();
    private HttpServer server;
    private MessageConsumer<String> ring;
    private long walk;

    /** @param stopping is told that this door closes, and says over how long its streams are to end, which may change */
    public HttpVerticle(Conf conf, Bus bus, Subscribers subscribers, Supplier<Duration> stopping) {
        this.conf = conf;
        this.bus = bus;
        this.subscribers = subscribers;
        this.stopping = stopping;
    }

    @Override
    public Future<?> start() {
        ring = bus.onRing(this::rung);
        walk = vertx.setPeriodic(subscribers.walkMillis(), id -> subscribers.beat());
        boolean access = conf.console().access();
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setHttp2ClearTextEnabled(false)
                        .setStrictThreadMode(true)
                        .setPerFrameWebSocketCompressionSupported(false)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setSendBufferSize(conf.subscriber().queueBytes())
                        .setHandle100ContinueAutomatically(true))
                .requestHandler(access ? AccessLine.around(router()) : router())
                .invalidRequestHandler(access ? AccessLine::answerInvalid : Problem::answerInvalid);
        return server.listen(conf.port() == 0 ? ANY_PORT : conf.port(), conf.host());
    }

    /**
     * No one comes in any more, and who is in leaves: idle connections at once, requests when they are answered, and
     * streams one after the other. Until then they are given what is published.
     */
    @Override
    public Future<?> stop() {
        Duration window = stopping.get();
        if (window.isZero()) {
            subscribers.end();
            return server.close().eventually(this::leave);
        }
        Drain drain = subscribers.drain(window);
        long draining = vertx.setPeriodic(DRAIN_STEP_MILLIS, id -> {
            if (stopping.get().isZero()) {
                subscribers.end();
            } else {
                drain.step();
            }
        });
        return server.shutdown(window.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(closed -> vertx.cancelTimer(draining))
                .eventually(this::leave);
    }

    private Future<?> leave() {
        vertx.cancelTimer(walk);
        return ring.unregister().onComplete(gone -> links.close());
    }

    /** All that is rung in one turn of the event loop is answered at its end, at once. */
    private void rung(ChannelName channel) {
        if (subscribers.ring(channel)) {
            context.runOnContext(turn -> subscribers.answer());
        }
    }

    public int port() {
        return server.actualPort();
    }

    public int subscribers() {
        return subscribers.count();
    }

    private Router router() {
        Router router = Router.router(vertx);
        Problem.mount(router);
        Origins.mount(router, conf.cors());
        router.route()
                .handler(new ChannelHandler(
                        conf.channels(),
                        new SubscribeHandler(
                                subscribers, links, conf.subscriber().queueBytes()),
                        new PublishHandler(bus, conf.publish())));
        Pages.mount(router, conf.webroot());
        return router;
    }
}
