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
 * A set of keys (RFC 7517). Of each, its kind says the one algorithm that it is for, and nothing but the public part is
 * taken over. What cannot be used is left out, with a line in the log: others may use it.
 */
final class Jwks {

    private static final Logger LOG = LoggerFactory.getLogger(Jwks.class);

    /** The algorithm of each kind and curve, and what such a key consists of. */
    private static final Map<String, Kind> KINDS = Map.of(
            "RSA", new Kind("RS256", List.of("n", "e")),
            "EC P-256", new Kind("ES256", List.of("crv", "x", "y")),
            "OKP Ed25519", new Kind("EdDSA", List.of("crv", "x")),
            "oct", new Kind("HS256", List.of("k")));

    /** The part whose size makes a key strong, and how many bytes that is at least (RFC 7518, 3.2 and 3.3). */
    private static final Map<String, Integer> MIN_BYTES = Map.of("n", 256, "k", JwtConf.MIN_SECRET_BYTES);

    private record Kind(String algorithm, List<String> parts) {}

    private Jwks() {}

    /**
     * The keys that can be used.
     *
     * @param secrets whether there may be secrets among them
     * @throws IllegalArgumentException if it is no set of keys at all
     */
    static List<JsonObject> parse(Buffer set, boolean secrets) {
        JsonArray all = all(set);
        var usable = new ArrayList<JsonObject>();
        for (int i = 0; i < all.size(); i++) {
            try {
                usable.add(usable(all.getJsonObject(i), secrets));
            } catch (RuntimeException e) {
                LOG.warn("jwt.jwks: keys[{}] is left out (expected: a key for RS256, ES256, EdDSA or HS256)", i);
            }
        }
        return usable;
    }

    private static JsonArray all(Buffer set) {
        try {
            if (new JsonObject(set).getValue("keys") instanceof JsonArray all) {
                return all;
            }
        } catch (DecodeException e) {
            // told below, in one line
        }
        throw new IllegalArgumentException("no JSON object with keys");
    }

    private static JsonObject usable(JsonObject key, boolean secrets) {
        String curve = key.getString("crv");
        Kind kind = KINDS.get(key.getString("kty") + (curve == null ? "" : " " + curve));
        expect(kind != null
                && kind.algorithm.equals(key.getString("alg", kind.algorithm))
                && key.getString("use", "sig").equals("sig")
                && (secrets || !kind.parts.contains("k")));
        var taken = new JsonObject().put("kty", key.getString("kty")).put("alg", kind.algorithm);
        Optional.ofNullable(key.getString("kid")).ifPresent(id -> taken.put("kid", id));
        for (String part : kind.parts) {
            String value = key.getString(part);
            expect(part.equals("crv")
                    || Base64.getUrlDecoder().decode(value).length >= MIN_BYTES.getOrDefault(part, 1));
            taken.put(part, value);
        }
        return taken;
    }

    private static void expect(boolean usable) {
        if (!usable) {
            throw new IllegalArgumentException();
        }
    }
}
