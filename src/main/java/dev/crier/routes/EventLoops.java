package dev.crier.routes;

import dev.crier.event.ChannelName;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** The event loops that serve channels at present, for those who watch them. Thread-safe. */
public final class EventLoops {

    private final List<ChannelRoutes> routes = new CopyOnWriteArrayList<>();

    void add(ChannelRoutes added) {
        routes.add(added);
    }

    void remove(ChannelRoutes removed) {
        routes.remove(removed);
    }

    /** Returns the names of the threads of event loops that have been blocked for two seconds or longer, and still are. */
    public List<String> blocked() {
        return routes.stream()
                .filter(ChannelRoutes::isBlocked)
                .map(ChannelRoutes::thread)
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * Counts the subscribers of single channels, without those of several channels. The counts of an event loop that is blocked
     * come late, and so does the result.
     *
     * @param wanted the channels to count for
     * @param max for how many channels each event loop reports, at most: those with the most subscribers
     */
    public Future<Map<ChannelName, Integer>> subscribers(Predicate<ChannelName> wanted, int max) {
        List<Future<Map<ChannelName, Integer>>> counted =
                routes.stream().map(each -> each.subscribers(wanted, max)).toList();
        return Future.join(counted).map(done -> {
            var sum = new HashMap<ChannelName, Integer>();
            for (Future<Map<ChannelName, Integer>> one : counted) {
                one.result().forEach((channel, count) -> sum.merge(channel, count, Integer::sum));
            }
            return sum;
        });
    }
}
