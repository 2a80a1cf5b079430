package dev.crier;

import dev.crier.auth.Jwts;
import dev.crier.auth.Keys;
import dev.crier.auth.Rights;
import dev.crier.bus.Bus;
import dev.crier.channel.Patience;
import dev.crier.channel.Subscribers;
import dev.crier.config.ChannelConf;
import dev.crier.config.ChannelPattern;
import dev.crier.config.Channels;
import dev.crier.config.Conf;
import dev.crier.config.LogConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Keep;
import dev.crier.http.HttpVerticle;
import dev.crier.http.Limits;
import dev.crier.http.QueuedBytes;
import dev.crier.log.AgeClock;
import dev.crier.log.Bounds;
import dev.crier.log.EventLog;
import dev.crier.log.MeasuredStore;
import dev.crier.log.MemoryStore;
import dev.crier.log.SqliteStore;
import dev.crier.log.Store;
import dev.crier.metrics.Metrics;
import dev.crier.metrics.Prometheus;
import dev.crier.source.ClockVerticle;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.time.InstantSource;
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
 * Puts Crier together from its conf: the log, the sources, and a door for each event loop. All parts meet here and nowhere
 * else, so it is a little longer than others, and half of it is wiring.
 */
public final class MainVerticle extends VerticleBase {

    /** How often the log is trimmed. */
    private static final long TRIM_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(MainVerticle.class);

    private final int eventLoops;
    private final Supplier<RandomGenerator> randoms;
    private final Life life = new Life();
    private Metrics metrics;
    private Doors doors;
    private EventLog log;
    private final AgeClock ages = new AgeClock(InstantSource.system(), System::nanoTime);
    private Duration drain;
    private volatile boolean hurried;
    private Bus.Intake intake;
    private long trimming;

    /** For a Vert.x with as many event loops as it has by itself. */
    public MainVerticle() {
        this(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    }

    public MainVerticle(int eventLoops) {
        this(eventLoops, Random::new);
    }

    /** @param randoms makes the chance of each event loop */
    public MainVerticle(int eventLoops, Supplier<RandomGenerator> randoms) {
        this.eventLoops = eventLoops;
        this.randoms = randoms;
    }

    @Override
    public Future<?> start() {
        var conf = Conf.read(config(), Map.of(ClockVerticle.class.getName(), ClockVerticle::check));
        drain = conf.shutdown().drain();
        var bus = new Bus(vertx);
        metrics = conf.management().isOn() ? count(conf.channels()) : Metrics.NONE;
        metrics.console(LogLines::dropped);
        doors = new Doors(vertx, metrics);
        return doors.openManagement(conf.management(), this::unready)
                .compose(opened -> openLog(conf, bus))
                .compose(opened -> Sources.start(vertx, conf.channels()))
                .compose(started -> openKeys(conf))
                .compose(jwts -> openDoors(conf, bus, jwts))
                .onSuccess(opened -> {
                    life.started();
                    LOG.info("Crier is ready: {}", doors.url());
                });
    }

    /** The sources and the doors are gone by then: Vert.x stops what a verticle has deployed before itself. */
    @Override
    public Future<?> stop() {
        doors.close();
        vertx.cancelTimer(trimming);
        return intake.close()
                .eventually(log::close)
                .onComplete(closed -> metrics.close())
                .onSuccess(closed -> LOG.info("Crier has stopped"));
    }

    private Metrics count(Channels channels) {
        List<String> declared =
                channels.declared().keySet().stream().map(ChannelPattern::path).toList();
        return new Prometheus(
                declared, name -> channels.declaration(new ChannelName(name)).map(ChannelPattern::path), ages);
    }

    /** Has it stop at once when it stops, or when it does so already, whoever reads; any thread may say so. */
    public void hurry() {
        hurried = true;
    }

    /** A door closes; the answer is over how long. */
    private Duration stopping() {
        Duration window = hurried ? Duration.ZERO : drain;
        if (life.stops()) {
            LOG.info("Crier stops; streams that it ends, within {}: {}", window, subscribers());
        }
        return window;
    }

    private Optional<String> unready() {
        return life.unready().or(() -> log.stores() ? log.full() : Optional.of("the log cannot store"));
    }

    private Future<?> openLog(Conf conf, Bus bus) {
        Function<ChannelName, Optional<Keep>> keeps =
                channel -> conf.channels().find(channel).map(ChannelConf::keep);
        var bounds = new Bounds(
                conf.log().memoryBytes(),
                conf.limits().channels(),
                conf.channels().named());
        log = new EventLog(
                keeps,
                store(conf, keeps, bounds),
                ages,
                bus::ring,
                conf.publish().retryWindow(),
                bounds);
        return log.open().compose(opened -> {
            metrics.log(log::entries, log::channels, log::memoryBytes, bounds::memoryBytes, log::fileBytes);
            trimming = vertx.setPeriodic(TRIM_MILLIS, id -> log.trim());
            intake = bus.onPublish(log::append);
            return intake.open();
        });
    }

    private Store store(Conf conf, Function<ChannelName, Optional<Keep>> keeps, Bounds bounds) {
        Store store = conf.log() instanceof LogConf.Sqlite sqlite
                ? new SqliteStore(vertx, sqlite.file(), keeps, sqlite.recentBytes(), bounds.emptyChannels())
                : new MemoryStore();
        return conf.management().isOn() ? new MeasuredStore(store, metrics, System::nanoTime) : store;
    }

    /** The port it listens on, once it is deployed. */
    public int port() {
        return doors.port();
    }

    /** The port for those who run it, once it is deployed. */
    public int managementPort() {
        return doors.managementPort();
    }

    /** How many readers there are now, on all event loops. */
    public int subscribers() {
        return doors.subscribers();
    }

    private Future<Optional<Jwts>> openKeys(Conf conf) {
        if (!conf.jwt().isOn()) {
            return Future.succeededFuture(Optional.empty());
        }
        var keys = new Keys(conf.jwt(), MainVerticle::nowMillis);
        var jwts = new Jwts(keys, conf.jwt().leeway(), InstantSource.system());
        return vertx.deployVerticle(keys).map(opened -> Optional.of(jwts));
    }

    private Future<?> openDoors(Conf conf, Bus bus, Optional<Jwts> jwts) {
        var patience = new Patience(
                conf.heartbeat(),
                conf.subscriber().stallTimeout(),
                conf.retry(),
                conf.subscriber().maxLifetime());
        Conf admitting = RunToken.in(conf);
        var limits = new Limits(conf.limits(), conf.trustedProxies(), System::nanoTime);
        var queued = new QueuedBytes(conf.limits().queueBytes());
        metrics.queued(queued::sum);
        return doors.open(
                conf,
                eventLoops,
                certificate -> new HttpVerticle(
                        admitting,
                        certificate,
                        bus,
                        new Subscribers(log, patience, MainVerticle::nowMillis, randoms.get(), metrics, queued::isFull),
                        new Rights(admitting, jwts),
                        limits,
                        queued,
                        metrics,
                        this::stopping));
    }

    /** A clock that never goes back. */
    private static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }
}
