package dev.crier.config;

import dev.crier.config.file.ConfException;
import dev.crier.config.file.Section;
import dev.crier.event.ChannelName;
import io.vertx.core.Deployable;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A source: a verticle by its name, as Vert.x deploys it, and the conf that is the verticle's own.
 */
public record SourceConf(String verticle, JsonObject config) {

    private static final String EXPECTED =
            "a verticle's name, such as a class on the class path with a constructor without arguments";

    /** The key under which a source is given the name of its channel. */
    private static final String CHANNEL = "channel";

    static SourceConf read(Section section, Map<String, Consumer<Section>> known) {
        String verticle = section.has("verticle")
                ? section.parsed("verticle", "", SourceConf::existing, EXPECTED)
                : section.refuse("verticle", EXPECTED, "");
        Section config = section.section("config");
        if (config.has(CHANNEL)) {
            config.refuse(CHANNEL, "nothing: the source is given its channel's name here", null);
        }
        Consumer<Section> check = known.get(verticle);
        if (check != null) {
            check.accept(config);
            config.end();
        }
        section.end();
        return new SourceConf(verticle, config.json());
    }

    /** What the verticle is deployed with: its own conf, and its channel's name beside it. */
    public JsonObject configFor(ChannelName channel) {
        return config.copy().put(CHANNEL, channel.path());
    }

    /** What to say when its verticle has not started, for the reason given. */
    public RuntimeException failed(ChannelName channel, Throwable reason) {
        String key = "channels." + channel + ".source";
        return reason instanceof ClassNotFoundException
                ? new ConfException(key + ".verticle: \"" + verticle + "\" (expected: " + EXPECTED + ")")
                : new IllegalStateException(key + ": " + verticle + " did not start", reason);
    }

    /**
     * Only the names of Java classes can be looked up; others are their verticle factory's matter.
     */
    private static String existing(String name) {
        if (name.contains(":") || name.endsWith(".java")) {
            return name;
        }
        try {
            Class<?> verticle =
                    Class.forName(name, false, Thread.currentThread().getContextClassLoader());
            if (Deployable.class.isAssignableFrom(verticle) && !Modifier.isAbstract(verticle.getModifiers())) {
                verticle.getConstructor();
                return name;
            }
        } catch (ReflectiveOperationException | LinkageError e) {
            // told as what it is for the user: no such verticle
        }
        throw new IllegalArgumentException();
    }
}
