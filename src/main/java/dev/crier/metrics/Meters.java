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
 * Registers meters of the kinds that Crier uses. A name ends with its unit, as Prometheus recommends. The registry puts {@code
 * crier.} before every name, including those of the virtual machine's meters.
 */
record Meters(MeterRegistry registry) {

    static final String PREFIX = "crier.";

    /** The upper bounds of a histogram's buckets. Durations below the first bound need no distinction. */
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

    /** Registers a counter whose value is read from elsewhere at each scrape. */
    void counter(String name, String description, LongSupplier value) {
        FunctionCounter.builder(name, value, LongSupplier::getAsLong)
                .description(description)
                .register(registry);
    }

    void gauge(String name, String description, Supplier<Number> value, String... labels) {
        Gauge.builder(name, value).description(description).tags(labels).register(registry);
    }

    /** Registers a histogram of durations in seconds. */
    Timer histogram(String name, String description, String... labels) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(BOUNDS)
                .tags(labels)
                .register(registry);
    }
}
