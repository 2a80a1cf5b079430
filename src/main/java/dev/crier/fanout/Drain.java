package dev.crier.fanout;

import dev.crier.metrics.EndReason;
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

    private final Deque<Subscriber> left;
    private final int all;
    private final Duration window;
    private final Duration retry;
    private final LongSupplier nowMillis;
    private final RandomGenerator random;
    private final long startedAt;

    /** How far the turns of this event loop are behind those of a loop that has the same: or few would all go first. */
    private final double phase;

    Drain(
            List<Subscriber> subscribers,
            Duration window,
            Duration retry,
            LongSupplier nowMillis,
            RandomGenerator random) {
        var shuffled = new ArrayList<>(subscribers);
        Collections.shuffle(shuffled, new Random(random.nextLong()));
        this.left = new ArrayDeque<>(shuffled);
        this.all = shuffled.size();
        this.window = window;
        this.retry = retry;
        this.nowMillis = nowMillis;
        this.random = random;
        this.startedAt = nowMillis.getAsLong();
        this.phase = random.nextDouble();
    }

    void add(Subscriber late) {
        left.add(late);
    }

    /** Ends the streams that are due. A stream whose connection has not taken everything stays due. Called often. */
    public void step() {
        long passedMillis = nowMillis.getAsLong() - startedAt;
        double passed = passedMillis / (double) window.toMillis();
        Duration untilOver = retry.plusMillis(Math.max(0, window.toMillis() - passedMillis));
        int mayStay = (int) (all * Math.max(0, 1 - passed) + phase);
        for (int turns = left.size() - mayStay; turns > 0; turns--) {
            Subscriber subscriber = left.poll();
            if (!subscriber.isGone() && !subscriber.end(untilOver.plus(randomPart()), EndReason.SHUTDOWN)) {
                left.add(subscriber);
            }
        }
    }

    private Duration randomPart() {
        return Duration.ofMillis((long) (window.toMillis() * random.nextDouble()));
    }
}
