package dev.crier.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.Conf;
import dev.crier.config.JwtConf;
import dev.crier.event.ChannelName;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which JWTs are believed, and what they grant. */
class JwtsTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");
    private static final long NOW_SECONDS = NOW.getEpochSecond();
    private static final List<String> ALGORITHMS = List.of("HS256", "RS256", "ES256", "EdDSA");
    private static final Map<String, SigningKey> KEYS = new HashMap<>();

    @TempDir
    private static Path folder;

    private static Vertx vertx;
    private static JsonObject allKeys;
    private static Jwts jwts;

    @BeforeAll
    static void open() throws Exception {
        vertx = Vertx.vertx();
        for (String algorithm : ALGORITHMS) {
            KEYS.put(algorithm, SigningKey.of(algorithm));
        }
        var files = new JsonArray();
        for (String algorithm : ALGORITHMS.subList(1, 4)) {
            files.add(KEYS.get(algorithm).pemIn(folder).toString());
        }
        allKeys = new JsonObject()
                .put("secrets", new JsonArray().add(KEYS.get("HS256").text()))
                .put("keys", files)
                .put("leeway", "PT10S");
        jwts = jwts(allKeys);
    }

    @AfterAll
    static void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    private static Jwts jwts(JsonObject json) throws Exception {
        return jwts(json, NOW);
    }

    private static Jwts jwts(JsonObject json, Instant now) throws Exception {
        JwtConf conf = Conf.read(new JsonObject().put("jwt", json), Map.of()).jwt();
        var keys = new Keys(conf, () -> 0);
        RunningCrier.await(vertx.deployVerticle(keys));
        return new Jwts(keys, conf.leeway(), () -> now);
    }

    /** Good for a minute. */
    private static JsonObject claims() {
        return new JsonObject()
                .put("exp", NOW_SECONDS + 60)
                .put("crier", new JsonObject().put("read", new JsonArray().add("/news")));
    }

    private static Decision read(String token) {
        return jwts.of(token, Permission.READ, NEWS);
    }

    private static String signedPart(String token) {
        return token.substring(0, token.lastIndexOf('.'));
    }

    private static void assertReads(Decision verdict) {
        assertEquals(
                Duration.ofSeconds(70),
                assertInstanceOf(Decision.Granted.class, verdict).lasts());
    }

    private static void assertWhy(String why, Decision verdict) {
        assertEquals(new Decision.Unknown(why), verdict);
    }

    private static SigningKey key(String algorithm) {
        return KEYS.get(algorithm);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void aTokenIsBelievedByItsKey(String algorithm) throws Exception {
        assertReads(read(key(algorithm).sign(claims())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void notByAnotherKeyOfTheSameKind(String algorithm) throws Exception {
        SigningKey other = algorithm.equals("HS256")
                ? SigningKey.secret("another secret of the tests, just as long")
                : SigningKey.of(algorithm);
        assertEquals(Decision.UNKNOWN, read(other.sign(claims())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void whatWasChangedIsNotBelieved(String algorithm) throws Exception {
        String token = key(algorithm).sign(claims());
        String[] parts = token.split("\\.");
        String all = SigningKey.part(claims().put("exp", NOW_SECONDS + 61));
        assertEquals(Decision.UNKNOWN, read(parts[0] + "." + all + "." + parts[2]));
        char last = parts[2].charAt(10);
        String flipped = parts[2].substring(0, 10) + (last == 'A' ? 'B' : 'A') + parts[2].substring(11);
        assertEquals(Decision.UNKNOWN, read(parts[0] + "." + parts[1] + "." + flipped));
        assertEquals(Decision.UNKNOWN, read(token.substring(0, token.length() - 8)));
        assertReads(read(token));
    }

    /** The key says by which algorithm it is used, never the token (RFC 8725, 3.1). */
    @Test
    void theHeaderChoosesNoOtherAlgorithm() throws Exception {
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
    void aPublicKeyIsNoSecret(String algorithm) throws Exception {
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
                            .of(token, Permission.READ, NEWS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "nOnE", "", "HS384", "RS512", "PS256", "ES384", "hs256", "Ed25519"})
    void noOtherAlgorithmIsKnown(String name) throws Exception {
        var header = new JsonObject().put("alg", name);
        String unsigned = SigningKey.part(header) + "." + SigningKey.part(claims());
        assertEquals(Decision.UNKNOWN, read(unsigned));
        assertEquals(Decision.UNKNOWN, read(unsigned + "."));
        assertEquals(Decision.UNKNOWN, read(unsigned + ".AAAA"));
        assertEquals(Decision.UNKNOWN, read(key("HS256").sign(header, claims())));
    }

    @Test
    void aKeyThatComesWithTheTokenIsNotBelieved() throws Exception {
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
    void whatOneWouldHaveToUnderstandIsNotPassedOver() throws Exception {
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
    void whatIsNoTokenIsNotKnown(String text) {
        assertEquals(Decision.UNKNOWN, read(text));
    }

    /** An implementation of ECDSA once took these for any text (CVE-2022-21449). */
    @Test
    void aSignatureOfZeroesIsNone() {
        String signed = SigningKey.part(new JsonObject().put("alg", "ES256")) + "." + SigningKey.part(claims());
        for (byte[] zeroes : List.of(new byte[64], new byte[] {48, 6, 2, 1, 0, 2, 1, 0})) {
            assertEquals(Decision.UNKNOWN, read(signed + "." + SigningKey.base64(zeroes)));
        }
    }

    @Test
    void deepJsonIsNotKnown() throws Exception {
        String deep = SigningKey.base64("[".repeat(2_000).getBytes(StandardCharsets.UTF_8));
        assertEquals(Decision.UNKNOWN, read(deep + ".e30.AAAA"));
    }

    @Test
    void aTokenHasAtMostAsManyCharactersAsACookie() throws Exception {
        JsonObject claims = claims().put("x", "");
        int room = 4096 - key("HS256").sign(claims).length();
        String longest = key("HS256").sign(claims.put("x", "x".repeat(room * 3 / 4)));
        assertTrue(longest.length() > 4090 && longest.length() <= 4096, () -> longest.length() + " characters");
        assertReads(read(longest));
        String tooLong = key("HS256").sign(claims.put("x", "x".repeat(room * 3 / 4 + 6)));
        assertEquals(Decision.UNKNOWN, read(tooLong));
    }

    @Test
    void withoutAnEndATokenIsNotBelieved() throws Exception {
        assertWhy(
                "The token has no exp that says when it expires.",
                read(key("RS256").sign(removed("exp"))));
        for (Object end : List.of("2030-01-01", String.valueOf(NOW_SECONDS + 60), true, new JsonArray())) {
            assertEquals(Decision.UNKNOWN, read(key("RS256").sign(claims().put("exp", end))));
        }
        assertEquals(Decision.UNKNOWN, read(key("RS256").sign(claims().putNull("exp"))));
    }

    private static JsonObject removed(String claim) {
        JsonObject claims = claims();
        claims.remove(claim);
        return claims;
    }

    @ParameterizedTest
    @CsvSource({"-9, 1000", "-9.5, 500", "0, 10000", "1, 11000", "1e300, 9223372036854775807"})
    void itLastsUntilItsEndAndTheLeeway(String seconds, long millis) throws Exception {
        double exp = Double.parseDouble(seconds) + NOW_SECONDS;
        String token = key("ES256").sign(claims().put("exp", exp));
        assertEquals(new Decision.Granted(Duration.ofMillis(millis), signedPart(token)), read(token));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-10", "-11", "-1000000", "-1e300"})
    void thenItIsNotBelieved(String seconds) throws Exception {
        double exp = Double.parseDouble(seconds) + NOW_SECONDS;
        assertWhy("The token has expired.", read(key("ES256").sign(claims().put("exp", exp))));
    }

    @Test
    void beforeItsBeginningATokenIsNotBelieved() throws Exception {
        assertReads(read(key("EdDSA").sign(claims().put("nbf", NOW_SECONDS))));
        assertReads(read(key("EdDSA").sign(claims().put("nbf", NOW_SECONDS + 10))));
        assertWhy("The token is not valid yet.", read(key("EdDSA").sign(claims().put("nbf", NOW_SECONDS + 11))));
        assertEquals(Decision.UNKNOWN, read(key("EdDSA").sign(claims().put("nbf", "tomorrow"))));
        assertEquals(Decision.UNKNOWN, read(key("EdDSA").sign(claims().putNull("nbf"))));
    }

    @Test
    void ofAnotherIssuerItIsNotBelievedWhereOneIsAsked() throws Exception {
        Jwts strict = jwts(allKeys.copy().put("issuer", "https://login.example"));
        JsonObject claims = claims().put("iss", "https://login.example");
        assertReads(strict.of(key("RS256").sign(claims), Permission.READ, NEWS));
        for (Object other : List.of("https://login.example/", "", 5, new JsonArray().add("https://login.example"))) {
            assertEquals(
                    Decision.UNKNOWN, strict.of(key("RS256").sign(claims.put("iss", other)), Permission.READ, NEWS));
        }
        assertEquals(Decision.UNKNOWN, strict.of(key("RS256").sign(claims()), Permission.READ, NEWS));
    }

    @Test
    void forAnotherAudienceItIsNotBelievedWhereOneIsAsked() throws Exception {
        Jwts strict =
                jwts(allKeys.copy().put("audience", new JsonArray().add("crier").add("news")));
        for (Object good : List.of("crier", "news", new JsonArray().add("other").add("news"))) {
            assertReads(strict.of(key("RS256").sign(claims().put("aud", good)), Permission.READ, NEWS));
        }
        for (Object bad : List.of("other", "", 5, new JsonArray(), new JsonArray().add("other"), new JsonObject())) {
            assertEquals(
                    Decision.UNKNOWN, strict.of(key("RS256").sign(claims().put("aud", bad)), Permission.READ, NEWS));
        }
        assertEquals(Decision.UNKNOWN, strict.of(key("RS256").sign(claims()), Permission.READ, NEWS));
    }

    @ParameterizedTest
    @CsvSource({
        "/news, /news, true",
        "/news, /new, false",
        "/news, /news/x, false",
        "/orders/:id, /orders/42, true",
        "/orders/:id, /orders/43, true",
        "/orders/:id, /orders, false",
        "/orders/:id, /orders/42/x, false",
        "/orders/42, /orders/42, true",
        "/orders/42, /orders/43, false",
        "/:a/:b, /orders/42, true",
        "/orders/*, /orders/42, false",
        "*, /news, false",
        "/, /news, false",
        "news, /news, false",
        "/NEWS, /news, false",
        "/%6eews, /news, false"
    })
    void aRightIsForTheChannelsOfItsPattern(String pattern, String channel, boolean granted) throws Exception {
        var rights = new JsonObject().put("read", new JsonArray().add(pattern));
        String token = key("HS256").sign(claims().put("crier", rights));
        Decision verdict = jwts.of(token, Permission.READ, new ChannelName(channel));
        assertEquals(granted, verdict instanceof Decision.Granted);
        assertEquals(!granted, verdict instanceof Decision.Lacking);
    }

    @Test
    void toReadIsNotToPublish() throws Exception {
        var rights = new JsonObject()
                .put("read", new JsonArray().add("/a"))
                .put("publish", new JsonArray().add("/b").add("/c"));
        String token = key("HS256").sign(claims().put("crier", rights));
        var grants = new HashMap<String, Boolean>();
        for (String channel : List.of("/a", "/b", "/c")) {
            for (Permission right : Permission.values()) {
                grants.put(
                        right + channel, jwts.of(token, right, new ChannelName(channel)) instanceof Decision.Granted);
            }
        }
        assertEquals(
                Map.of(
                        "READ/a",
                        true,
                        "READ/b",
                        false,
                        "READ/c",
                        false,
                        "PUBLISH/a",
                        false,
                        "PUBLISH/b",
                        true,
                        "PUBLISH/c",
                        true),
                grants);
    }

    @Test
    void whatIsNoListOfPatternsGrantsNothing() throws Exception {
        for (Object claim : List.of(
                "/news",
                new JsonArray().add("/news"),
                true,
                new JsonObject(),
                new JsonObject().put("read", "/news"),
                new JsonObject().put("read", true),
                new JsonObject().put("read", new JsonObject().put("/news", true)),
                new JsonObject().put("read", new JsonArray().add(1).addNull().add(new JsonArray().add("/news"))),
                new JsonObject().put("Read", new JsonArray().add("/news")))) {
            assertInstanceOf(Decision.Lacking.class, read(key("HS256").sign(claims().put("crier", claim))));
        }
        assertInstanceOf(Decision.Lacking.class, read(key("HS256").sign(removed("crier"))));
    }

    @Test
    void anyOfSeveralSecretsWillDoSoThatOneCanFollowTheOther() throws Exception {
        var secrets = new JsonArray()
                .add("an old secret of the tests, just as long")
                .add("a new secret of the tests, just as long");
        Jwts both = jwts(new JsonObject().put("secrets", secrets));
        for (Object secret : secrets) {
            assertReads(both.of(SigningKey.secret((String) secret).sign(claims()), Permission.READ, NEWS));
        }
    }

    /** RFC 7515, A.1. */
    @Test
    void theExampleOfTheStandardIsBelieved() throws Exception {
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
                Decision.Lacking.class,
                jwts(conf, Instant.ofEpochSecond(1300819379)).of(token, Permission.READ, NEWS));
        assertWhy(
                "The token has expired.",
                jwts(conf, Instant.ofEpochSecond(1300819390)).of(token, Permission.READ, NEWS));
        assertNotEquals(Decision.UNKNOWN, jwts(conf).of(token, Permission.READ, NEWS));
    }

    @Test
    void whereThereIsNoKeyNobodyIsBelieved() throws Exception {
        Path file = Files.writeString(folder.resolve("empty.json"), "{\"keys\": []}");
        Jwts none = jwts(new JsonObject().put("jwks", file.toString()));
        String header = SigningKey.part(new JsonObject().put("alg", "none"));
        for (String token : List.of(
                header + "." + SigningKey.part(claims()),
                header + "." + SigningKey.part(claims()) + ".",
                key("HS256").sign(claims()))) {
            assertEquals(Decision.UNKNOWN, none.of(token, Permission.READ, NEWS));
        }
    }

    @Test
    void onlyHs256SignaturesAreVerifiedAtOnce() throws Exception {
        assertReads(
                jwts.atOnce(key("HS256").sign(claims()), Permission.READ, NEWS).orElseThrow());
        assertEquals(Optional.of(Decision.UNKNOWN), jwts.atOnce("no.JWT.", Permission.READ, NEWS));
        for (String algorithm : ALGORITHMS.subList(1, 4)) {
            String token = key(algorithm).sign(claims());
            assertEquals(Optional.empty(), jwts.atOnce(token, Permission.READ, NEWS));
            assertReads(RunningCrier.await(jwts.check(token, Permission.READ, NEWS, Supplier::get)));
        }
    }

    @Test
    void theQueueOfVerificationsIsBounded() throws Exception {
        var keys = new Keys(
                Conf.read(new JsonObject().put("jwt", allKeys), Map.of()).jwt(), () -> 0);
        RunningCrier.await(vertx.deployVerticle(keys));
        var free = new CountDownLatch(1);
        var checks = new ArrayList<Future<Decision>>();
        for (int i = 0; i < 5000; i++) {
            checks.add(keys.run(() -> {
                free.await();
                return Decision.UNKNOWN;
            }));
        }
        List<Decision> refused =
                checks.stream().filter(Future::isComplete).map(Future::result).toList();
        assertEquals(Collections.nCopies(5000 - 4096, new Decision.Busy()), refused);
        free.countDown();
        for (Future<Decision> check : checks) {
            RunningCrier.await(check);
        }
        assertEquals(Decision.UNKNOWN, RunningCrier.await(keys.run(() -> Decision.UNKNOWN)));
    }
}
