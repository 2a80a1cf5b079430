package dev.crier.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.testing.SigningKey;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys of a JWK set are used. */
class JwkSetTest {

    private static final Map<String, SigningKey> KEYS = Stream.of("HS256", "RS256", "ES256", "EdDSA")
            .collect(Collectors.toMap(algorithm -> algorithm, JwkSetTest::key));

    private static SigningKey key(String algorithm) {
        try {
            return SigningKey.of(algorithm);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<JsonObject> parse(boolean allowSecrets, JsonObject... keys) {
        var set = new JsonObject().put("keys", new JsonArray(List.of((Object[]) keys)));
        return JwkSet.parse(set.toBuffer(), allowSecrets);
    }

    private static JsonObject jwk(String algorithm) {
        return KEYS.get(algorithm).jwk("an id");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void theTypeOfAKeyDeterminesItsAlgorithm(String algorithm) {
        JsonObject key = parse(true, jwk(algorithm)).get(0);
        assertEquals(algorithm, key.getString("alg"));
        assertEquals("an id", key.getString("kid"));
    }

    static Stream<Arguments> anUnusableKeyIsIgnoredAndTheOthersAreUsed() throws Exception {
        return Stream.of(
                Arguments.of("RSA key for HS256", jwk("RS256").put("alg", "HS256")),
                Arguments.of("RSA key for RS512", jwk("RS256").put("alg", "RS512")),
                Arguments.of("key for encryption", jwk("RS256").put("use", "enc")),
                Arguments.of("RSA key as EC", jwk("RS256").put("kty", "EC")),
                Arguments.of("modulus that is not Base64", jwk("RS256").put("n", "!")),
                Arguments.of("type that is a number", jwk("RS256").put("kty", 5)),
                Arguments.of(
                        "RSA key of 1024 bits",
                        SigningKey.pair("RS256", "RSA", 1024).jwk("weak")),
                Arguments.of("EC key on P-384", jwk("ES256").put("crv", "P-384")),
                Arguments.of("EC key without y", without("y", jwk("ES256"))),
                Arguments.of(
                        "secret that is too short",
                        SigningKey.secret("31 bytes, which are not enough.").jwk("short")),
                Arguments.of("key without parameters", new JsonObject()),
                Arguments.of(
                        "key for key agreement",
                        new JsonObject().put("kty", "OKP").put("crv", "X25519").put("x", "AAAA")));
    }

    private static JsonObject without(String parameter, JsonObject key) {
        key.remove(parameter);
        return key;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void anUnusableKeyIsIgnoredAndTheOthersAreUsed(String name, JsonObject key) {
        List<JsonObject> usable = parse(true, key, jwk("EdDSA"));
        assertEquals(
                List.of("EdDSA"),
                usable.stream().map(jwk -> jwk.getString("alg")).toList());
    }

    /** A set that comes over the network is public, so a secret in it would be public too. */
    @Test
    void aSecretIsUsedOnlyIfTheSetIsNotPublic() {
        assertEquals(1, parse(true, jwk("HS256")).size());
        assertEquals(List.of(), parse(false, jwk("HS256")));
    }

    @Test
    void onlyPublicParametersAreUsed() {
        JsonObject key = jwk("EdDSA").put("d", "AAAA").put("x5c", new JsonArray().add("x"));
        assertEquals(
                List.of("kty", "alg", "kid", "crv", "x"),
                List.copyOf(parse(true, key).get(0).fieldNames()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{}", "{\"keys\": {}}", "{\"kids\": []}"})
    void invalidJsonIsNotAJwkSet(String text) {
        assertThrows(IllegalArgumentException.class, () -> JwkSet.parse(Buffer.buffer(text), true));
    }
}
