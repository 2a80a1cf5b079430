package dev.crier.fanout;

import dev.crier.metrics.StreamEndReason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Ends all streams of an event loop, spread evenly over a window and in random order.
 *
 * <p>Nothing accepts connections before the window is over. A proxy would answer 502, after which a browser's
 * {@code EventSource} never reconnects. So each subscriber waits for the rest of the window, then for its usual time, then for
 * a random time of up to the window. The successor thus gets the subscribers at the rate at which they were ended.
 */
public final class Drain {

    private final Deque<Subscriber> remaining;
    private final int total;
    private final Duration window;
    private final Duration retry;
    private final LongSupplier nowMillis;
    private final RandomGenerator random;
    private final long startedAt;

    /**
     * A random part of one stream, added before the number of remaining streams is rounded down. Otherwise all event loops
     * would end their first stream at the start of the window.
     */
    private final double rounding;

    Drain(
            List<Subscriber> subscribers,
            Duration window,
            Duration retry,
            LongSupplier nowMillis,
            RandomGenerator random) {
        var shuffled = new ArrayList<>(subscribers);
        Collections.shuffle(shuffled, new Random(random.nextLong()));
        this.remaining = new ArrayDeque<>(shuffled);
        this.total = shuffled.size();
        this.window = window;
        this.retry = retry;
        this.nowMillis = nowMillis;
        this.random = random;
        this.startedAt = nowMillis.getAsLong();
        this.rounding = random.nextDouble();
    }

    /** Adds a subscriber that joined after the drain began. */
    void add(Subscriber subscriber) {
        remaining.add(subscriber);
    }

    /** Ends the streams that are due. A stream stays due until its connection has accepted all bytes. Called often. */
    public void endDueStreams() {
        long passedMillis = nowMillis.getAsLong() - startedAt;
        double passed = passedMillis / (double) window.toMillis();
        Duration restOfWindow = Duration.ofMillis(Math.max(0, window.toMillis() - passedMillis));
        int notDue = (int) (total * Math.max(0, 1 - passed) + rounding);
        for (int due = remaining.size() - notDue; due > 0; due--) {
            Subscriber subscriber = remaining.poll();
            if (!subscriber.hasEnded()
                    && !subscriber.tryEnd(restOfWindow.plus(retry).plus(jitter()), StreamEndReason.SHUTDOWN)) {
                remaining.add(subscriber);
            }
        }
    }

    private Duration jitter() {
        return Duration.ofMillis((long) (window.toMillis() * random.nextDouble()));
    }
}
