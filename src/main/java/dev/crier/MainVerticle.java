package dev.crier;

import dev.crier.auth.JwtKeys;
import dev.crier.auth.JwtVerifier;
import dev.crier.auth.TokenAuthorizer;
import dev.crier.bus.Bus;
import dev.crier.config.ChannelConf;
import dev.crier.config.Channels;
import dev.crier.config.Conf;
import dev.crier.config.LogConf;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.Retention;
import dev.crier.fanout.StreamTimeouts;
import dev.crier.fanout.Subscribers;
import dev.crier.limit.Limits;
import dev.crier.log.AgeClock;
import dev.crier.log.EventLog;
import dev.crier.log.LogLimits;
import dev.crier.log.MeasuredStore;
import dev.crier.log.MemoryStore;
import dev.crier.log.Store;
import dev.crier.log.sqlite.SqliteStore;
import dev.crier.logging.LoggingConfigurator;
import dev.crier.metrics.Metrics;
import dev.crier.metrics.Prometheus;
import dev.crier.server.HttpVerticle;
import dev.crier.server.Listeners;
import dev.crier.source.ClockVerticle;
import dev.crier.transport.QueuedBytes;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wires all parts of Crier together from its configuration and owns their life cycle. Opens the management listener, the
 * log, the sources, the keys of JWTs and the public listeners, in this order, and closes them in reverse. If a step fails, the
 * steps before are undone.
 */
public final class MainVerticle extends VerticleBase {

    /** Period of trimming the log. */
    private static final long TRIM_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(MainVerticle.class);

    private final int eventLoops;
    private final Supplier<RandomGenerator> randoms;
    private final Lifecycle lifecycle = new Lifecycle();
    private Metrics metrics;
    private Listeners listeners;
    private EventLog log;
    private final AgeClock ages = new AgeClock(InstantSource.system(), System::nanoTime);
    private Duration drain;
    private volatile boolean drainSkipped;

    /** Closes what was opened, the last first. */
    private final Deque<Supplier<Future<Void>>> opened = new ArrayDeque<>();

