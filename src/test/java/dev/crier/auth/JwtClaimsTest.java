package dev.crier.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.crier.event.ChannelName;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A signed JWT grants only what it lists, while it is valid, and only from the configured issuer and for the audience. */
class JwtClaimsTest extends JwtVerifierFixture {

    @Test
    void aTokenWithoutAnExpiryIsRejected() throws Exception {
        assertInvalid(
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

    private static String signedPart(String token) {
        return token.substring(0, token.lastIndexOf('.'));
    }

    @ParameterizedTest
    @CsvSource({"-9, 1000", "-9.5, 500", "0, 10000", "1, 11000", "1e300, 9223372036854775807"})
    void aTokenIsValidUntilItsExpiryPlusTheLeeway(String seconds, long millis) throws Exception {
        double exp = Double.parseDouble(seconds) + NOW_SECONDS;
        String token = key("ES256").sign(claims().put("exp", exp));
        assertEquals(new Decision.Granted(Duration.ofMillis(millis), signedPart(token)), read(token));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-10", "-11", "-1000000", "-1e300"})
    void anExpiredTokenIsRejected(String seconds) throws Exception {
        double exp = Double.parseDouble(seconds) + NOW_SECONDS;
        assertInvalid("The token has expired.", read(key("ES256").sign(claims().put("exp", exp))));
    }

    @Test
    void aTokenIsRejectedBeforeItsValidityBegins() throws Exception {
        assertGranted(read(key("EdDSA").sign(claims().put("nbf", NOW_SECONDS))));
        assertGranted(read(key("EdDSA").sign(claims().put("nbf", NOW_SECONDS + 10))));
        assertInvalid("The token is not valid yet.", read(key("EdDSA").sign(claims().put("nbf", NOW_SECONDS + 11))));
        assertEquals(Decision.UNKNOWN, read(key("EdDSA").sign(claims().put("nbf", "tomorrow"))));
        assertEquals(Decision.UNKNOWN, read(key("EdDSA").sign(claims().putNull("nbf"))));
    }

    @Test
    void aTokenOfAnotherIssuerIsRejected() throws Exception {
        JwtVerifier strict = jwts(allKeys.copy().put("issuer", "https://login.example"));
        JsonObject claims = claims().put("iss", "https://login.example");
        assertGranted(strict.verifyNow(key("RS256").sign(claims), Permission.READ, NEWS));
        for (Object other : List.of("https://login.example/", "", 5, new JsonArray().add("https://login.example"))) {
            assertEquals(
                    Decision.UNKNOWN,
                    strict.verifyNow(key("RS256").sign(claims.put("iss", other)), Permission.READ, NEWS));
        }
        assertEquals(Decision.UNKNOWN, strict.verifyNow(key("RS256").sign(claims()), Permission.READ, NEWS));
    }

    @Test
    void aTokenForAnotherAudienceIsRejected() throws Exception {
        JwtVerifier strict =
                jwts(allKeys.copy().put("audience", new JsonArray().add("crier").add("news")));
        for (Object good : List.of("crier", "news", new JsonArray().add("other").add("news"))) {
            assertGranted(strict.verifyNow(key("RS256").sign(claims().put("aud", good)), Permission.READ, NEWS));
        }
        for (Object bad : List.of("other", "", 5, new JsonArray(), new JsonArray().add("other"), new JsonObject())) {
            assertEquals(
                    Decision.UNKNOWN,
                    strict.verifyNow(key("RS256").sign(claims().put("aud", bad)), Permission.READ, NEWS));
        }
        assertEquals(Decision.UNKNOWN, strict.verifyNow(key("RS256").sign(claims()), Permission.READ, NEWS));
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
        "/orders/:id, /orders/:id, true",
        "/orders/:x, /orders/:id, true",
        "/:a/:b, /orders/:id, true",
        "/:a/:id, /:shop/orders, true",
        "/orders/42, /orders/:id, false",
        "/orders/id, /orders/:id, false",
        "/:a/new, /orders/:id, false",
        "/:a, /orders/:id, false",
        "/orders/*, /orders/42, false",
        "*, /news, false",
        "/, /news, false",
        "news, /news, false",
        "/NEWS, /news, false",
        "/%6eews, /news, false"
    })
    void aPermissionIsForTheChannelsOfItsPattern(String pattern, String channel, boolean granted) throws Exception {
        var permissions = new JsonObject().put("read", new JsonArray().add(pattern));
        String token = key("HS256").sign(claims().put("crier", permissions));
        Decision decision = jwts.verifyNow(token, Permission.READ, List.of(new ChannelName(channel)));
        assertEquals(granted, decision instanceof Decision.Granted);
        assertEquals(!granted, decision instanceof Decision.Denied);
    }

    @Test
    void allChannelsMustBeGranted() throws Exception {
        var permissions = new JsonObject()
                .put("read", new JsonArray().add("/a").add("/orders/:id").add("/b"));
        String token = key("HS256").sign(claims().put("crier", permissions));
        assertGranted(jwts.verifyNow(token, Permission.READ, channels("/orders/:x", "/b", "/orders/42", "/a")));
        assertEquals(
                new Decision.Denied(new ChannelName("/c")),
                jwts.verifyNow(token, Permission.READ, channels("/a", "/c", "/orders", "/b")));
    }

    private static List<ChannelName> channels(String... names) {
        return Stream.of(names).map(ChannelName::new).toList();
    }

    @Test
    void onlyThePermissionToPublishImpliesAnother() throws Exception {
        var permissions = new JsonObject()
                .put("read", new JsonArray().add("/a"))
                .put("publish", new JsonArray().add("/b"))
                .put("stop", new JsonArray().add("/c"));
        String token = key("HS256").sign(claims().put("crier", permissions));
        var grants = new TreeSet<String>();
        for (String channel : List.of("/a", "/b", "/c")) {
            for (Permission permission : Permission.values()) {
                if (jwts.verifyNow(token, permission, List.of(new ChannelName(channel))) instanceof Decision.Granted) {
                    grants.add(permission + " " + channel);
                }
            }
        }
        assertEquals(Set.of("READ /a", "PUBLISH /b", "STOP /b", "STOP /c"), grants);
    }

    @Test
    void aClaimThatIsNotAListOfPatternsGrantsNothing() throws Exception {
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
            assertInstanceOf(Decision.Denied.class, read(key("HS256").sign(claims().put("crier", claim))));
        }
        assertInstanceOf(Decision.Denied.class, read(key("HS256").sign(removed("crier"))));
    }
}
