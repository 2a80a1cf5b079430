package dev.crier;

import dev.crier.auth.JwtKeys;
import dev.crier.auth.JwtVerifier;
import dev.crier.bus.Bus;
import dev.crier.config.Channels;
import dev.crier.config.Conf;
import dev.crier.config.file.ConfException;
import dev.crier.config.file.Section;
import dev.crier.console.Sampler;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.fanout.ChannelStream;
import dev.crier.http.Access;
import dev.crier.http.Authorizer;
import dev.crier.http.HostAccess;
import dev.crier.http.OverloadResponse;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.log.store.AgeClock;
import dev.crier.metrics.Metrics;
import dev.crier.metrics.Prometheus;
import dev.crier.routes.EventLoops;
import dev.crier.routes.SharedParts;
import dev.crier.server.ManagementListener;
import dev.crier.source.ClockVerticle;
import dev.crier.source.SubscriberCountVerticle;
import dev.crier.transport.BaseContext;
import dev.crier.transport.HostConnections;
import dev.crier.transport.OwnEventLoop;
import dev.crier.transport.StreamConnections;
import dev.crier.transport.stream.QueuedBytes;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.streams.ReadStream;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Crier inside a Vert.x application: an event log, and routes that publish to its channels and subscribe to them.
 *
 * <pre>{@code
 * Crier crier = Crier.create(vertx, new JsonObject("""
 *         {"channels": {"/news": {"keep": {"events": 1000}}}}"""));
 * router.route("/live/*").subRouter(crier.router(vertx)); // GET /live/news is the event stream of the channel /news
 * crier.start().onSuccess(started -> crier.publish("/news", "Hello"));
 * }</pre>
 *
 * <p>The name of a channel is the path below the mount point. Several instances in one Vert.x do not meet, even if they have
 * channels of the same names. Thread-safe.
 *
 * <p>The class is long because it wires all parts together and owns their life cycle, for the library and for the server.
 */
public final class Crier {

    /** The checks of the configurations of Crier's own sources, by the names of their verticles. */
    static final Map<String, Consumer<Section>> SOURCES = Map.of(
            ClockVerticle.class.getName(),
            ClockVerticle::check,
            SubscriberCountVerticle.class.getName(),
            section -> {});

    private static final String NOT_OPEN =
            "Crier has not been started, or is closed (expected: a call after the success of start)";

    private final Vertx vertx;
    private final Conf conf;
    private final Metrics metrics;
    private final Lifecycle lifecycle = new Lifecycle();
    private final Closers closers = new Closers();
    private final LogLifecycle log;
    private final Optional<JwtKeys> keys;
    private final SharedParts shared;
    private final Set<MountedRoutes> mounted = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean startCalled = new AtomicBoolean();
    private volatile Optional<Authorizer> authorizer = Optional.empty();
    private final AtomicBoolean closeCalled = new AtomicBoolean();

    /** Completes with the id of the deployment after the start, or fails with it. */
    private final Promise<String> deployed = Promise.promise();

    /** Completes when the verticle of this instance has stopped, or failed to start. */
    private final Promise<Void> stopped = Promise.promise();

    /** Completes when {@link #close} has closed all. */
    private final Promise<Void> closed = Promise.promise();

    private volatile boolean open;
    private Optional<ManagementListener> management = Optional.empty();
    private Supplier<Optional<Instant>> certificateEnd = Optional::empty;
    private Supplier<Optional<String>> url = Optional::empty;

    /**
     * Creates a Crier for an application. {@link #start} opens it.
     *
     * @param conf the configuration, as {@code docs/configuration.md} describes it, without what only the server has
     * @throws ConfException with all mistakes of the configuration
     */
    public static Crier create(Vertx vertx, JsonObject conf) {
        Arguments.notNull(vertx, "vertx", "the Vert.x of the application");
        Arguments.notNull(conf, "conf", "a JSON object");
        return new Crier(vertx, Conf.readEmbedded(conf, SOURCES), Random::new);
    }

