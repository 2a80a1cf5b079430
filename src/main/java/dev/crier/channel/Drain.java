package dev.crier.channel;

import dev.crier.metrics.Ending;
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
 * The end of all streams of an event loop, spread evenly over a time and in random order. Each reader is told to wait for
 * a random part of that time more than usual before it comes back: so neither the server that they come to nor one on the
 * way meets them all at once.
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

    /** Ends those whose turn it is by now. To be called often; one whose connection has not taken all has its turn again. */
    public void step() {
        double passed = (nowMillis.getAsLong() - startedAt) / (double) window.toMillis();
        int mayStay = (int) (all * Math.max(0, 1 - passed) + phase);
        for (int turns = left.size() - mayStay; turns > 0; turns--) {
            Subscriber subscriber = left.poll();
            if (!subscriber.isGone() && !subscriber.end(pause(), Ending.SHUTDOWN)) {
                left.add(subscriber);
            }
        }
    }

    private Duration pause() {
        return retry.plusMillis((long) (window.toMillis() * random.nextDouble()));
    }
}
