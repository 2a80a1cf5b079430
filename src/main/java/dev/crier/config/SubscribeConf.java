package dev.crier.config;

import dev.crier.config.file.Section;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * Subscriptions to several channels over one connection.
 *
 * @param path the path of the endpoint; empty if there is none
 */
public record SubscribeConf(Optional<ChannelName> path) {

    /** The default of the whole section, because null removes a key in {@code -conf}. So a missing path means none. */
    static final JsonObject DEFAULT = new JsonObject().put("path", "/events");

    private static final String KEY = "path";

    static SubscribeConf read(Section section, Channels channels, Webroot webroot) {
        Optional<ChannelName> path = section.isNull(KEY)
                ? Optional.empty()
                : section.parsed(
                        KEY,
                        Optional.empty(),
                        SubscribeConf::path,
                        ChannelName.EXPECTED + ", and no parameter; or null");
        path.flatMap(channels::declaration)
                .ifPresent(other -> reportOverlap(
                        section, path.get(), (other.isFamily() ? "the family " : "the channel ") + other));
        path.filter(name -> webroot.files().anyMatch(name.path()::equals))
                .ifPresent(name -> reportOverlap(section, name, "the file " + name));
        section.rejectUnknownKeys();
        return new SubscribeConf(path);
    }

    private static Optional<ChannelName> path(String text) {
        var name = new ChannelName(text);
        if (new ChannelPattern(name).isFamily()) {
            throw new IllegalArgumentException();
        }
        return Optional.of(name);
    }

    private static void reportOverlap(Section section, ChannelName path, String other) {
        section.report(
                KEY,
                path + " overlaps " + other,
                "a path that is neither a channel nor a file of the webroot; or null");
    }

    /** Returns whether this is the path of the endpoint. */
    public boolean isAt(ChannelName requested) {
        return path.isPresent() && path.get().equals(requested);
    }
}
