package dev.crier.console;

import dev.crier.config.Conf;
import dev.crier.config.LogConf;
import dev.crier.limit.Limits;
import dev.crier.limit.OpenFiles;
import dev.crier.log.EventLog;
import dev.crier.log.store.Store;
import dev.crier.routes.SharedParts;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Observes Crier once a second. All values exist for the metrics or the limits anyway; this only reads them. Used by one thread
 * at a time.
 */
public final class Sampler {

    /** How many samples make the minute for which a problem is reported after its end. */
    private static final int MINUTE = 60;

    /** The number of open files is read once in this many samples, because it may take milliseconds. */
    private static final int FILES_PERIOD = 10;

    private final Conf conf;
    private final SharedParts shared;
    private final Supplier<Optional<String>> notReady;
    private final Supplier<Optional<Instant>> certificateEnd;
    private final String version;
    private final InstantSource clock;
    private final int maxFiles = OpenFiles.max();

    /** The samples of the last minute, the oldest first. */
    private final Deque<Moment> minute = new ArrayDeque<>();

    private int files;
    private long samples;

    /**
     * @param notReady returns why Crier is starting or stopping
     * @param certificateEnd returns when the certificate's validity ends
     * @param clock the wall clock
     */
    public Sampler(
            SharedParts shared,
            Supplier<Optional<String>> notReady,
            Supplier<Optional<Instant>> certificateEnd,
            String version,
            InstantSource clock) {
        this.conf = shared.conf();
        this.shared = shared;
        this.notReady = notReady;
        this.certificateEnd = certificateEnd;
        this.version = version;
        this.clock = clock;
        minute.add(observe(List.of()));
    }

    /**
     * Returns the values of the time since the last call, as JSON. May block.
     *
     * @param sharers the nodes that share the log, if they are known
     */
    public JsonObject next(List<Store.Sharer> sharers) {
        Moment now = observe(sharers);
        JsonObject stats = Stats.json(minute.getLast(), now, version, Problems.of(minute.getFirst(), now));
        minute.add(now);
        if (minute.size() > MINUTE) {
            minute.removeFirst();
        }
        return stats;
    }

    private Moment observe(List<Store.Sharer> sharers) {
        Limits limits = shared.limits();
        if (samples++ % FILES_PERIOD == 0) {
            files = OpenFiles.open();
        }
        Runtime runtime = Runtime.getRuntime();
        return new Moment(
                clock.instant(),
                ManagementFactory.getRuntimeMXBean().getUptime(),
                notReady.get(),
                shared.metrics().read(),
                limits.subscribers().count(),
                limits.connections().count(),
                limits.connections().max(),
                files,
                maxFiles,
                limits.subscribers().refusedByAddress(),
                log(sharers),
                new Moment.Heap(runtime.totalMemory() - runtime.freeMemory(), runtime.maxMemory()),
                shared.loops().blocked(),
                certificateEnd.get());
    }

    private Moment.Log log(List<Store.Sharer> sharers) {
        EventLog log = shared.log();
        return new Moment.Log(
                storeName(conf.log()),
                log.isReadable(),
                log.entries(),
                log.channels(),
                log.memoryBytes(),
                conf.log().memoryBytes(),
                log.fileBytes(),
                log.full(),
                log.failure(),
                log.isReadable() ? log.newest().millis() : 0,
                log.shared(),
                sharers);
    }

    private static String storeName(LogConf conf) {
        return conf instanceof LogConf.Redis ? "redis" : conf instanceof LogConf.Sqlite ? "sqlite" : "memory";
    }

    /** Returns how long the channel of these values should keep them. */
    public static Duration kept() {
        return Duration.ofMinutes(15);
    }
}
