package dev.crier.config;

import dev.crier.config.file.ConfException;
import dev.crier.config.file.Section;
import dev.crier.event.ChannelName;
import io.vertx.core.Deployable;
import io.vertx.core.json.JsonObject;
import io.vertx.core.spi.VerticleFactory;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/**
 * A source of a channel.
 *
 * @param verticle the name by which Vert.x deploys the source
 * @param config the configuration of the source itself
 */
public record SourceConf(String verticle, JsonObject config) {

    private static final String EXPECTED =
            "the name of a verticle, such as a class on the class path with a public constructor without parameters";

    /** The key under which a source finds the name of its channel in its configuration. */
    private static final String CHANNEL = "channel";

    /** The key under which a source finds whether nodes share the log. */
    private static final String SHARED = "shared";

    /** The key under which a source finds the address of the event bus to which it publishes. */
    private static final String PUBLISH_TO = "publishTo";

    static SourceConf read(Section section, Map<String, Consumer<Section>> validators) {
        String verticle = verticle(section);
        Section config = section.section("config");
        if (config.has(CHANNEL)) {
            config.reject(CHANNEL, "no such key, because Crier sets it to the name of the channel", null);
        }
        if (config.has(SHARED)) {
            config.reject(SHARED, "no such key, because Crier sets it to true if nodes share the log", null);
        }
        if (config.has(PUBLISH_TO)) {
            config.reject(PUBLISH_TO, "no such key, because Crier sets it to eventBus.address", null);
        }
        Consumer<Section> validator = validators.get(verticle);
        if (validator != null) {
            validator.accept(config);
            config.rejectUnknownKeys();
        }
        section.rejectUnknownKeys();
        return new SourceConf(verticle, config.json());
    }

    private static String verticle(Section section) {
        return section.has("verticle")
                        && section.json().getValue("verticle") instanceof String name
                        && isDeployable(name)
                ? name
                : section.reject("verticle", EXPECTED + factories(), "");
    }

    /**
     * Returns the configuration with which the verticle is deployed: its own, and what it needs to publish.
     *
     * @param shared whether several nodes share the log, each of which may run this source
     * @param publishTo the address of the event bus to which it publishes
     */
    public JsonObject configFor(ChannelName channel, boolean shared, String publishTo) {
        return config.copy().put(CHANNEL, channel.path()).put(SHARED, shared).put(PUBLISH_TO, publishTo);
    }

    /**
     * Returns the failure to report if the verticle cannot be deployed. A missing class is a mistake in the configuration. For
     * any other failure, the log shows the stack trace of the cause alone, because the source itself may have caused it.
     */
    public RuntimeException startFailure(ChannelName channel, Throwable cause) {
        String key = "channels." + channel + ".source";
        if (cause instanceof ClassNotFoundException) {
            return new ConfException(
                    key + ".verticle: \"" + verticle + "\" (expected: " + EXPECTED + factories() + ")");
        }
        String reason = cause.getMessage() == null ? cause.getClass().getName() : cause.getMessage();
        var failure = new IllegalStateException(key + ": " + verticle + " did not start: " + reason, cause);
        failure.setStackTrace(new StackTraceElement[0]);
        return failure;
    }

    /**
     * Returns whether the name is that of a Java class that is a verticle, or has the suffix of a verticle factory. A factory
     * checks its names itself, when it creates the verticle. Names with a prefix are for a factory, too.
     */
    private static boolean isDeployable(String name) {
        return name.contains(":")
                || name.endsWith(".java")
                || isVerticle(name)
                || languages().stream().anyMatch(language -> name.endsWith("." + language));
    }

    private static boolean isVerticle(String name) {
        try {
            Class<?> verticle =
                    Class.forName(name, false, Thread.currentThread().getContextClassLoader());
            if (Deployable.class.isAssignableFrom(verticle) && !Modifier.isAbstract(verticle.getModifiers())) {
                verticle.getConstructor();
                return true;
            }
        } catch (ReflectiveOperationException | LinkageError e) {
            // for the user, there is no such verticle
        }
        return false;
    }

    /** Returns the prefixes of the verticle factories that Vert.x finds on the class path. They are suffixes, too. */
    private static List<String> languages() {
        return ServiceLoader.load(VerticleFactory.class).stream()
                .map(factory -> factory.get().prefix())
                .sorted()
                .toList();
    }

    private static String factories() {
        List<String> languages = languages();
        return languages.isEmpty()
                ? "; no verticle factory for another language is there"
                : "; there are verticle factories for " + String.join(", ", languages);
    }
}
