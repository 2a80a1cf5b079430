package dev.crier.console;

import dev.crier.config.ChannelConf;
import dev.crier.config.Channels;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.metrics.Reading;
import dev.crier.routes.SharedParts;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The table of the declared channels, as the JSON of the channel {@code /channels}. Costs time for each channel that exists, so
 * it is computed only while a console is open. Used by one thread at a time.
 *
 * <p>The class is long because each column of the table has a source of its own.
 */
public final class ChannelTable {

    /** How many channels of a family the table has. */
    private static final int BUSIEST = 10;

    /** For how many channels each event loop reports its subscribers. */
    public static final int MAX_COUNTED = 1_000;

    private static final long SECOND_NANOS = 1_000_000_000;

    private final SharedParts shared;
    private final Channels channels;
    private final StoreCounts inStore;
    private Reading before;
    private long beforeNanos;

    public ChannelTable(SharedParts shared) {
        this.shared = shared;
        this.channels = shared.conf().channels();
        this.inStore = new StoreCounts(shared.log());
    }

    /** Returns whether the channel belongs to a family, so that {@link #next} needs the number of its subscribers. */
    public boolean isMember(ChannelName channel) {
        return channels.declaration(channel).filter(ChannelPattern::isFamily).isPresent();
    }

    /**
     * Returns the rows, in the order of their paths.
     *
     * @param subscribers the numbers of subscribers of the channels of families
     * @param nowMillis the wall clock
     * @param nowNanos a clock that never goes back
     */
    public JsonArray next(Map<ChannelName, Integer> subscribers, long nowMillis, long nowNanos) {
        Reading now = shared.metrics().read();
        double seconds = before == null ? 0 : (nowNanos - beforeNanos) / (double) SECOND_NANOS;
        Map<ChannelPattern, Family> families =
                families(subscribers, shared.log().recentCounts(nowMillis - 1_000));
        var rows = new JsonArray();
        channels.declared().keySet().stream()
                .sorted(Comparator.comparing(ChannelPattern::path))
                .map(pattern -> row(pattern, channels.declared().get(pattern), now, seconds, families.get(pattern)))
                .forEach(rows::add);
        before = now;
        beforeNanos = nowNanos;
        return rows;
    }

    private JsonObject row(ChannelPattern pattern, ChannelConf conf, Reading now, double seconds, Family family) {
        Reading.Channel counts = now.channels().getOrDefault(pattern.path(), Reading.Channel.NONE);
        var row = new JsonObject()
                .put("path", pattern.path())
                .put("family", pattern.isFamily())
                .put("subscribers", counts.subscribers())
                .put("publishedPerSecond", rate(pattern, counts, seconds))
                .put("keep", keep(conf.retention()))
                .put("publish", conf.publish())
                .put("read", conf.requiresToken() ? "token" : "anyone")
                .put("ends", conf.retention().ends());
        if (family == null) {
            putKept(row, pattern.name());
        } else {
            row.put("members", family.members).put("busiest", busiest(family));
        }
        return row;
    }

    private double rate(ChannelPattern pattern, Reading.Channel counts, double seconds) {
        if (seconds <= 0) {
            return 0;
        }
        long earlier = before.channels()
                .getOrDefault(pattern.path(), Reading.Channel.NONE)
                .published();
        return Math.round(Math.max(0, counts.published() - earlier) / seconds * 10) / 10.0;
    }

    /** Asks the store for the counts that memory does not have. */
    public Future<?> askStore() {
        return inStore.ask();
    }

    /** Puts what the channel keeps, if memory knows it or the store has answered. */
    private void putKept(JsonObject row, ChannelName channel) {
        shared.log().kept(channel).or(() -> inStore.find(channel)).ifPresent(kept -> {
            row.put("kept", kept.count());
            kept.oldestMillis().ifPresent(oldest -> row.put("oldestMillis", oldest));
            if (kept.isCut()) {
                row.put("keptIsCut", true);
            }
        });
        shared.log().recentNewest(channel).ifPresent(newest -> row.put("newest", newest.toString()));
    }

    /** Describes a retention, as in "1000 events of the last 1 day". */
    static String keep(Retention retention) {
        if (!(retention instanceof Retention.Events events)) {
            return "latest";
        }
        String count = events.count() == 1 ? "1 event" : events.count() + " events";
        if (events.age().equals(Retention.Events.ANY_AGE)) {
            return count;
        }
        return events.count() == Retention.Events.ANY_NUMBER
                ? text(events.age())
                : count + " of the last " + text(events.age());
    }

    private static String text(Duration age) {
        long seconds = age.toSeconds();
        for (Unit unit : Unit.values()) {
            if (age.toNanosPart() == 0 && seconds >= unit.seconds && seconds % unit.seconds == 0) {
                long count = seconds / unit.seconds;
                return count + " " + unit.word + (count == 1 ? "" : "s");
            }
        }
        return age.toString();
    }

    private enum Unit {
        DAYS("day", 86_400),
        HOURS("hour", 3_600),
        MINUTES("minute", 60),
        SECONDS("second", 1);

        private final String word;
        private final long seconds;

        Unit(String word, long seconds) {
            this.word = word;
            this.seconds = seconds;
        }
    }

    /** The channels of a family that exist, or have subscribers. */
    private static final class Family {

        private int members;
        private final Set<ChannelName> active = new HashSet<>();
        private final Map<ChannelName, Integer> subscribers;
        private final Map<ChannelName, Integer> published;

        Family(Map<ChannelName, Integer> subscribers, Map<ChannelName, Integer> published) {
            this.subscribers = subscribers;
            this.published = published;
        }
    }

    /** @param published how many events each channel got in the last second */
    private Map<ChannelPattern, Family> families(
            Map<ChannelName, Integer> subscribers, Map<ChannelName, Integer> published) {
        var families = new HashMap<ChannelPattern, Family>();
        channels.declared().keySet().stream()
                .filter(ChannelPattern::isFamily)
                .forEach(pattern -> families.put(pattern, new Family(subscribers, published)));
        if (families.isEmpty()) {
            return families;
        }
        EventLog log = shared.log();
        log.forEachChannel(name -> channels.declaration(name).map(families::get).ifPresent(family -> family.members++));
        Stream.concat(subscribers.keySet().stream(), published.keySet().stream())
                .forEach(name ->
                        channels.declaration(name).map(families::get).ifPresent(family -> family.active.add(name)));
        return families;
    }

    private JsonArray busiest(Family family) {
        List<ChannelName> busiest = family.active.stream()
                .sorted(Comparator.comparing((ChannelName name) -> family.subscribers.getOrDefault(name, 0))
                        .thenComparing(name -> family.published.getOrDefault(name, 0))
                        .reversed()
                        .thenComparing(ChannelName::path))
                .limit(BUSIEST)
                .toList();
        var rows = new JsonArray();
        for (ChannelName name : busiest) {
            var row = new JsonObject()
                    .put("path", name.path())
                    .put("subscribers", family.subscribers.getOrDefault(name, 0))
                    .put(
                            "publishedPerSecond",
                            family.published.getOrDefault(name, 0).doubleValue());
            putKept(row, name);
            rows.add(row);
        }
        return rows;
    }
}
