package dev.crier.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threat: an attacker forges a JWT by its signature, algorithm, key or header. */
class ForgedJwtTest extends JwtVerifierFixture {

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void aTokenSignedByAKnownKeyIsAccepted(String algorithm) throws Exception {
        assertGranted(read(key(algorithm).sign(claims())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void aTokenSignedByAnotherKeyOfTheSameTypeIsRejected(String algorithm) throws Exception {
        SigningKey other = algorithm.equals("HS256")
                ? SigningKey.secret("another secret of the tests, just as long")
                : SigningKey.of(algorithm);
        assertEquals(Decision.UNKNOWN, read(other.sign(claims())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void aChangedTokenIsRejected(String algorithm) throws Exception {
        String token = key(algorithm).sign(claims());
        String[] parts = token.split("\\.");
        String all = SigningKey.part(claims().put("exp", NOW_SECONDS + 61));
        assertEquals(Decision.UNKNOWN, read(parts[0] + "." + all + "." + parts[2]));
        char last = parts[2].charAt(10);
        String flipped = parts[2].substring(0, 10) + (last == 'A' ? 'B' : 'A') + parts[2].substring(11);
        assertEquals(Decision.UNKNOWN, read(parts[0] + "." + parts[1] + "." + flipped));
        assertEquals(Decision.UNKNOWN, read(token.substring(0, token.length() - 8)));
        assertGranted(read(token));
    }

    /** Otherwise an attacker could choose a weaker algorithm (RFC 8725, 3.1). The key determines the algorithm. */
    @Test
    void aTokenCannotChooseItsAlgorithm() throws Exception {
        for (String own : ALGORITHMS) {
            for (String claimed : ALGORITHMS) {
                if (!own.equals(claimed)) {
                    var header = new JsonObject().put("alg", claimed);
                    assertEquals(Decision.UNKNOWN, read(key(own).sign(header, claims())), own + " as " + claimed);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
    void aPublicKeyIsNotAcceptedAsASecret(String algorithm) throws Exception {
        SigningKey key = key(algorithm);
        String pem = key.pem();
        for (String secret : List.of(pem, pem.trim(), pem.replace("\n", ""))) {
            String token = SigningKey.secret(secret).sign(claims());
            assertEquals(Decision.UNKNOWN, read(token));
            assertEquals(
                    Decision.UNKNOWN,
                    jwts(new JsonObject()
                                    .put(
                                            "keys",
                                            new JsonArray()
                                                    .add(key.pemIn(folder).toString())))
                            .verifyNow(token, Permission.READ, NEWS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "nOnE", "", "HS384", "RS512", "PS256", "ES384", "hs256", "Ed25519"})
    void otherAlgorithmsAreRejected(String name) throws Exception {
        var header = new JsonObject().put("alg", name);
        String unsigned = SigningKey.part(header) + "." + SigningKey.part(claims());
        assertEquals(Decision.UNKNOWN, read(unsigned));
        assertEquals(Decision.UNKNOWN, read(unsigned + "."));
        assertEquals(Decision.UNKNOWN, read(unsigned + ".AAAA"));
        assertEquals(Decision.UNKNOWN, read(key("HS256").sign(header, claims())));
    }

    @Test
    void aKeyInTheTokenIsIgnored() throws Exception {
        SigningKey own = SigningKey.of("RS256");
        var header = new JsonObject().put("alg", "RS256").put("jwk", own.jwk("mine"));
        assertEquals(Decision.UNKNOWN, read(own.sign(header, claims())));
        header.remove("jwk");
        header.put("x5c", new JsonArray().add("MIIB"))
                .put("jku", "http://127.0.0.1/")
                .put("kid", "../../dev/null");
        assertEquals(Decision.UNKNOWN, read(own.sign(header, claims())));
    }

    @Test
    void aTokenWithACriticalHeaderIsRejected() throws Exception {
        var header = new JsonObject()
                .put("alg", "HS256")
                .put("crit", new JsonArray().add("b64"))
                .put("b64", true);
        assertEquals(Decision.UNKNOWN, read(key("HS256").sign(header, claims())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "...",
                "a.b.c",
                "a.b",
                "e30.e30.e30",
                "e30.e30.",
                ".e30.e30",
                "!!!.e30.AAAA",
                "bnVsbA.e30.AAAA",
                "W10.e30.AAAA",
                "eyJhbGciOjF9.e30.AAAA",
                "eyJhbGciOm51bGx9.e30.AAAA",
                "eyJhbGciOiJIUzI1NiJ9.!.AAAA",
                "eyJhbGciOiJIUzI1NiJ9.e30.!",
                "eyJhbGciOiJIUzI1NiJ9.e30.AAAA.AAAA",
                "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
                "eyJhbGciOiJFUzI1NiJ9.e30.A",
                "eyJhbGciOiJFZERTQSJ9.e30.AAAA",
                "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"
            })
    void aMalformedTokenIsRejected(String text) {
        assertEquals(Decision.UNKNOWN, read(text));
    }

    /** The JDK once accepted such ECDSA signatures for any text (CVE-2022-21449). */
    @Test
    void aSignatureOfZeroesIsRejected() {
        String signed = SigningKey.part(new JsonObject().put("alg", "ES256")) + "." + SigningKey.part(claims());
        for (byte[] zeroes : List.of(new byte[64], new byte[] {48, 6, 2, 1, 0, 2, 1, 0})) {
            assertEquals(Decision.UNKNOWN, read(signed + "." + SigningKey.base64(zeroes)));
        }
    }

    @Test
    void deeplyNestedJsonIsRejected() throws Exception {
        String deep = SigningKey.base64("[".repeat(2_000).getBytes(StandardCharsets.UTF_8));
        assertEquals(Decision.UNKNOWN, read(deep + ".e30.AAAA"));
    }

    @Test
    void aTokenLongerThanACookieIsRejected() throws Exception {
        JsonObject claims = claims().put("x", "");
        int room = 4096 - key("HS256").sign(claims).length();
        String longest = key("HS256").sign(claims.put("x", "x".repeat(room * 3 / 4)));
        assertTrue(longest.length() > 4090 && longest.length() <= 4096, () -> longest.length() + " characters");
        assertGranted(read(longest));
        String tooLong = key("HS256").sign(claims.put("x", "x".repeat(room * 3 / 4 + 6)));
        assertEquals(Decision.UNKNOWN, read(tooLong));
    }

    @Test
    void eachOfSeveralSecretsIsAcceptedSoThatTheyCanBeRotated() throws Exception {
        var secrets = new JsonArray()
                .add("an old secret of the tests, just as long")
                .add("a new secret of the tests, just as long");
        JwtVerifier both = jwts(new JsonObject().put("secrets", secrets));
        for (Object secret : secrets) {
            assertGranted(both.verifyNow(SigningKey.secret((String) secret).sign(claims()), Permission.READ, NEWS));
        }
    }

    /** The token of RFC 7515, A.1, which has no permissions. */
    @Test
    void theExampleOfRfc7515IsAccepted() throws Exception {
        String token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
                + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
                + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        String k = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        var set = new JsonObject()
                .put(
                        "keys",
                        new JsonArray().add(new JsonObject().put("kty", "oct").put("k", k)));
        Path file = Files.writeString(folder.resolve("rfc7515.json"), set.encode());
        var conf = new JsonObject().put("jwks", file.toString()).put("issuer", "joe");
        assertInstanceOf(
                Decision.Denied.class,
                jwts(conf, Instant.ofEpochSecond(1300819379)).verifyNow(token, Permission.READ, NEWS));
        assertInvalid(
                "The token has expired.",
                jwts(conf, Instant.ofEpochSecond(1300819390)).verifyNow(token, Permission.READ, NEWS));
        assertNotEquals(Decision.UNKNOWN, jwts(conf).verifyNow(token, Permission.READ, NEWS));
    }

    @Test
    void withoutAKeyEveryTokenIsRejected() throws Exception {
        Path file = Files.writeString(folder.resolve("empty.json"), "{\"keys\": []}");
        JwtVerifier none = jwts(new JsonObject().put("jwks", file.toString()));
        String header = SigningKey.part(new JsonObject().put("alg", "none"));
        for (String token : List.of(
                header + "." + SigningKey.part(claims()),
                header + "." + SigningKey.part(claims()) + ".",
                key("HS256").sign(claims()))) {
            assertEquals(Decision.UNKNOWN, none.verifyNow(token, Permission.READ, NEWS));
        }
    }

    @Test
    void onlyHs256SignaturesAreVerifiedOnTheCallersThread() throws Exception {
        assertGranted(
                jwts.decide(key("HS256").sign(claims()), Permission.READ, NEWS).orElseThrow());
        assertEquals(Optional.of(Decision.UNKNOWN), jwts.decide("no.JWT.", Permission.READ, NEWS));
        for (String algorithm : ALGORITHMS.subList(1, 4)) {
            String token = key(algorithm).sign(claims());
            assertEquals(Optional.empty(), jwts.decide(token, Permission.READ, NEWS));
            assertGranted(RunningCrier.await(jwts.verify(token, Permission.READ, NEWS, Supplier::get)));
        }
    }
}