    /** For a Vert.x with the default number of event loops. */
    public MainVerticle() {
        this(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    }

    public MainVerticle(int eventLoops) {
        this(eventLoops, Random::new);
    }

    /** @param randoms creates the random generator of each event loop */
    public MainVerticle(int eventLoops, Supplier<RandomGenerator> randoms) {
        this.eventLoops = eventLoops;
        this.randoms = randoms;
    }

    @Override
    public Future<?> start() {
        var conf = Conf.read(config(), Map.of(ClockVerticle.class.getName(), ClockVerticle::check));
        drain = conf.drain();
        var bus = new Bus(vertx);
        metrics = conf.management().isOn() ? count(conf.channels()) : Metrics.NONE;
        metrics.observeDroppedLines(LoggingConfigurator::dropped);
        opened.push(() -> {
            metrics.close();
            return Future.succeededFuture();
        });
        listeners = new Listeners(vertx, metrics);
        opened.push(() -> listeners.closeManagement());
        return listeners
                .openManagement(conf.management(), this::unready, backup(conf))
                .compose(listening -> openLog(conf, bus))
                .compose(log -> startSources(conf))
                .compose(started -> openKeys(conf))
                .compose(jwts -> openListeners(conf, bus, jwts))
                .<Void>compose(
                        listening -> {
                            lifecycle.started();
                            unready()
                                    .ifPresentOrElse(
                                            why -> LOG.warn(
                                                    "Crier listens but is not ready, because {}: {}",
                                                    why,
                                                    listeners.url()),
                                            () -> LOG.info("Crier is ready: {}", listeners.url()));
                            return Future.succeededFuture();
                        },
                        failure -> close().transform(closed -> Future.failedFuture(failure)));
    }

    /** Closes the log last: Vert.x has undeployed the listeners before it calls this. */
    @Override
    public Future<?> stop() {
        return close().onSuccess(closed -> LOG.info("Crier has stopped"));
    }

    /** Closes everything that was opened, the last first, even if a step fails. */
    private Future<Void> close() {
        Future<Void> closed = Future.succeededFuture();
        while (!opened.isEmpty()) {
            closed = closed.eventually(opened.pop());
        }
        return closed;
    }

    private Metrics count(Channels channels) {
        List<String> declared =
                channels.declared().keySet().stream().map(ChannelPattern::path).toList();
        return new Prometheus(
                declared, name -> channels.declaration(new ChannelName(name)).map(ChannelPattern::path), ages);
    }

    /** Skips the drain, even if already draining. Thread-safe. */
    public void skipDrain() {
        drainSkipped = true;
    }

    /** Called by each listener when it begins to stop. Returns the time over which it ends its streams. */
    private Duration drainTime() {
        Duration time = drainSkipped ? Duration.ZERO : drain;
        if (lifecycle.beginStop()) {
            LOG.info("Crier stops; streams that it ends, within {}: {}", time, subscribers());
        }
        return time;
    }

    private Optional<String> unready() {
        return lifecycle.unready().or(() -> log.stores() ? log.full() : Optional.of("the log cannot store"));
    }

    private Future<?> openLog(Conf conf, Bus bus) {
        Function<ChannelName, Optional<Retention>> keeps =
                channel -> conf.channels().find(channel).map(ChannelConf::retention);
        var bounds = new LogLimits(
                conf.log().memoryBytes(),
                conf.limits().channels(),
                conf.channels().named());
        log = new EventLog(
                keeps,
                store(conf, keeps, bounds),
                ages,
                bus::ring,
                conf.publish().idempotencyWindow(),
                bounds);
        opened.push(() ->
                log.close().onFailure(failure -> LOG.error("The log could not be closed: {}", failure.getMessage())));
        return log.open().compose(ready -> {
            metrics.observeLog(log::entries, log::channels, log::memoryBytes, bounds::memoryBytes, log::fileBytes);
            long trimming = vertx.setPeriodic(TRIM_MILLIS, id -> log.trim());
            opened.push(() -> {
                vertx.cancelTimer(trimming);
                return Future.succeededFuture();
            });
            Bus.Intake intake = bus.onPublish(log::append);
            opened.push(() -> intake.close().mapEmpty());
            return intake.open();
        });
    }

    private Future<?> startSources(Conf conf) {
        var sources = new Sources(vertx);
        opened.push(() -> sources.stop().mapEmpty());
        return sources.start(conf.channels());
    }

    /** Writes a backup; empty if the log is not in a file. */
    private Optional<Supplier<Future<JsonObject>>> backup(Conf conf) {
        return conf.log() instanceof LogConf.Sqlite
                ? Optional.of(() -> log.backup()
                        .map(backup -> new JsonObject()
                                .put("file", backup.file().toString())
                                .put("bytes", backup.bytes())))
                : Optional.empty();
    }

    private Store store(Conf conf, Function<ChannelName, Optional<Retention>> keeps, LogLimits bounds) {
        Store store = conf.log() instanceof LogConf.Sqlite sqlite
                ? new SqliteStore(vertx, sqlite.file(), keeps, sqlite.recentBytes(), bounds.emptyChannels())
                : new MemoryStore();
        return conf.management().isOn() ? new MeasuredStore(store, metrics, System::nanoTime) : store;
    }

    /** Returns the port, once deployed. */
    public int port() {
        return listeners.port();
    }

    /** Returns the port of the management listener, once deployed. */
    public int managementPort() {
        return listeners.managementPort();
    }

    /** Returns the number of subscribers on all event loops. */
    public int subscribers() {
        return listeners.subscribers();
    }

    private Future<Optional<JwtVerifier>> openKeys(Conf conf) {
        if (!conf.jwt().isOn()) {
            return Future.succeededFuture(Optional.empty());
        }
        var keys = new JwtKeys(conf.jwt(), MainVerticle::nowMillis);
        var jwts = new JwtVerifier(keys, conf.jwt().leeway(), InstantSource.system());
        return vertx.deployVerticle(keys).map(opened -> Optional.of(jwts));
    }

    private Future<?> openListeners(Conf conf, Bus bus, Optional<JwtVerifier> jwts) {
        var patience = new StreamTimeouts(
                conf.heartbeat(),
                conf.subscriber().stallTimeout(),
                conf.retry(),
                conf.subscriber().maxLifetime());
        Conf admitting = GeneratedToken.addTo(conf);
        var limits =
                new Limits(conf.limits(), conf.trustedProxies(), conf.tls().isOn() || conf.h2c(), System::nanoTime);
        var queued = new QueuedBytes(conf.limits().queueBytes());
        metrics.observeQueuedBytes(queued::sum);
        opened.push(() -> {
            listeners.close();
            return Future.succeededFuture();
        });
        return listeners.open(
                conf,
                eventLoops,
                certificate -> new HttpVerticle(
                        admitting,
                        certificate,
                        bus,
                        new Subscribers(log, patience, MainVerticle::nowMillis, randoms.get(), metrics, queued::isFull),
                        new TokenAuthorizer(admitting, jwts),
                        limits,
                        queued,
                        randoms.get(),
                        metrics,
                        this::drainTime));
    }

    /** A clock that never goes back, unlike the wall clock. */
    private static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }
}
