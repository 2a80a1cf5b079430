package dev.crier.config;

import dev.crier.config.file.Section;
import dev.crier.event.ChannelPattern;
import dev.crier.event.Retention;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The declaration of a channel, or of each channel of a family.
 *
 * @param retention the events that the channel keeps
 * @param publish whether the channel accepts publications over HTTP
 * @param requiresToken whether subscribers need a token
 * @param endsWithProducer whether the channel ends when the client of a streamed publication is gone before its body has ended
 * @param sources the verticle that publishes to the channel, or none
 */
public record ChannelConf(
        Retention retention,
        boolean publish,
        boolean requiresToken,
        boolean endsWithProducer,
        List<SourceConf> sources) {

    private static final Retention LATEST = new Retention.Latest();
    private static final Duration MIN_AGE = Duration.ofSeconds(1);

    public ChannelConf {
        sources = List.copyOf(sources);
    }

    static ChannelConf read(Section section, ChannelPattern pattern, Map<String, Consumer<Section>> validators) {
        boolean ends = section.bool("ends", false);
        boolean endsWithProducer =
                section.parsed("onProducerGone", false, ChannelConf::endsWithProducer, "\"wait\" or \"end\"");
        Retention retention = retention(section, ends);
        if (ends && !section.isObject("keep")) {
            section.reject("ends", "false, unless keep is an object with events, age or both", false);
        }
        if (endsWithProducer && !ends) {
            section.reject("onProducerGone", "\"wait\", unless ends is true", false);
        }
        boolean publish = section.bool("publish", false);
        boolean requiresToken = section.parsed("read", false, ChannelConf::requiresToken, "\"anyone\" or \"token\"");
        List<SourceConf> sources =
                section.has("source") ? List.of(SourceConf.read(section.section("source"), validators)) : List.of();
        if (!sources.isEmpty() && pattern.isFamily()) {
            section.reject("source", "no source, because a source publishes to one channel and not to a family", null);
        }
        section.rejectUnknownKeys();
        return new ChannelConf(retention, publish, requiresToken, endsWithProducer, sources);
    }

    private static Retention retention(Section section, boolean ends) {
        if (!section.isObject("keep")) {
            return section.parsed(
                    "keep", LATEST, ChannelConf::latest, "\"latest\", or an object with events, age or both");
        }
        Section keep = section.section("keep");
        if (!keep.has("events") && !keep.has("age")) {
            return section.reject("keep", "an object with events, age or both", LATEST);
        }
        int events = keep.integer("events", Retention.Events.ANY_NUMBER, 1, Retention.Events.ANY_NUMBER);
        Duration age = keep.duration("age", Retention.Events.ANY_AGE, MIN_AGE, Retention.Events.ANY_AGE);
        keep.rejectUnknownKeys();
        return new Retention.Events(events, age, ends);
    }

    private static Retention latest(String text) {
        if (!text.equals("latest")) {
            throw new IllegalArgumentException();
        }
        return LATEST;
    }

    private static boolean endsWithProducer(String producerGone) {
        return switch (producerGone) {
            case "wait" -> false;
            case "end" -> true;
            default -> throw new IllegalArgumentException();
        };
    }

    private static boolean requiresToken(String subscribers) {
        return switch (subscribers) {
            case "anyone" -> false;
            case "token" -> true;
            default -> throw new IllegalArgumentException();
        };
    }
}
