package dev.crier.config;

import dev.crier.config.file.Section;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The keys and claims by which JWTs (RFC 7519) are accepted.
 *
 * @param secrets the secrets for HS256
 * @param keys the public keys for the other algorithms
 * @param jwks the file or URL of a JWK set (RFC 7517); empty for none
 * @param refresh the period of reading the JWK set again
 * @param issuer the issuer that a token must name; empty for any
 * @param audience the audiences of which a token must name one; empty for any
 * @param leeway the tolerated difference between the clocks of Crier and the issuer
 */
public record JwtConf(
        List<String> secrets,
        List<PemKey> keys,
        String jwks,
        Duration refresh,
        String issuer,
        List<String> audience,
        Duration leeway) {

    /** The size of a SHA-256 digest. A shorter secret is easier to guess (RFC 7518, 3.2). */
    public static final int MIN_SECRET_BYTES = 32;

    /** The environment variable for a secret that must not be in a file. */
    private static final String SECRET_VARIABLE = "CRIER_JWT_SECRET";

    public JwtConf {
        secrets = List.copyOf(secrets);
        keys = List.copyOf(keys);
        audience = List.copyOf(audience);
    }

    static JwtConf read(Section section) {
        var conf = new JwtConf(
                section.secrets("secrets", SECRET_VARIABLE, JwtConf::isSecret, "a secret of at least 32 bytes"),
                section.strings("keys", List.of(), JwtConf::isKey, PemKey.EXPECTED).stream()
                        .map(PemKey::read)
                        .toList(),
                section.parsed(
                        "jwks", "", JwtConf::fileOrUrl, "a file, or a URL such as https://example.com/jwks.json"),
                section.duration("refresh", Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofDays(1)),
                section.string("issuer", ""),
                section.strings("audience", List.of(), name -> !name.isEmpty(), "a string"),
                section.duration("leeway", Duration.ofSeconds(10), Duration.ZERO, Duration.ofMinutes(10)));
        section.rejectUnknownKeys();
        return conf;
    }

    private static boolean isSecret(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length >= MIN_SECRET_BYTES;
    }

    private static boolean isKey(String file) {
        try {
            PemKey.read(file);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String fileOrUrl(String text) {
        if (isUrl(text)) {
            URI url = URI.create(text);
            if (!url.getScheme().matches("https?") || url.getHost() == null || url.getUserInfo() != null) {
                throw new IllegalArgumentException();
            }
        } else {
            Path.of(text);
        }
        return text;
    }

    private static boolean isUrl(String text) {
        return text.contains("://");
    }

    /** Returns whether there are keys, without which no JWT is accepted. */
    public boolean isOn() {
        return !secrets.isEmpty() || !keys.isEmpty() || hasJwks();
    }

    public boolean hasJwks() {
        return !jwks.isEmpty();
    }

    /** Returns whether the JWK set comes over the network, where others can read it too. */
    public boolean isJwksRemote() {
        return isUrl(jwks);
    }

    /** Leaves the secrets out, so that none gets into a log line. */
    @Override
    public String toString() {
        return "JwtConf[" + secrets.size() + " secrets, " + keys.size() + " keys, jwks=" + jwks + "]";
    }
}