    /** @param randoms creates the random generator of each event loop */
    Crier(Vertx vertx, Conf conf, Supplier<RandomGenerator> randoms) {
        this.vertx = vertx;
        this.conf = conf;
        var clock = new AgeClock(InstantSource.system(), System::nanoTime);
        metrics = conf.management().isOn() ? prometheus(conf, clock) : Metrics.NONE;
        log = new LogLifecycle(vertx, conf, clock, metrics);
        keys = conf.jwt().isOn() ? Optional.of(new JwtKeys(conf.jwt(), SharedParts::nowMillis)) : Optional.empty();
        var queued = new QueuedBytes(conf.limits().queueBytes());
        metrics.observeQueuedBytes(queued::sum);
        shared = new SharedParts(
                conf,
                log.log(),
                log.notifications(),
                keys.map(own -> new JwtVerifier(own, conf.jwt().leeway(), InstantSource.system())),
                new Limits(conf.limits(), conf.trustedProxies(), conf.tls().isOn() || conf.h2c(), System::nanoTime),
                queued,
                metrics,
                new EventLoops(),
                randoms);
    }

    private static Metrics prometheus(Conf conf, AgeClock clock) {
        Channels channels = conf.channels();
        List<String> declared =
                channels.declared().keySet().stream().map(ChannelPattern::path).toList();
        return new Prometheus(
                declared,
                name -> channels.declaration(new ChannelName(name)).map(ChannelPattern::path),
                conf.subscribe().path().map(ChannelName::path),
                clock);
    }

    /**
     * Lets the application decide who may do what, instead of tokens. Applies to the routers that are created after this call.
     *
     * @return this
     */
    public Crier authorizer(Authorizer decides) {
        authorizer = Optional.of(notNull(decides));
        return this;
    }

    /**
     * Opens the log, on an event loop of its own, and starts the sources. Crier closes with the verticle on whose context this is
     * called, or else with its Vert.x.
     *
     * @return this, when events can be published. Fails with a {@link ConfException} if the configuration cannot be used, and with
     *     an {@link IllegalStateException} at a second call. After a failure, nothing is open, and a new instance may try again
     */
    public Future<Crier> start() {
        if (!startCalled.compareAndSet(false, true)) {
            return Future.failedFuture(new IllegalStateException(
                    "start: called before, or closed (expected: one call for each Crier.create)"));
        }
        return vertx.deployVerticle(new VerticleBase() {
                    private OwnEventLoop loop;

                    @Override
                    public Future<?> start() {
                        loop = new OwnEventLoop(context, "crier-log");
                        return loop.call(() -> open()).onSuccess(opened -> lifecycle.started());
                    }

                    @Override
                    public Future<?> stop() {
                        lifecycle.beginStop();
                        return closeMounted()
                                .eventually(() -> loop.call(() -> shut()))
                                .onComplete(done -> stopped.tryComplete());
                    }
                })
                .onSuccess(deployed::complete)
                .onFailure(failure -> {
                    lifecycle.beginStop();
                    deployed.fail(failure);
                    stopped.tryComplete();
                })
                .map(id -> this);
    }

    /**
     * Tells the console about the main listener, which the server has and an application has not. Called before {@link #open}.
     *
     * @param end returns when the validity of the certificate ends
     * @param main returns the URL
     */
    void listener(Supplier<Optional<Instant>> end, Supplier<Optional<String>> main) {
        certificateEnd = end;
        url = main;
    }

    /** Opens the management listener, the log, the sources and the keys of JWTs, in this order. Undoes all if one fails. */
    Future<Void> open() {
        closers.add(metrics::close);
        return openConsole()
                .compose(console -> ManagementListener.open(
                        vertx,
                        conf.management(),
                        this::notReadyReason,
                        metrics,
                        log.backup(),
                        shared.limits(),
                        console.map(own -> own)))
                .compose(listener -> {
                    management = listener;
                    closers.addAsync(
                            () -> listener.map(ManagementListener::close).orElseGet(Future::succeededFuture));
                    closers.addAsync(log::close);
                    return log.open();
                })
                .compose(opened -> {
                    open = true;
                    closers.add(() -> open = false);
                    return startSources();
                })
                .compose(started -> keys.<Future<?>>map(vertx::deployVerticle).orElseGet(Future::succeededFuture))
                .<Void>mapEmpty()
                .recover(failure -> shut().transform(closed -> Future.failedFuture(failure)));
    }

