package dev.crier.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Makes meters of the kinds that Crier has. A name ends with its unit, as Prometheus wants it. Whoever makes one in the
 * registry, its name begins with {@code crier.}.
 */
record Meters(MeterRegistry registry) {

    private static final String PREFIX = "crier.";

    /** The bounds of histograms: what is shorter than the first is as good as at once. */
    private static final Duration[] BOUNDS = LongStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    Meters {
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                return id.withName(PREFIX + id.getName());
            }
        });
    }

    Counter counter(String name, String description, String... labels) {
        return Counter.builder(name).description(description).tags(labels).register(registry);
    }

    /** A counter whose number is kept elsewhere. */
    void counter(String name, String description, LongSupplier number) {
        FunctionCounter.builder(name, number, LongSupplier::getAsLong)
                .description(description)
                .register(registry);
    }

    void gauge(String name, String description, Supplier<Number> value, String... labels) {
        Gauge.builder(name, value).description(description).tags(labels).register(registry);
    }

    /** In seconds. */
    Timer histogram(String name, String description, String... labels) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(BOUNDS)
                .tags(labels)
                .register(registry);
    }
}
