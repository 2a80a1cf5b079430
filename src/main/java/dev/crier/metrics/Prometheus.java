package dev.crier.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The metrics for Prometheus. All time series of Crier exist from the start, with the value 0.
 *
 * <p>The class is long because it has one method for each thing that is counted.
 */
public final class Prometheus implements Metrics {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Meters meters = new Meters(registry);
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Function<String, Optional<String>> declarationOf;
    private final Map<String, PrometheusChannel> channels;
    private final Optional<PrometheusChannel> channelSets;
    private final Map<StreamEndReason, Counter> endedStreams = new EnumMap<>(StreamEndReason.class);
    private final Map<Integer, Counter> refusals = new ConcurrentHashMap<>();
    private final LongAdder connections = new LongAdder();
    private volatile LongSupplier droppedLines = () -> 0;
    private final Counter closedIdleConnections;
    private final Timer eventLoopDelay =
            meters.histogram("event.loop.delay", "How long after its due time an event loop runs a task");
    private final Timer successfulAppends = appends("stored");
    private final Timer failedAppends = appends("failed");

    /**
     * @param declarations the declarations of channels, by their paths
     * @param declarationOf returns the declaration that a channel name belongs to
     * @param subscribePath the path at which clients follow several channels, if there is one
     */
    public Prometheus(
            Collection<String> declarations,
            Function<String, Optional<String>> declarationOf,
            Optional<String> subscribePath,
            InstantSource clock) {
        this.declarationOf = declarationOf;
        channels = declarations.stream()
                .collect(Collectors.toUnmodifiableMap(
                        Function.identity(), path -> new PrometheusChannel(meters, path, clock)));
        channelSets = subscribePath.map(path -> new PrometheusChannel(meters, path, clock));
        for (StreamEndReason reason : StreamEndReason.values()) {
            endedStreams.put(
                    reason, meters.counter("streams.ended", "Streams that have ended", "reason", reason.label()));
        }
        meters.gauge("connections", "Open connections", connections::sum);
        closedIdleConnections = meters.counter(
                "connections.shed", "Connections closed without a complete request or to make room for others");
        new JvmMemoryMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    private Timer appends(String outcome) {
        return meters.histogram("log.write", "How long the store takes for one append", "outcome", outcome);
    }

    @Override
    public ChannelMetrics channel(String name) {
        return declarationOf.apply(name).<ChannelMetrics>map(channels::get).orElse(ChannelMetrics.NONE);
    }

    @Override
    public ChannelMetrics channelSets() {
        return channelSets.<ChannelMetrics>map(own -> own).orElse(ChannelMetrics.NONE);
    }

    @Override
    public void streamEnded(StreamEndReason reason) {
        endedStreams.get(reason).increment();
    }

    @Override
    public void connectionOpened() {
        connections.increment();
    }

    @Override
    public void connectionClosed() {
        connections.decrement();
    }

    @Override
    public void idleConnectionClosed() {
        closedIdleConnections.increment();
    }

    @Override
    public Runnable refusals(int status) {
        return refusals.computeIfAbsent(
                        status,
                        absent -> meters.counter(
                                "refusals", "Requests that were refused", "status", String.valueOf(status)))::increment;
    }

    @Override
    public void eventLoopDelayed(long nanos) {
        eventLoopDelay.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void appended(long nanos, boolean succeeded) {
        (succeeded ? successfulAppends : failedAppends).record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void observeLog(
            LongSupplier entries,
            LongSupplier channels,
            LongSupplier memoryBytes,
            LongSupplier memoryLimit,
            LongSupplier fileBytes,
            BooleanSupplier available) {
        meters.gauge("log.entries", "Events that the log has in memory", entries::getAsLong);
        meters.gauge("log.memory.bytes", "Approximate memory that the log takes", memoryBytes::getAsLong);
        meters.gauge("log.memory.limit.bytes", "Memory that the log may take", memoryLimit::getAsLong);
        meters.gauge("log.channels", "Channels that exist", channels::getAsLong);
        meters.gauge("log.file.bytes", "Disk space that the log takes", fileBytes::getAsLong);
        meters.gauge("log.available", "1 if the log can be read and can store", () -> available.getAsBoolean() ? 1 : 0);
    }

    @Override
    public void observeQueuedBytes(LongSupplier bytes) {
        meters.gauge("queued.bytes", "Bytes that wait in the connections of all subscribers", bytes::getAsLong);
    }

    @Override
    public void observeDroppedLines(LongSupplier lines) {
        droppedLines = lines;
        meters.counter("console.lines.dropped", "Log lines that standard output did not accept", lines);
    }

    /** Uses OpenMetrics if the request accepts it, and the older text format of Prometheus otherwise. */
    @Override
    public Exposition scrape(String accept) {
        var openMetrics = formats.getOpenMetricsTextFormatWriter();
        ExpositionFormatWriter writer =
                openMetrics.accepts(accept) ? openMetrics : formats.getPrometheusTextFormatWriter();
        var body = new ByteArrayOutputStream();
        try {
            writer.write(body, registry.getPrometheusRegistry().scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // impossible: the body is in memory
        }
        return new Exposition(writer.getContentType(), body.toByteArray());
    }

    @Override
    public Reading read() {
        var ended = new TreeMap<String, Long>();
        endedStreams.forEach((reason, count) -> ended.put(reason.label(), (long) count.count()));
        var refused = new TreeMap<String, Long>();
        refusals.forEach((status, count) -> refused.put(String.valueOf(status), (long) count.count()));
        double pauseMillis = registry.find(Meters.PREFIX + "jvm.gc.pause").timers().stream()
                .mapToDouble(pauses -> pauses.totalTime(TimeUnit.MILLISECONDS))
                .sum();
        return new Reading(
                channels.entrySet().stream()
                        .collect(Collectors.toUnmodifiableMap(
                                Map.Entry::getKey, channel -> channel.getValue().read())),
                channelSets.map(PrometheusChannel::read).orElse(Reading.Channel.NONE),
                connections.sum(),
                ended,
                refused,
                histogram(successfulAppends),
                histogram(eventLoopDelay),
                pauseMillis,
                droppedLines.getAsLong());
    }

    static Histogram histogram(Timer timer) {
        HistogramSnapshot snapshot = timer.takeSnapshot();
        CountAtBucket[] buckets = snapshot.histogramCounts();
        double[] bounds = Arrays.stream(buckets)
                .mapToDouble(bucket -> bucket.bucket(TimeUnit.MILLISECONDS))
                .toArray();
        long[] counts = new long[buckets.length + 1];
        Arrays.setAll(counts, i -> i < buckets.length ? (long) buckets[i].count() : snapshot.count());
        return new Histogram(bounds, counts);
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
