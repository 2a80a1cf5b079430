package dev.crier.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The numbers of a declaration. */
final class PrometheusChannel implements ChannelMetrics {

    private record Lag(int readers, long sinceMillis) {}

    private final InstantSource clock;
    private final LongAdder subscribers = new LongAdder();

    /** By who told: none but of those whose readers lag, which are few. */
    private final Map<Object, Lag> lags = new ConcurrentHashMap<>();

    private final Counter publishedEvents;
    private final Counter publishedBytes;
    private final Counter deliveredEvents;
    private final Counter deliveredBytes;
    private final Counter gaps;
    private final Timer delay;

    PrometheusChannel(Meters meters, String declared, InstantSource clock) {
        this.clock = clock;
        String[] label = {"channel", declared};
        publishedEvents = meters.counter("published.events", "Events that were stored", label);
        publishedBytes =
                meters.counter("published.bytes", "Bytes of data, in UTF-8, of events that were stored", label);
        deliveredEvents = meters.counter("delivered.events", "Events written to readers, once for each", label);
        deliveredBytes = meters.counter("delivered.bytes", "Bytes of event streams that these were written as", label);
        delay = meters.histogram(
                "delivery.delay",
                "From when an event was published to when the last reader at hand had it written",
                label);
        gaps = meters.counter("gaps", "Times that a reader was told that events are missing", label);
        meters.gauge("subscribers", "Readers now", subscribers::sum, label);
        meters.gauge("lagging.subscribers", "Readers that have not been given all there is", this::lagging, label);
        meters.gauge("lag.seconds", "Age of the oldest event that some reader has not been given", this::lag, label);
    }

    private int lagging() {
        return lags.values().stream().mapToInt(Lag::readers).sum();
    }

    private double lag() {
        long now = clock.millis();
        return lags.values().stream()
                        .mapToLong(lag -> Math.max(0, now - lag.sinceMillis()))
                        .max()
                        .orElse(0)
                / 1000.0;
    }

    @Override
    public void joined() {
        subscribers.increment();
    }

    @Override
    public void left() {
        subscribers.decrement();
    }

    @Override
    public void published(long bytes) {
        publishedEvents.increment();
        publishedBytes.increment(bytes);
    }

    @Override
    public void delivered(long events, long bytes) {
        deliveredEvents.increment(events);
        deliveredBytes.increment(bytes);
    }

    /** A clock that was set back makes that 0, not less. */
    @Override
    public void deliveredSince(long publishedMillis) {
        delay.record(Math.max(0, clock.millis() - publishedMillis), TimeUnit.MILLISECONDS);
    }

    @Override
    public void gaps(long told) {
        gaps.increment(told);
    }

    @Override
    public void lag(Object teller, int readers, long sinceMillis) {
        lags.put(teller, new Lag(readers, sinceMillis));
    }

    @Override
    public void noLag(Object teller) {
        lags.remove(teller);
    }
}
