package dev.crier.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** The numbers as Prometheus reads them. Whatever there can be stands there from the start, at 0. */
public final class Prometheus implements Metrics {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Meters meters = new Meters(registry);
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Function<String, Optional<String>> declaration;
    private final Map<String, ChannelMetrics> channels;
    private final Map<EndReason, Counter> endings = new EnumMap<>(EndReason.class);
    private final LongAdder connections = new LongAdder();
    private final Counter shed;
    private final Timer lateness = meters.histogram("event.loop.delay", "How late an event loop comes to what is due");
    private final Timer stored = writes("stored");
    private final Timer failed = writes("failed");

    /**
     * @param declared the paths by which channels are declared
     * @param declaration which of them declares the channel of the name
     */
    public Prometheus(
            Collection<String> declared, Function<String, Optional<String>> declaration, InstantSource clock) {
        this.declaration = declaration;
        channels = declared.stream()
                .collect(Collectors.toUnmodifiableMap(
                        Function.identity(), path -> new PrometheusChannel(meters, path, clock)));
        for (EndReason why : EndReason.values()) {
            endings.put(why, meters.counter("streams.ended", "Streams that have ended", "reason", why.label()));
        }
        meters.gauge("connections", "Connections that are open now", connections::sum);
        shed = meters.counter("connections.shed", "Connections that were closed since they only held their place");
        new JvmMemoryMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    private Timer writes(String outcome) {
        return meters.histogram(
                "log.write", "How long the log's store takes for what it is given at once", "outcome", outcome);
    }

    @Override
    public ChannelMetrics channel(String name) {
        return declaration.apply(name).map(channels::get).orElse(ChannelMetrics.NONE);
    }

    @Override
    public void ended(EndReason why) {
        endings.get(why).increment();
    }

    @Override
    public void connected() {
        connections.increment();
    }

    @Override
    public void disconnected() {
        connections.decrement();
    }

    @Override
    public void shed() {
        shed.increment();
    }

    @Override
    public Runnable refusals(int status) {
        return meters.counter("refusals", "Requests that were refused", "status", String.valueOf(status))::increment;
    }

    @Override
    public void late(long nanos) {
        lateness.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void written(long nanos, boolean successful) {
        (successful ? stored : failed).record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void log(
            LongSupplier entries,
            LongSupplier channels,
            LongSupplier memoryBytes,
            LongSupplier memoryLimit,
            LongSupplier fileBytes) {
        meters.gauge("log.entries", "Events that the log has in memory", entries::getAsLong);
        meters.gauge("log.memory.bytes", "About how much memory the log takes", memoryBytes::getAsLong);
        meters.gauge("log.memory.limit.bytes", "How much memory the log may take", memoryLimit::getAsLong);
        meters.gauge("log.channels", "Channels that exist", channels::getAsLong);
        meters.gauge("log.file.bytes", "How much of the disk the log takes", fileBytes::getAsLong);
    }

    @Override
    public void queued(LongSupplier bytes) {
        meters.gauge("queued.bytes", "Bytes that wait in the connections of all subscribers", bytes::getAsLong);
    }

    @Override
    public void console(LongSupplier dropped) {
        meters.counter("console.lines.dropped", "Log lines that standard output did not take", dropped);
    }

    /** As text: in OpenMetrics for who takes it, and else in the format that Prometheus has always had. */
    @Override
    public Exposition expose(String accept) {
        var openMetrics = formats.getOpenMetricsTextFormatWriter();
        ExpositionFormatWriter writer =
                openMetrics.accepts(accept) ? openMetrics : formats.getPrometheusTextFormatWriter();
        var body = new ByteArrayOutputStream();
        try {
            writer.write(body, registry.getPrometheusRegistry().scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory takes all
        }
        return new Exposition(writer.getContentType(), body.toByteArray());
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