    private Future<Optional<Console>> openConsole() {
        if (!conf.management().console()) {
            return Future.succeededFuture(Optional.empty());
        }
        String version = Objects.requireNonNullElse(Crier.class.getPackage().getImplementationVersion(), "");
        var sampler = new Sampler(shared, lifecycle::notReadyReason, certificateEnd, version, InstantSource.system());
        var console = new Console(vertx, this, sampler, url);
        closers.addAsync(console::close);
        return console.open().map(Optional.of(console));
    }

    private Future<?> startSources() {
        new Bus(vertx, log.busAddress())
                .answerSubscribers(() -> shared.limits().subscribers().count());
        var sources = new Sources(vertx, conf.log().isShared(), log.busAddress());
        closers.addAsync(sources::stop);
        return sources.start(conf.channels());
    }

    private Future<Void> closeMounted() {
        List<Future<Void>> closed =
                mounted.stream().map(routes -> routes.close(conf.drain())).toList();
        return Future.join(closed).mapEmpty();
    }

    /** Closes what {@link #open} has opened, in reverse. */
    Future<Void> shut() {
        return closers.close();
    }

    /**
     * Returns the routes of all channels, for the event loop of the calling verticle, or else for the one of the calling thread.
     * Each event loop that serves them needs a router of its own. Before the start, and after the close, requests to channels get
     * 503.
     *
     * @param own the Vert.x that Crier was created with
     * @throws IllegalArgumentException if it is another one
     * @throws IllegalStateException on a worker or a virtual thread, or if the Vert.x is closed
     */
    public Router router(Vertx own) {
        return router(own, authorizer);
    }

    /** Returns routes for which this authorizer decides. */
    public Router router(Vertx own, Authorizer decides) {
        return router(own, Optional.of(notNull(decides)));
    }

    private static Authorizer notNull(Authorizer decides) {
        return Arguments.notNull(decides, "authorizer", "an authorizer");
    }

    private Router router(Vertx own, Optional<Authorizer> decides) {
        if (own != vertx) {
            throw new IllegalArgumentException(
                    "router: another Vert.x (expected: the one that was given to Crier.create)");
        }
        Context context = BaseContext.current(vertx);
        if (!context.isEventLoopContext()) {
            throw new IllegalStateException(
                    "router: called on a worker or a virtual thread (expected: the event loop that serves the router)");
        }
        BiFunction<Access, OverloadResponse, Access> access =
                (tokens, overload) -> decides.<Access>map(decider -> new HostAccess(decider, overload))
                        .orElse(tokens);
        var connections = new HostConnections(
                conf.subscriber().queueBytes(), conf.subscriber().stallTimeout());
        try {
            return mount(context, access, connections).router();
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("router: the Vert.x is closed (expected: a call before its end)", e);
        }
    }

    /** Creates the routes of all channels on an event loop. They end with its verticle. */
    MountedRoutes mount(
            Context context, BiFunction<Access, OverloadResponse, Access> access, StreamConnections connections) {
        var routes = new MountedRoutes(context, shared, access, connections, () -> open, mounted::remove);
        mounted.add(routes);
        if (lifecycle.isStopping()) {
            routes.close(Duration.ZERO); // nothing else would, because the close has ended all routes or is about to
        }
        return routes;
    }

    /** Publishes an event without a type. See {@link #publish(String, Event)}. */
    public Future<String> publish(String channel, String data) {
        return publish(() -> Arguments.publication(channel, Event.of(data)));
    }

    /**
     * Publishes an event.
     *
     * @return its id, on the context of the caller, when the event is as safe as the store makes it. Fails with a {@link
     *     dev.crier.event.PublishException} if the log refuses the event, with an {@link IllegalArgumentException} if the name of the
     *     channel or the event is not valid, and with an {@link IllegalStateException} before the start and after the close
     */
    public Future<String> publish(String channel, Event event) {
        return publish(() -> Arguments.publication(channel, event));
    }

