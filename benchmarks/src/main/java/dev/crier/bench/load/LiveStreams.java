package dev.crier.bench.load;

import dev.crier.bench.load.Publishers.Acknowledged;
import java.util.List;
import java.util.Map;

/**
 * Measures live streams with a subscriber each. If the task has a rate, the streams have the highest rate of a list, up to that
 * one, that the server holds on this machine.
 */
final class LiveStreams {

    /** The rates to try after the rate of the task, in events per second of each stream. */
    private static final int[] LOWER_RATES = {80, 60, 50, 40, 30, 25, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2, 1};

    private static final double TRIAL_SECONDS = 3;

    private static final double SETTLING_SECONDS = 1;

    /** The part of the events of a trial that must arrive within it. */
    private static final double HELD = 0.98;

    private final Task task;
    private final Endpoint server;
    private final Subscribers subscribers;
    private final Producers producers;

    LiveStreams(EventLoops loops, Task task, Endpoint server) throws InterruptedException {
        this.task = task;
        this.server = server;
        this.subscribers = new Subscribers(loops, server, task, false);
        subscribers.connect(task.subscribers());
        this.producers = new Producers(loops, server, task.subscribers());
    }

    void measure(Map<Metric, Double> values) {
        producers.flood(subscribers);
        Wait.forSeconds(task.warmUpSeconds());
        if (task.perSecond() > 0) {
            settle();
            values.put(Metric.PACE, (double) heldRate());
        }
        Snapshot start = snapshot();
        Wait.forSeconds(task.seconds());
        snapshot().addSince(start, values);
        producers.end();
        List<Acknowledged> published = producers.published();
        subscribers.awaitDelivery(published::get);
        values.put(Metric.MISSING, (double) subscribers.missing(published::get));
    }

    private void settle() {
        producers.pause();
        List<Acknowledged> published = producers.published();
        subscribers.awaitDelivery(published::get);
        server.awaitQuiet();
        producers.restart();
        subscribers.restart();
    }

    /** Tries rates until one is held, and goes on with it. */
    private int heldRate() {
        int rate = task.perSecond();
        double perSecond = trial(rate);
        while (perSecond < HELD * rate * task.subscribers()) {
            settle();
            rate = lower(rate, perSecond / task.subscribers());
            perSecond = trial(rate);
        }
        return rate;
    }

    /** Returns the next rate to try: lower than the last one, and no higher than what the server then did. */
    private static int lower(int rate, double held) {
        for (int lower : LOWER_RATES) {
            if (lower < rate && lower <= held * 1.1) {
                return lower;
            }
        }
        throw new IllegalStateException("the server does not hold even one event per second in each stream");
    }

    /** Publishes at this rate, and returns how many events all subscribers received per second. */
    private double trial(int rate) {
        producers.pace(subscribers, rate);
        Wait.forSeconds(SETTLING_SECONDS);
        Snapshot start = snapshot();
        Wait.forSeconds(TRIAL_SECONDS);
        return snapshot().deliveredPerSecondSince(start);
    }

    private Snapshot snapshot() {
        return Snapshot.of(server, subscribers.delivered(), 0);
    }
}
