package dev.crier.config;

import dev.crier.config.file.Section;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which JWTs (RFC 7519) are believed.
 *
 * @param secrets with which tokens are signed by HS256
 * @param keys for the other algorithms
 * @param jwks the file or URL of a set of keys (RFC 7517), or empty for none
 * @param refresh how often the set is read anew
 * @param issuer who a token must be from, or empty for anyone who has a key
 * @param audience for one of whom a token must be; empty for whomever
 * @param leeway by how much clocks may differ
 */
public record JwtConf(
        List<String> secrets,
        List<PemKey> keys,
        String jwks,
        Duration refresh,
        String issuer,
        List<String> audience,
        Duration leeway) {

    /** From where a secret is taken that is not to stand in a file. */
    static final String VARIABLE = "CRIER_JWT_SECRET";

    /** As much as the digest has: less is guessed sooner (RFC 7518, 3.2). */
    public static final int MIN_SECRET_BYTES = 32;

    private static final String EXPECTED_SECRET = "a secret of at least 32 bytes";

    public JwtConf {
        secrets = List.copyOf(secrets);
        keys = List.copyOf(keys);
        audience = List.copyOf(audience);
    }

    static JwtConf read(Section section, String variable) {
        var secrets = new ArrayList<>(section.secrets("secrets", JwtConf::isSecret, EXPECTED_SECRET));
        if (variable != null) {
            if (!isSecret(variable)) {
                section.tell(VARIABLE + ": not shown (expected: " + EXPECTED_SECRET + ")");
            }
            secrets.add(variable);
        }
        var conf = new JwtConf(
                secrets,
                section.texts("keys", List.of(), JwtConf::isKey, PemKey.EXPECTED).stream()
                        .map(PemKey::read)
                        .toList(),
                section.parsed("jwks", "", JwtConf::place, "a file, or a URL such as https://example.com/jwks.json"),
                section.duration("refresh", Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofDays(1)),
                section.text("issuer", ""),
                section.texts("audience", List.of(), name -> !name.isEmpty(), "a text"),
                section.duration("leeway", Duration.ofSeconds(10), Duration.ZERO, Duration.ofMinutes(10)));
        section.end();
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

    private static String place(String text) {
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

    private static boolean isUrl(String place) {
        return place.contains("://");
    }

    /** Whether there are keys to come by, and so any JWT that is believed. */
    public boolean isOn() {
        return !secrets.isEmpty() || !keys.isEmpty() || hasJwks();
    }

    public boolean hasJwks() {
        return !jwks.isEmpty();
    }

    /** Whether the set of keys comes over the network, where others can read it too. */
    public boolean isJwksRemote() {
        return isUrl(jwks);
    }

    /** Secrets are shown to nobody. */
    @Override
    public String toString() {
        return "JwtConf[" + secrets.size() + " secrets, " + keys.size() + " keys, jwks=" + jwks + "]";
    }
}
