package dev.crier.config;

import dev.crier.config.file.ConfException;
import dev.crier.config.file.ConfFile;
import dev.crier.config.file.Section;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Crier's configuration. The file is long because it names each key of the top level where it is declared, read and passed on.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 for any free one
 * @param h2c whether the listener accepts HTTP/2 without TLS ({@code http.h2c})
 * @param heartbeat the time without events after which a stream carries a comment
 * @param retry the delay before a subscriber reconnects, which each stream carries
 * @param busAddress the address of the event bus for publishing ({@code eventBus.address}); empty for one that only the sources
 *     know
 * @param drain the time over which the streams end when Crier stops ({@code shutdown.drain})
 */
public record Conf(
        String host,
        int port,
        TlsConf tls,
        boolean h2c,
        LimitsConf limits,
        TrustedProxies trustedProxies,
        Cors cors,
        Webroot webroot,
        Duration heartbeat,
        Duration retry,
        Channels channels,
        SubscribeConf subscribe,
        PublishConf publish,
        ReadConf read,
        JwtConf jwt,
        SubscriberConf subscriber,
        LogConf log,
        ConsoleConf console,
        ManagementConf management,
        Optional<String> busAddress,
        Duration drain) {

    /** The keys that only the server has. */
    private static final List<String> SERVER_KEYS = List.of(
            "host",
            "port",
            "tls",
            "http",
            "webroot",
            "console",
            "limits.connections",
            "limits.urlBytes",
            "limits.headerBytes",
            "limits.headTimeout",
            "limits.answerTimeout",
            "management.console");

    /** The defaults that differ inside an application. */
    private static final JsonObject EMBEDDED_DEFAULTS = new JsonObject()
            .put("channels", new JsonObject())
            .put("eventBus", new JsonObject().put("address", ""))
            .put("shutdown", new JsonObject().put("drain", "PT0S"));

    private static final Duration MIN_HEARTBEAT = Duration.ofMillis(100);
    private static final Duration MAX_HEARTBEAT = Duration.ofHours(1);

    /** The smallest ratio of {@code limits.queueBytes} to the largest event, so that a subscriber can receive one. */
    private static final int MIN_QUEUES = 4;

    /**
     * Reads and validates a configuration. A missing key has its default. {@code channels} and {@code
     * subscribe} have a default only as a whole.
     *
     * @param validators validate the configurations of known sources, by the names of their verticles
     * @throws ConfException with all errors
     */
    public static Conf read(JsonObject json, Map<String, Consumer<Section>> validators) {
        return Section.read(json, section -> read(section, false, validators));
    }

    /**
     * Reads and validates the configuration of a Crier inside an application. It is the same, without the keys of the listener
     * and the pages, which the application has itself. Without {@code channels}, none is declared.
     *
     * @throws ConfException with all errors
     */
    public static Conf readEmbedded(JsonObject json, Map<String, Consumer<Section>> validators) {
        JsonObject complete = EMBEDDED_DEFAULTS.copy().mergeIn(json, true);
        return Section.read(complete, section -> {
            for (String key : SERVER_KEYS) {
                rejectServerKey(section, key);
            }
            return read(section, true, validators);
        });
    }

    private static void rejectServerKey(Section section, String key) {
        String[] names = key.split("[.]");
        Section owner = names.length > 1 && section.isObject(names[0]) ? section.section(names[0]) : section;
        if (owner.has(names[names.length - 1]) && (names.length == 1 || owner != section)) {
            section.report(key, "only for the server", "no such key, because the application has the listener");
        }
    }

    private static Conf read(Section section, boolean embedded, Map<String, Consumer<Section>> validators) {
        String host = host(section, "0.0.0.0");
        int port = section.integer("port", 3000, 0, 65535);
        TlsConf tls = TlsConf.read(section.section("tls"));
        boolean h2c = h2c(section.section("http"));
        LimitsConf limits = LimitsConf.read(section.section("limits"));
        TrustedProxies trustedProxies = TrustedProxies.read(section);
        Cors cors = Cors.read(section.section("cors"));
        Webroot webroot = embedded ? Webroot.NONE : Webroot.read(section);
        Duration heartbeat = section.duration("heartbeat", Duration.ofSeconds(4), MIN_HEARTBEAT, MAX_HEARTBEAT);
        Duration retry = section.duration("retry", Duration.ofSeconds(2), Duration.ZERO, MAX_HEARTBEAT);
        JsonObject noChannels = embedded ? new JsonObject() : ConfFile.packed().getJsonObject("channels");
        Channels channels = Channels.read(section.section("channels", noChannels), webroot, validators);
        SubscribeConf subscribe =
                SubscribeConf.read(section.section("subscribe", SubscribeConf.DEFAULT), channels, webroot);
        PublishConf publish = PublishConf.read(section.section("publish"));
        ReadConf read = ReadConf.read(section.section("read"));
        JwtConf jwt = JwtConf.read(section.section("jwt"));
        SubscriberConf subscriber = SubscriberConf.read(section.section("subscriber"));
        LogConf log = LogConf.read(section.section("log"));
        ConsoleConf console = ConsoleConf.read(section.section("console"));
        ManagementConf management = ManagementConf.read(section.section("management"), embedded ? 0 : port);
        Optional<String> busAddress = busAddress(section.section("eventBus"));
        Duration drain = drain(section.section("shutdown"));
        if (channels.anyRequiresToken() && read.tokens().isEmpty() && !jwt.isOn()) {
            section.report("read.tokens", "none", "a token or jwt, because a channel requires one to be read");
        }
        requireLibraries(section, log, jwt, management);
        long minQueueBytes = MIN_QUEUES * (long) Math.max(publish.maxBytes(), subscriber.queueBytes());
        if (limits.queueBytes() > 0 && limits.queueBytes() < minQueueBytes) {
            section.report(
                    "limits.queueBytes",
                    String.valueOf(limits.queueBytes()),
                    "0, or at least " + minQueueBytes + ", which is " + MIN_QUEUES
                            + " times the larger of publish.maxBytes and subscriber.queueBytes");
        }
        return new Conf(
                host,
                port,
                tls,
                h2c,
                limits,
                trustedProxies,
                cors,
                webroot,
                heartbeat,
                retry,
                channels,
                subscribe,
                publish,
                read,
                jwt,
                subscriber,
                log,
                console,
                management,
                busAddress,
                drain);
    }

    private static void requireLibraries(Section section, LogConf log, JwtConf jwt, ManagementConf management) {
        if (log instanceof LogConf.Sqlite) {
            OptionalLibrary.SQLITE.require(section, "log.store");
        }
        if (log instanceof LogConf.Redis) {
            OptionalLibrary.REDIS.require(section, "log.store");
        }
        if (jwt.isOn()) {
            OptionalLibrary.JWT.require(section, "jwt");
        }
        if (management.isOn()) {
            OptionalLibrary.METRICS.require(section, "management.port");
        }
    }

    public Conf withPublish(PublishConf other) {
        return new Conf(
                host,
                port,
                tls,
                h2c,
                limits,
                trustedProxies,
                cors,
                webroot,
                heartbeat,
                retry,
                channels,
                subscribe,
                other,
                read,
                jwt,
                subscriber,
                log,
                console,
                management,
                busAddress,
                drain);
    }

    /** Reads the host of the main listener or of the management listener. */
    static String host(Section section, String defaultValue) {
        return section.parsed("host", defaultValue, Conf::nonBlank, "an address or a host name");
    }

    private static String nonBlank(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    /** Reads the bearer tokens of a section, and one from an environment variable. */
    static List<String> tokens(Section section, String variable) {
        return section.secrets(
                "tokens", variable, Conf::isToken, "at least 16 characters of a bearer token (RFC 6750, 2.1)");
    }

    private static boolean isToken(String text) {
        return text.matches("[A-Za-z0-9._~+/-]{16,}=*");
    }

    private static boolean h2c(Section http) {
        boolean h2c = http.bool("h2c", false);
        http.rejectUnknownKeys();
        return h2c;
    }

    private static Optional<String> busAddress(Section eventBus) {
        String address = eventBus.string("address", "crier.publish");
        eventBus.rejectUnknownKeys();
        return Optional.of(address).filter(text -> !text.isEmpty());
    }

    private static Duration drain(Section shutdown) {
        Duration drain = shutdown.duration("drain", Duration.ofSeconds(5), Duration.ZERO, Duration.ofMinutes(1));
        shutdown.rejectUnknownKeys();
        return drain;
    }
}
