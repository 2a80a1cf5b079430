package dev.crier.config;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the conf says of a channel. It keeps the latest event: so a reader that lags is given the
 * newest, and a new one the current.
 *
 * @param sources the verticle that publishes to it, or none
 */
public record ChannelConf(List<SourceConf> sources) {

    private static final String LATEST = "latest";

    public ChannelConf {
        sources = List.copyOf(sources);
    }

    static ChannelConf read(Section section, Map<String, Consumer<Section>> known) {
        section.parsed("keep", LATEST, ChannelConf::keep, "\"" + LATEST + "\"");
        List<SourceConf> sources =
                section.has("source") ? List.of(SourceConf.read(section.section("source"), known)) : List.of();
        section.end();
        return new ChannelConf(sources);
    }

    private static String keep(String text) {
        if (!text.equals(LATEST)) {
            throw new IllegalArgumentException();
        }
        return text;
    }
}
