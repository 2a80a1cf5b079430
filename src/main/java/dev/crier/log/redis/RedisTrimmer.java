package dev.crier.log.redis;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Drops what retention does not keep, in small steps, as long as this node has the lease. A step checks channels with new
 * entries and some others in turn. Only the store's context uses this class.
 */
final class RedisTrimmer {

    /** The number of channels of each kind that one step checks. */
    private static final int STEP_CHANNELS = 200;

    private static final String NO_LEASE = "";

    private final String node;
    private final Function<ChannelName, Optional<Retention>> retention;
    private final int emptyChannels;

    /** The channels with new entries since their last check. Empty while another node has the lease. */
    private final Set<ChannelName> unchecked = new LinkedHashSet<>();

    private boolean leased;

    /** The channels that the next step checks in turn. */
    private List<ChannelName> others = List.of();

    /** The cursor of the scan that finds the channels after {@link #others}. */
    private String cursor = "0";

    /**
     * @param retention what a channel keeps; empty for a channel that is not declared
     * @param emptyChannels the number of channels without entries for which Redis records what each has lost
     */
    RedisTrimmer(String node, Function<ChannelName, Optional<Retention>> retention, int emptyChannels) {
        this.node = node;
        this.retention = retention;
        this.emptyChannels = emptyChannels;
    }

    /** Records channels that may now have more entries than their retention keeps. */
    void shown(Collection<Entry> entries) {
        if (leased) {
            entries.forEach(entry -> unchecked.add(entry.channel()));
        }
    }

    /** Takes one step. Returns whether there is more to do. */
    Future<Boolean> step(Session session, long nowMillis, long receiptsMillis, EventId shown) {
        var channels = new LinkedHashSet<>(others);
        unchecked.stream().limit(STEP_CHANNELS).forEach(channels::add);
        return session.link()
                .commands()
                .send(call(session, nowMillis, receiptsMillis, shown, channels))
                .map(answer -> {
                    leased = !answer.toString().equals(NO_LEASE);
                    if (!leased) {
                        unchecked.clear();
                        others = List.of();
                        return false;
                    }
                    unchecked.removeAll(channels);
                    loadOthers(session);
                    return !unchecked.isEmpty() || answer.toString().equals("more");
                });
    }

    /** Loads the channels that the next step checks in turn. */
    private void loadOthers(Session session) {
        session.link()
                .commands()
                .send(Request.cmd(Command.HSCAN)
                        .arg(session.keys().channels())
                        .arg(cursor)
                        .arg("COUNT")
                        .arg(STEP_CHANNELS))
                .onSuccess(page -> {
                    cursor = page.get(0).toString();
                    others = names(page.get(1));
                });
    }

    /** Returns the channels of a page, which has names and values in turn. */
    static List<ChannelName> names(Response page) {
        var names = new ArrayList<ChannelName>();
        for (int i = 0; i < page.size(); i += 2) {
            names.add(new ChannelName(page.get(i).toString()));
        }
        return names;
    }

    private Request call(
            Session session, long nowMillis, long receiptsMillis, EventId shown, Collection<ChannelName> channels) {
        Request call = Script.TRIM.call(session.keys(), node, nowMillis, receiptsMillis, shown, emptyChannels);
        for (ChannelName channel : channels) {
            Retention kept = retention.apply(channel).orElse(null);
            if (kept != null) {
                call.arg(channel.path()).arg(kept.maxEvents()).arg(expiredMillis(kept, nowMillis));
            }
        }
        return call;
    }

    /** Returns the time before which events are dropped; 0 if events do not expire. */
    private static long expiredMillis(Retention retention, long nowMillis) {
        return retention instanceof Retention.Events events && events.age().compareTo(Retention.Events.ANY_AGE) < 0
                ? Math.max(0, nowMillis - events.age().toMillis())
                : 0;
    }
}
