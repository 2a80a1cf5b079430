package dev.crier.config;

import dev.crier.config.file.ConfException;
import dev.crier.config.file.ConfFile;
import dev.crier.config.file.ProcessText;
import dev.crier.config.file.Section;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What Crier runs with.
 *
 * @param host the address to listen on
 * @param port 0 for any free one
 * @param heartbeat how long an event stream may be idle before it gets a comment
 * @param retry how long a reader is told to wait before it comes back
 */
public record Conf(
        String host,
        int port,
        TlsConf tls,
        HttpConf http,
        LimitsConf limits,
        TrustedProxies trustedProxies,
        Cors cors,
        Webroot webroot,
        Duration heartbeat,
        Duration retry,
        Channels channels,
        PublishConf publish,
        ReadConf read,
        JwtConf jwt,
        SubscriberConf subscriber,
        LogConf log,
        ConsoleConf console,
        ManagementConf management,
        ShutdownConf shutdown) {

    private static final JsonObject DEFAULT_CHANNELS = ConfFile.packed().getJsonObject("channels");
    private static final Duration MIN_HEARTBEAT = Duration.ofMillis(100);
    private static final Duration MAX_HEARTBEAT = Duration.ofHours(1);

    /** With a smaller limit, a subscriber would be closed before it could take one of the largest events. */
    private static final int LEAST_QUEUES = 4;

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
        String host = host(section, "0.0.0.0");
        int port = section.integer("port", 3000, 0, 65535);
        Cors cors = Cors.read(section.section("cors"));
        Webroot webroot = Webroot.read(section);
        Channels channels = Channels.read(section.section("channels", DEFAULT_CHANNELS), webroot, sources);
        ReadConf read = ReadConf.read(section.section("read"), ProcessText.variable(ReadConf.VARIABLE));
        JwtConf jwt = JwtConf.read(section.section("jwt"), ProcessText.variable(JwtConf.VARIABLE));
        if (channels.guarded() && read.tokens().isEmpty() && !jwt.isOn()) {
            section.tell(
                    "read.tokens: none (expected: one, or jwt, since there are channels that are read with a token)");
        }
        LimitsConf limits = LimitsConf.read(section.section("limits"));
        PublishConf publish = PublishConf.read(section.section("publish"), ProcessText.variable(PublishConf.VARIABLE));
        SubscriberConf subscriber = SubscriberConf.read(section.section("subscriber"));
        long least = LEAST_QUEUES * (long) Math.max(publish.maxBytes(), subscriber.queueBytes());
        if (limits.queueBytes() > 0 && limits.queueBytes() < least) {
            section.tell(
                    "limits.queueBytes: " + limits.queueBytes() + " (expected: 0, or at least " + least + ", which is "
                            + LEAST_QUEUES + " times the larger of publish.maxBytes and subscriber.queueBytes)");
        }
        return new Conf(
                host,
                port,
                TlsConf.read(section.section("tls")),
                HttpConf.read(section.section("http")),
                limits,
                TrustedProxies.read(section),
                cors,
                webroot,
                section.duration("heartbeat", Duration.ofSeconds(4), MIN_HEARTBEAT, MAX_HEARTBEAT),
                section.duration("retry", Duration.ofSeconds(2), Duration.ZERO, MAX_HEARTBEAT),
                channels,
                publish,
                read,
                jwt,
                subscriber,
                LogConf.read(section.section("log")),
                ConsoleConf.read(section.section("console")),
                ManagementConf.read(section.section("management"), port),
                ShutdownConf.read(section.section("shutdown")));
    }

    public Conf withPublish(PublishConf other) {
        return new Conf(
                host,
                port,
                tls,
                http,
                limits,
                trustedProxies,
                cors,
                webroot,
                heartbeat,
                retry,
                channels,
                other,
                read,
                jwt,
                subscriber,
                log,
                console,
                management,
                shutdown);
    }

    static String host(Section section, String byDefault) {
        return section.parsed("host", byDefault, Conf::host, "an address or a host name");
    }

    private static String host(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException();
        }
        return text;
    }
}
