package dev.crier;

import dev.crier.bus.Bus;
import dev.crier.bus.PublishConsumer;
import dev.crier.config.ChannelConf;
import dev.crier.config.Conf;
import dev.crier.config.LogConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.Notifications;
import dev.crier.log.redis.RedisStore;
import dev.crier.log.sqlite.SqliteStore;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.Store;
import dev.crier.metrics.Metrics;
import dev.crier.transport.PublicationTracer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event log with its store, its trimming, its notifications and its address on the event bus, opened and closed as one. */
final class LogLifecycle {

    /** Period of trimming the log. */
    private static final long TRIM_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(LogLifecycle.class);

    private final Vertx vertx;
    private final Conf conf;
    private final Metrics metrics;
    private final LogLimits limits;
    private final Notifications notifications = new Notifications();
    private final EventLog log;
    private final String busAddress;
    private final Closers closers = new Closers();

    LogLifecycle(Vertx vertx, Conf conf, AgeClock clock, Metrics metrics) {
        this.vertx = vertx;
        this.conf = conf;
        this.metrics = metrics;
        busAddress = conf.busAddress().orElseGet(() -> Bus.PUBLISH + "." + UUID.randomUUID());
        limits = new LogLimits(
                conf.log().memoryBytes(),
                conf.limits().channels(),
                conf.channels().named());
        Function<ChannelName, Optional<Retention>> retention =
                channel -> conf.channels().find(channel).map(ChannelConf::retention);
        var tracer = new PublicationTracer(vertx);
        log = new EventLog(
                retention,
                store(retention),
                clock,
                notifications::send,
                conf.publish().idempotencyWindow(),
                limits,
                metrics,
                (publication, append) -> tracer.trace(
                        publication.channel().path(), publication.events().size(), append));
    }

    private Store store(Function<ChannelName, Optional<Retention>> retention) {
        if (conf.log() instanceof LogConf.Sqlite sqlite) {
            return new SqliteStore(vertx, sqlite.file(), retention, sqlite.recentBytes(), limits.emptyChannels());
        }
        if (conf.log() instanceof LogConf.Redis redis) {
            return new RedisStore(vertx, redis.server(), retention, redis.recentBytes(), limits.emptyChannels());
        }
        return new MemoryStore();
    }

    /** Returns the address of the event bus at which this log takes publications. */
    String busAddress() {
        return busAddress;
    }

    EventLog log() {
        return log;
    }

    Notifications notifications() {
        return notifications;
    }

    Future<?> open() {
        closers.addAsync(() ->
                log.close().onFailure(failure -> LOG.error("The log could not be closed: {}", failure.getMessage())));
        return log.open().compose(readable -> {
            metrics.observeLog(
                    log::entries,
                    log::channels,
                    log::memoryBytes,
                    limits::memoryBytes,
                    log::fileBytes,
                    () -> log.isReadable() && log.stores());
            long trimming = vertx.setPeriodic(TRIM_MILLIS, id -> log.trim());
            closers.add(() -> {
                vertx.cancelTimer(trimming);
            });
            closers.add(notifications::close);
            var consumer = new PublishConsumer(vertx, busAddress, log::append);
            closers.addAsync(consumer::close);
            return consumer.open();
        });
    }

    Future<Void> close() {
        return closers.close();
    }

    /** Returns the action that writes a backup and describes it; empty if the log is not in a file. */
    Optional<Supplier<Future<JsonObject>>> backup() {
        return conf.log() instanceof LogConf.Sqlite
                ? Optional.of(() -> log.backup()
                        .map(backup -> new JsonObject()
                                .put("file", backup.file().toString())
                                .put("bytes", backup.bytes())))
                : Optional.empty();
    }
}
