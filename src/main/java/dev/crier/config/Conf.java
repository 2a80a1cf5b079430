package dev.crier.config;

import dev.crier.event.ChannelName;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What Crier runs with.
 *
 * @param host the address to listen on
 * @param port 0 for any free one
 * @param heartbeat how long an event stream may be idle before it gets a comment
 */
public record Conf(
        String host, int port, Cors cors, Webroot webroot, Duration heartbeat, Map<ChannelName, ChannelConf> channels) {

    private static final JsonObject DEFAULT_CHANNELS = ConfFile.packed().getJsonObject("channels");
    private static final Duration MIN_HEARTBEAT = Duration.ofMillis(100);
    private static final Duration MAX_HEARTBEAT = Duration.ofHours(1);

    public Conf {
        channels = Map.copyOf(channels);
    }

    /**
     * Reads a conf; what it leaves out takes its default, {@code channels} as a whole.
     *
     * @param sources checks the conf of the sources that are known, by the name of their verticle
     * @throws ConfException with all its problems
     */
    public static Conf read(JsonObject json, Map<String, Consumer<Section>> sources) {
        return Section.read(json, section -> read(section, sources));
    }

    private static Conf read(Section section, Map<String, Consumer<Section>> sources) {
        return new Conf(
                section.parsed("host", "0.0.0.0", Conf::host, "an address or a host name"),
                section.integer("port", 3000, 0, 65535),
                Cors.read(section.section("cors")),
                Webroot.read(section),
                section.duration("heartbeat", Duration.ofSeconds(15), MIN_HEARTBEAT, MAX_HEARTBEAT),
                channels(section.section("channels", DEFAULT_CHANNELS), sources));
    }

    private static String host(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static Map<ChannelName, ChannelConf> channels(Section channels, Map<String, Consumer<Section>> sources) {
        var read = new LinkedHashMap<ChannelName, ChannelConf>();
        for (String name : channels.names()) {
            if (ChannelName.isValid(name)) {
                read.put(new ChannelName(name), ChannelConf.read(channels.section(name), sources));
            } else {
                channels.refuse(name, "a name that is " + ChannelName.EXPECTED, null);
            }
        }
        return read;
    }
}
