package dev.crier.config;

import dev.crier.config.file.Section;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;

/**
 * The address of the log's Redis, how to log in there, and how many replicas must confirm a publication.
 *
 * @param endpoints the sentinels; without sentinels, the one server
 * @param primaryName the name by which the sentinels know the primary; empty without sentinels
 * @param ca the PEM file with the certificates to trust; empty for those that Java trusts
 * @param user the user; empty for Redis' default user
 * @param password the password; empty for none
 * @param replicas the number of replicas that must have a publication before it is acknowledged
 * @param prefix the beginning of every key; logs with different prefixes can share a database
 */
public record RedisConf(
        List<Endpoint> endpoints,
        Optional<String> primaryName,
        boolean tls,
        Optional<Path> ca,
        String user,
        String password,
        int database,
        int replicas,
        String prefix) {

    /**
     * A host and a port.
     *
     * @param host a name or an address; an IPv6 address has no brackets
     */
    public record Endpoint(String host, int port) {

        /** @throws IllegalArgumentException if the host or the port is missing or invalid */
        static Endpoint of(URI uri, int defaultPort) {
            int port = uri.getPort() < 0 ? defaultPort : uri.getPort();
            RedisUrl.require(uri.getHost() != null && port > 0 && port <= 65535, "no valid host and port");
            return new Endpoint(uri.getHost().replaceAll("[\\[\\]]", ""), port);
        }

        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    private static final int MAX_REPLICAS = 10;
    private static final int SENTINEL_PORT = 26379;

    /** The environment variable that can have the password, so that no file has to contain it. */
    static final String PASSWORD_VARIABLE = "CRIER_REDIS_PASSWORD";

    private static final String EXPECTED_CA = "a file with certificates in PEM";

    public RedisConf {
        endpoints = List.copyOf(endpoints);
    }

    static RedisConf read(Section section) {
        Optional<String> password = section.secret(PASSWORD_VARIABLE, text -> !text.isEmpty(), "a password");
        return read(section, password);
    }

    /** @param passwordFromEnvironment replaces the password in the URL */
    static RedisConf read(Section section, Optional<String> passwordFromEnvironment) {
        Optional<RedisUrl> valid = url(section);
        RedisUrl url = valid.orElseGet(() -> RedisUrl.parse(RedisUrl.DEFAULT));
        String password = passwordFromEnvironment.orElse(url.password());
        if (!url.user().isEmpty() && password.isEmpty()) {
            section.report("url", "a user without a password", "user:password@, or " + PASSWORD_VARIABLE);
        }
        List<Endpoint> sentinels = section
                .strings(
                        "sentinels",
                        List.of(),
                        RedisConf::isSentinel,
                        "a host, or host:port, such as localhost:" + SENTINEL_PORT)
                .stream()
                .map(RedisConf::sentinel)
                .toList();
        Optional<String> primary = primary(section, !sentinels.isEmpty());
        Optional<Path> ca = section.parsed("ca", Optional.empty(), RedisConf::ca, EXPECTED_CA);
        if (ca.isPresent() && valid.isPresent() && !url.tls()) {
            section.reject("ca", "\"\", or a url with rediss://", null);
        }
        var conf = new RedisConf(
                sentinels.isEmpty() ? List.of(url.endpoint()) : sentinels,
                primary,
                url.tls(),
                ca,
                url.user(),
                password,
                url.database(),
                section.integer("replicas", 0, 0, MAX_REPLICAS),
                section.parsed("prefix", "crier", RedisConf::prefix, "1 to 64 letters, digits and ._:-"));
        section.rejectUnknownKeys();
        return conf;
    }

    private static Optional<RedisUrl> url(Section section) {
        try {
            return Optional.of(RedisUrl.parse(section.string("url", RedisUrl.DEFAULT)));
        } catch (IllegalArgumentException e) {
            section.report("url", e.getMessage(), RedisUrl.EXPECTED);
            return Optional.empty();
        }
    }

    private static boolean isSentinel(String text) {
        try {
            sentinel(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Endpoint sentinel(String text) {
        var uri = URI.create("redis://" + text);
        RedisUrl.require(text.equals(uri.getRawAuthority()) && uri.getRawUserInfo() == null, "more than an endpoint");
        return Endpoint.of(uri, SENTINEL_PORT);
    }

    /** Reads the primary's name, which is required with sentinels and rejected without. */
    private static Optional<String> primary(Section section, boolean hasSentinels) {
        String name = section.string("primary", "");
        if (hasSentinels && name.isBlank()) {
            section.reject("primary", "the primary's name, because there are sentinels", null);
        }
        if (!name.isEmpty() && new JsonArray().equals(section.json().getValue("sentinels", new JsonArray()))) {
            section.reject("primary", "\"\", because there are no sentinels", null);
        }
        return name.isEmpty() ? Optional.empty() : Optional.of(name);
    }

    private static Optional<Path> ca(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Path file = Path.of(text);
        try (InputStream in = Files.newInputStream(file)) {
            var certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
            RedisUrl.require(!certificates.isEmpty(), "no certificate");
            return Optional.of(file);
        } catch (IOException | CertificateException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static String prefix(String text) {
        RedisUrl.require(text.matches("[A-Za-z0-9._:-]{1,64}"), "no valid prefix");
        return text;
    }

    /** Omits the user and the password, so that neither gets into a log line. */
    @Override
    public String toString() {
        return "RedisConf[" + endpoints + ", primaryName=" + primaryName.orElse("none") + ", tls=" + tls + ", database="
                + database + ", replicas=" + replicas + ", prefix=" + prefix + "]";
    }
}
