package dev.crier.log.redis;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Loads what a node needs to begin: the names of all channels, and the newest entry of each that keeps the latest. */
final class StateLoader {

    private static final int PAGE = 1_000;
    private static final String END = "0";

    /** The loaded state. It may include entries that were appended during the load. */
    record Loaded(Set<ChannelName> channels, Map<ChannelName, Entry> latest) {

        /** Returns the latest entries up to the position. */
        List<Entry> latestThrough(EventId position) {
            return latest.values().stream()
                    .filter(entry -> !position.isBefore(entry.id()))
                    .toList();
        }

        /** Returns the ids of the newest entries of these channels, in a map that may be changed. */
        Map<ChannelName, EventId> newest(List<ChannelName> names) {
            var newest = new HashMap<ChannelName, EventId>();
            names.stream()
                    .map(latest::get)
                    .filter(Objects::nonNull)
                    .forEach(entry -> newest.put(entry.channel(), entry.id()));
            return newest;
        }

        /**
         * Returns the entries that are not the newest of their channel in Redis. Redis may have an older event with a later id
         * there, because another node has appended it again. The append script decides, because only Redis knows the first id.
         */
        List<Entry> missing(List<Entry> shown) {
            return shown.stream()
                    .filter(entry -> !latest.containsKey(entry.channel())
                            || !latest.get(entry.channel()).id().equals(entry.id()))
                    .toList();
        }
    }

    private final Session session;
    private final Function<ChannelName, Optional<Retention>> retention;
    private final Loaded loaded = new Loaded(new HashSet<>(), new HashMap<>());

    StateLoader(Session session, Function<ChannelName, Optional<Retention>> retention) {
        this.session = session;
        this.retention = retention;
    }

    Future<Loaded> load() {
        return page(END);
    }

    private Future<Loaded> page(String cursor) {
        return send(Request.cmd(Command.HSCAN)
                        .arg(session.keys().channels())
                        .arg(cursor)
                        .arg("COUNT")
                        .arg(PAGE))
                .compose(page -> {
                    List<ChannelName> names = RedisTrimmer.names(page.get(1));
                    loaded.channels().addAll(names);
                    String next = page.get(0).toString();
                    return latest(names)
                            .compose(done -> next.equals(END) ? Future.succeededFuture(loaded) : page(next));
                });
    }

    /** Reads the newest entries of these channels again. */
    Future<Loaded> reload(List<ChannelName> names) {
        Future<?> done = Future.succeededFuture();
        for (int from = 0; from < names.size(); from += PAGE) {
            List<ChannelName> page = names.subList(from, Math.min(from + PAGE, names.size()));
            done = done.compose(before -> latest(page));
        }
        return done.map(loaded);
    }

    private Future<?> latest(List<ChannelName> names) {
        return Future.all(names.stream()
                .filter(name -> retention.apply(name).orElse(null) instanceof Retention.Latest)
                .map(this::newest)
                .toList());
    }

    private Future<?> newest(ChannelName channel) {
        return send(Request.cmd(Command.LINDEX)
                        .arg(session.keys().channel(channel.path()))
                        .arg(-1))
                .onSuccess(item -> {
                    if (item != null) {
                        loaded.latest().put(channel, EntryCodec.item(channel, item.toString()));
                    }
                });
    }

    private Future<Response> send(Request request) {
        return session.link().reads().send(request);
    }
}
