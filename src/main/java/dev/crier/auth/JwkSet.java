package dev.crier.auth;

import dev.crier.config.JwtConf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parses a JWK set (RFC 7517). The type of a key determines the only algorithm that it verifies, and only the public
 * parameters of a key are used. Ignores keys of other types with a log line, because they may be for other programs.
 */
final class JwkSet {

    private static final Logger LOG = LoggerFactory.getLogger(JwkSet.class);

    /** The algorithm and the parameters of each accepted key type and curve. */
    private static final Map<String, KeyType> TYPES = Map.of(
            "RSA", new KeyType("RS256", List.of("n", "e")),
            "EC P-256", new KeyType("ES256", List.of("crv", "x", "y")),
            "OKP Ed25519", new KeyType("EdDSA", List.of("crv", "x")),
            "oct", new KeyType("HS256", List.of("k")));

    /** The minimum size of the parameters that determine the strength of a key (RFC 7518, 3.2 and 3.3). */
    private static final Map<String, Integer> MIN_BYTES = Map.of("n", 256, "k", JwtConf.MIN_SECRET_BYTES);

    private record KeyType(String algorithm, List<String> parameters) {}

    private JwkSet() {}

    /**
     * Returns the keys that Crier can use.
     *
     * @param allowSecrets whether the set may contain secrets
     * @throws IllegalArgumentException if the JSON is not a JWK set
     */
    static List<JsonObject> parse(Buffer set, boolean allowSecrets) {
        JsonArray all = keys(set);
        var usable = new ArrayList<JsonObject>();
        for (int i = 0; i < all.size(); i++) {
            try {
                usable.add(validated(all.getJsonObject(i), allowSecrets));
            } catch (RuntimeException e) {
                LOG.warn("jwt.jwks: keys[{}]: ignored (expected: a key for RS256, ES256, EdDSA or HS256)", i);
            }
        }
        return usable;
    }

    private static JsonArray keys(Buffer set) {
        try {
            if (new JsonObject(set).getValue("keys") instanceof JsonArray keys) {
                return keys;
            }
        } catch (DecodeException e) {
            // reported below in one line
        }
        throw new IllegalArgumentException("not a JSON object with keys");
    }

    private static JsonObject validated(JsonObject key, boolean allowSecrets) {
        String curve = key.getString("crv");
        KeyType type = TYPES.get(key.getString("kty") + (curve == null ? "" : " " + curve));
        require(type != null
                && type.algorithm.equals(key.getString("alg", type.algorithm))
                && key.getString("use", "sig").equals("sig")
                && (allowSecrets || !type.parameters.contains("k")));
        var validated = new JsonObject().put("kty", key.getString("kty")).put("alg", type.algorithm);
        Optional.ofNullable(key.getString("kid")).ifPresent(id -> validated.put("kid", id));
        for (String parameter : type.parameters) {
            String value = key.getString(parameter);
            require(parameter.equals("crv")
                    || Base64.getUrlDecoder().decode(value).length >= MIN_BYTES.getOrDefault(parameter, 1));
            validated.put(parameter, value);
        }
        return validated;
    }

    private static void require(boolean usable) {
        if (!usable) {
            throw new IllegalArgumentException();
        }
    }
}
