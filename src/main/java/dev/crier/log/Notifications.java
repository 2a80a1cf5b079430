package dev.crier.log;

import dev.crier.event.ChannelName;
import io.vertx.core.Context;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Sends event loops and followers the names of channels that have new entries. A second notification is harmless, and a lost one
 * only delays subscribers.
 *
 * <p>Each log has notifications of its own, which do not use the event bus. So two logs in one Vert.x never meet, and nothing
 * goes to the other nodes of a clustered Vert.x. Thread-safe.
 */
public final class Notifications {

    /** A consumer and the context that it runs on, until it is unregistered. */
    public final class Registration {

        private final Context context;
        private final Consumer<ChannelName> consumer;
        private volatile boolean registered = true;

        private Registration(Context context, Consumer<ChannelName> consumer) {
            this.context = context;
            this.consumer = consumer;
        }

        /** Skips a context whose event loop or verticle has stopped, so that it does not keep others from their notification. */
        private void send(Set<ChannelName> channels) {
            try {
                context.runOnContext(turn -> accept(channels));
            } catch (RejectedExecutionException e) {
                unregister();
            }
        }

        private void accept(Set<ChannelName> channels) {
            for (ChannelName channel : channels) {
                if (registered) {
                    consumer.accept(channel);
                }
            }
        }

        /** Removes the consumer. It is not called again if this runs on its context. */
        public void unregister() {
            registered = false;
            registrations.remove(this);
        }
    }

    private final List<Registration> registrations = new CopyOnWriteArrayList<>();
    private final Map<ChannelName, Set<Runnable>> followers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** Calls the consumer on the context, once for each channel, until it is unregistered. */
    public Registration register(Context context, Consumer<ChannelName> consumer) {
        var registration = new Registration(context, consumer);
        registrations.add(registration);
        return registration;
    }

    /**
     * Calls the follower when the channel has new entries, and when these notifications are closed, until {@link #unfollow}. It
     * runs on the context of the log, so it must return at once and not fail.
     */
    public void follow(ChannelName channel, Runnable follower) {
        followers.compute(channel, (name, all) -> {
            Set<Runnable> following = all == null ? ConcurrentHashMap.newKeySet() : all;
            following.add(follower);
            return following;
        });
    }

    public void unfollow(ChannelName channel, Runnable follower) {
        followers.computeIfPresent(channel, (name, all) -> {
            all.remove(follower);
            return all.isEmpty() ? null : all;
        });
    }

    /** Returns how many channels have followers. */
    public int followedChannels() {
        return followers.size();
    }

    /**
     * Notifies every consumer of all these channels, in a later turn of its context, which is one for all channels. Then calls
     * the followers of each channel. The caller must not change the set afterwards.
     */
    public void send(Set<ChannelName> channels) {
        for (Registration registration : registrations) {
            registration.send(channels);
        }
        for (ChannelName channel : channels) {
            Set<Runnable> following = followers.get(channel);
            if (following != null) {
                following.forEach(Runnable::run);
            }
        }
    }

    /** Ends all followers. */
    public void close() {
        closed = true;
        followers.values().forEach(following -> following.forEach(Runnable::run));
    }

    /** Returns whether a follower must end, because the log closes. */
    public boolean isClosed() {
        return closed;
    }
}
