package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** All {@link Fanout}s of an event loop, by what their subscribers follow. */
final class Fanouts {

    /**
     * The channel sets that have a channel. All of them refer to the same instance of its name. Most channels of large sets
     * belong to one set only, so a single set needs no collection.
     */
    private static final class Followers {

        final ChannelName name;

        /** Null if there are several. */
        private Fanout only;

        /**
         * Null unless there are several. In the order in which they began, because connections that are served in the order in
         * which they were opened find more of their data in the processor's cache.
         */
        private Set<Fanout> several;

        Followers(ChannelName name) {
            this.name = name;
        }

        void add(Fanout fanout) {
            if (several == null && only == null) {
                only = fanout;
                return;
            }
            if (several == null) {
                several = new LinkedHashSet<>(Set.of(only));
                only = null;
            }
            several.add(fanout);
        }

        /** Returns whether none is left. */
        boolean remove(Fanout fanout) {
            if (several == null) {
                only = only == fanout ? null : only;
                return only == null;
            }
            several.remove(fanout);
            return several.isEmpty();
        }

        void forEach(Consumer<Fanout> action) {
            if (several == null) {
                action.accept(only);
            } else {
                several.forEach(action);
            }
        }
    }

    private final Map<ChannelName, Fanout> channels = new HashMap<>();
    private final Map<ChannelSet, Fanout> sets = new HashMap<>();
    private final Map<ChannelName, Followers> setsByName = new HashMap<>();
    private final Map<ChannelPattern, Set<Fanout>> setsByFamily = new HashMap<>();

    /** Returns the fan-out of the channel, which the function creates if there is none. */
    Fanout of(ChannelName channel, Function<ChannelName, Fanout> created) {
        return channels.computeIfAbsent(channel, created);
    }

    /**
     * Returns the fan-out of the channel set, which the function creates if there is none. If that fails, as when memory is
     * exhausted, no channel is left with a part of it.
     */
    Fanout of(ChannelSet set, Function<ChannelSet, Fanout> created) {
        Fanout fanout = sets.get(set);
        if (fanout == null) {
            var shared = new ChannelSet(set.names().stream().map(this::shared).toList(), set.families());
            fanout = created.apply(shared);
            sets.put(shared, fanout);
            try {
                follow(shared, fanout);
            } catch (RuntimeException | Error e) {
                remove(shared);
                throw e;
            }
        }
        return fanout;
    }

    private ChannelName shared(ChannelName name) {
        Followers followers = setsByName.get(name);
        return followers == null ? name : followers.name;
    }

    private void follow(ChannelSet set, Fanout fanout) {
        for (ChannelName name : set.names()) {
            setsByName.computeIfAbsent(name, Followers::new).add(fanout);
        }
        for (ChannelPattern family : set.families()) {
            setsByFamily
                    .computeIfAbsent(family, absent -> new LinkedHashSet<>())
                    .add(fanout);
        }
    }

    void remove(ChannelName channel) {
        channels.remove(channel);
    }

    void remove(ChannelSet set) {
        Fanout fanout = sets.remove(set);
        for (ChannelName name : set.names()) {
            Followers followers = setsByName.get(name);
            if (followers != null && followers.remove(fanout)) {
                setsByName.remove(name);
            }
        }
        for (ChannelPattern family : set.families()) {
            Set<Fanout> followers = setsByFamily.get(family);
            if (followers != null) {
                followers.remove(fanout);
                if (followers.isEmpty()) {
                    setsByFamily.remove(family);
                }
            }
        }
    }

    /** Returns whether the channel has subscribers. */
    boolean isFollowed(ChannelName channel) {
        return channels.containsKey(channel) || isFollowedBySet(channel);
    }

    /** Returns whether any channel set has the channel. */
    boolean isFollowedBySet(ChannelName channel) {
        return setsByName.containsKey(channel)
                || setsByFamily.keySet().stream().anyMatch(family -> family.matches(channel));
    }

    /** Returns the fan-out of the channel, if it has one. */
    Optional<Fanout> of(ChannelName channel) {
        return Optional.ofNullable(channels.get(channel));
    }

    /**
     * Runs the action for the fan-out of each channel set that has the channel. A set in which several families match the channel
     * gets a call for each of them.
     */
    void forEachSet(ChannelName channel, Consumer<Fanout> action) {
        Followers followers = setsByName.get(channel);
        if (followers != null) {
            followers.forEach(action);
        }
        setsByFamily.forEach((family, following) -> {
            if (family.matches(channel)) {
                following.forEach(action);
            }
        });
    }

    /** Returns those of all single channels. */
    Map<ChannelName, Fanout> ofChannels() {
        return channels;
    }

    /** Returns those of all channel sets. */
    Collection<Fanout> ofSets() {
        return sets.values();
    }

    /** Returns all at present, so that the caller may remove some: first those of channels, then those of channel sets. */
    List<Fanout> all() {
        var all = new ArrayList<>(channels.values());
        all.addAll(sets.values());
        return all;
    }
}
