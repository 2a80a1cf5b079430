package dev.crier.config;

import dev.crier.config.file.Section;
import dev.crier.event.ChannelPattern;
import dev.crier.event.Retention;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the conf says of a channel, or of each of a family.
 *
 * @param publish whether it takes publications over HTTP
 * @param guarded whether reading it takes a right
 * @param sources the verticle that publishes to it, or none
 */
public record ChannelConf(Retention keep, boolean publish, boolean guarded, List<SourceConf> sources) {

    private static final Retention LATEST = new Retention.Latest();
    private static final Duration MIN_AGE = Duration.ofSeconds(1);

    public ChannelConf {
        sources = List.copyOf(sources);
    }

    static ChannelConf read(Section section, ChannelPattern pattern, Map<String, Consumer<Section>> known) {
        Retention keep = keep(section);
        boolean publish = section.flag("publish", false);
        boolean guarded = section.parsed("read", false, ChannelConf::guarded, "\"anyone\" or \"token\"");
        List<SourceConf> sources =
                section.has("source") ? List.of(SourceConf.read(section.section("source"), known)) : List.of();
        if (!sources.isEmpty() && pattern.isFamily()) {
            section.refuse("source", "none: it would not know to which channel of " + pattern, null);
        }
        section.end();
        return new ChannelConf(keep, publish, guarded, sources);
    }

    private static Retention keep(Section section) {
        if (!section.isObject("keep")) {
            return section.parsed("keep", LATEST, ChannelConf::latest, "\"latest\", or an object of events and age");
        }
        Section keep = section.section("keep");
        if (!keep.has("events") && !keep.has("age")) {
            return section.refuse("keep", "events, age or both", LATEST);
        }
        int events = keep.integer("events", Retention.Events.ANY_NUMBER, 1, Retention.Events.ANY_NUMBER);
        Duration age = keep.duration("age", Retention.Events.ANY_AGE, MIN_AGE, Retention.Events.ANY_AGE);
        keep.end();
        return new Retention.Events(events, age);
    }

    private static boolean guarded(String readers) {
        return switch (readers) {
            case "anyone" -> false;
            case "token" -> true;
            default -> throw new IllegalArgumentException();
        };
    }

    private static Retention latest(String text) {
        if (!text.equals("latest")) {
            throw new IllegalArgumentException();
        }
        return LATEST;
    }
}