    /**
     * Publishes an event with an idempotency key. If the same event was published to the channel with this key before, returns
     * the id of that event and stores nothing.
     */
    public Future<String> publish(String channel, Event event, String key) {
        return publish(() -> Arguments.publication(channel, event, key));
    }

    private Future<String> publish(Supplier<Publication> publication) {
        if (!open) {
            return Future.failedFuture(new IllegalStateException("publish: " + NOT_OPEN));
        }
        try {
            return log.log().append(publication.get()).map(ids -> ids.get(0).toString());
        } catch (IllegalArgumentException e) {
            return Future.failedFuture(e);
        }
    }

    /**
     * Follows a channel in this process, with the same guarantees as over HTTP.
     *
     * @param start where the stream starts; its start is found in this call, so it has every event that is published after it
     * @param handler receives each event on the context of the caller. An event of the type {@code crier.gap} stands for events
     *     that are missing, and its id for the position after them
     * @return the stream, for back-pressure; {@code handler(null)} ends it
     * @throws IllegalStateException before the start and after the close
     * @throws IllegalArgumentException if the channel is not declared, or an argument is not valid
     */
    public ReadStream<Entry> subscribe(String channel, StartAt start, Handler<Entry> handler) {
        if (!open) {
            throw new IllegalStateException("subscribe: " + NOT_OPEN);
        }
        ChannelName name = Arguments.channel(channel);
        Arguments.notNull(start, "start", "a dev.crier.event.StartAt");
        Arguments.notNull(handler, "handler", "a handler of entries");
        Retention retention = conf.channels()
                .findChannel(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "subscribe: " + channel + " is not declared (expected: a channel of the configuration)"))
                .retention();
        return new ChannelStream(vertx.getOrCreateContext(), log.log(), log.notifications(), name, retention, start)
                .handler(handler);
    }

    /**
     * Ends all streams over {@code shutdown.drain}, and closes the sources and the log. If the start is not over, closes after it.
     * Does nothing if all is closed. Any thread may call this.
     *
     * @return the end, for every caller. Never fails
     */
    public Future<Void> close() {
        if (!startCalled.getAndSet(true)) {
            lifecycle.beginStop();
            metrics.close();
            closeMounted().onComplete(ended -> closed.complete());
        } else if (!closeCalled.getAndSet(true)) {
            deployed.future()
                    .compose(this::undeploy)
                    .recover(gone -> stopped.future()) // the verticle or the Vert.x is closing, which closes this, too
                    .eventually(this::closeMounted) // of a start that has failed
                    .onComplete(ended -> closed.complete());
        }
        return closed.future().isComplete() ? closed.future() : onCallersContext(closed.future());
    }

    private Future<Void> undeploy(String deployment) {
        try {
            return vertx.undeploy(deployment);
        } catch (RejectedExecutionException e) {
            return Future.failedFuture(e); // the Vert.x is closed
        }
    }

    private <T> Future<T> onCallersContext(Future<T> result) {
        Context caller = vertx.getOrCreateContext();
        Promise<T> own = Promise.promise();
        result.onComplete(done -> {
            try {
                caller.runOnContext(turn -> own.handle(done));
            } catch (RejectedExecutionException e) {
                own.handle(done); // the event loops have ended
            }
        });
        return own.future();
    }

    /** Returns why Crier is not ready, or nothing if it is. */
    Optional<String> notReadyReason() {
        return lifecycle
                .notReadyReason()
                .or(() -> log.log().stores() ? log.log().full() : Optional.of("the log cannot store"));
    }

    Lifecycle lifecycle() {
        return lifecycle;
    }

    SharedParts shared() {
        return shared;
    }

    EventLog log() {
        return log.log();
    }

    /** Returns 0 if there is no management listener. */
    int managementPort() {
        return management.map(ManagementListener::port).orElse(0);
    }

    /** Returns the number of subscribers. */
    int subscribers() {
        return shared.limits().subscribers().count();
    }
}
