package dev.crier.fanout;

import dev.crier.metrics.ChannelMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The subscribers of one channel, or of one channel set, on one event loop. They share a reader. */
final class Fanout {

    private final SharedReader reader;
    private final ChannelMetrics metrics;
    private final Runnable onEmpty;
    private final List<Subscriber> subscribers = new ArrayList<>();

    /** @param onEmpty called when the last subscriber has left, or at a check without subscribers */
    Fanout(SharedReader reader, ChannelMetrics metrics, Runnable onEmpty) {
        this.reader = reader;
        this.metrics = metrics;
        this.onEmpty = onEmpty;
    }

    /** Returns the number of subscribers. */
    int size() {
        return subscribers.size();
    }

    SharedReader reader() {
        return reader;
    }

    void add(Subscriber subscriber) {
        subscriber.index = subscribers.size();
        subscribers.add(subscriber);
        metrics.subscriberJoined();
    }

    /** Removes a subscriber in constant time: the last one of the list takes its index. */
    void remove(Subscriber subscriber) {
        Subscriber last = subscribers.remove(subscribers.size() - 1);
        if (last != subscriber) {
            subscribers.set(subscriber.index, last);
            last.index = subscriber.index;
        }
        subscriber.index = Subscriber.REMOVED;
        metrics.subscriberLeft();
        if (subscribers.isEmpty()) {
            onEmpty.run();
        }
    }

    /** Delivers new entries to all subscribers. */
    void deliver() {
        reader.expectNewEntries();
        forEach(Subscriber::deliver);
    }

    /** Checks all subscribers, and releases encoded bytes that none of them needs any more. */
    void check() {
        if (subscribers.isEmpty()) {
            onEmpty.run(); // the only subscriber could not join
            return;
        }
        reader.expectNewEntries();
        forEach(Subscriber::check);
        reader.release();
    }

    /**
     * Runs the action for each subscriber, from the last to the first. An action may remove its subscriber and others, for
     * example because a write finds a connection closed; those that remain are still visited.
     */
    void forEach(Consumer<Subscriber> action) {
        for (int i = subscribers.size() - 1; i >= 0; i--) {
            if (i < subscribers.size()) {
                action.accept(subscribers.get(i));
            }
        }
    }
}
