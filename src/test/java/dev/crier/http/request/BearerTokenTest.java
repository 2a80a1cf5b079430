package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.config.Cors;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {

    private static final String LISTED = "https://page.example";

    private final BearerToken tokens = new BearerToken("crier_token", new Cors(List.of(LISTED)));

    /** Each line is a name, a colon, a space and a value. */
    private static MultiMap headers(String... lines) {
        var headers = MultiMap.caseInsensitiveMultiMap();
        for (String line : lines) {
            headers.add(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 2));
        }
        return headers;
    }

    private void assertToken(String expected, String... headers) {
        assertEquals(Optional.of(expected), tokens.inHeaderOrCookie(headers(headers)));
    }

    private void assertNoToken(String... headers) {
        assertEquals(Optional.empty(), tokens.inHeaderOrCookie(headers(headers)));
    }

    private void assertAmbiguous(String message, String... headers) {
        var e = assertThrows(IllegalArgumentException.class, () -> tokens.inHeaderOrCookie(headers(headers)));
        assertEquals(message, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "Bearer abc, abc",
        "bearer abc, abc",
        "BEARER   abc, abc",
        "' Bearer abc ', abc",
        "Bearer abc x, abc x",
        "Bearer, ''",
        "'Bearer ', ''"
    })
    void theHeaderHasTheTokenAfterTheScheme(String authorization, String token) {
        assertToken(token, "Authorization: " + authorization);
        assertEquals(Optional.of(token), BearerToken.inHeader(headers("Authorization: " + authorization)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic YTpi", "abc", "Bearerabc", "Digest abc", ""})
    void anotherSchemeHasNoToken(String authorization) {
        assertNoToken("Authorization: " + authorization);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"crier_token=abc", "a=b; crier_token=abc; c=d", "crier_token=\"abc\"", "x=a\"b; crier_token=abc"
            })
    void aCookieHasTheToken(String cookies) {
        assertToken("abc", "Cookie: " + cookies);
    }

    @Test
    void theCookieMayBeInOneOfSeveralHeaders() {
        assertToken("abc", "Cookie: a=b", "Cookie: crier_token=abc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"other=abc", "Crier_Token=abc", "xcrier_token=abc", "abc", ""})
    void anotherCookieHasNoToken(String cookies) {
        assertNoToken("Cookie: " + cookies);
    }

    @Test
    void theHeaderWinsOverTheCookie() {
        assertToken("abc", "Cookie: crier_token=other", "Authorization: Bearer abc");
        assertToken("abc", "Cookie: crier_token=abc", "Authorization: Basic YTpi");
    }

    @Test
    void twoTokensAreAmbiguous() {
        assertAmbiguous(
                "Authorization: more than one header (expected: one)",
                "Authorization: Bearer abc",
                "Authorization: Bearer abc");
        assertAmbiguous("Cookie: more than one crier_token (expected: one)", "Cookie: crier_token=a; crier_token=b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Origin: " + LISTED, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"})
    void aPageThatMayReadMayUseTheCookie(String header) {
        assertToken("abc", header, "Cookie: crier_token=abc");
    }

    /** A form that a page of the own site posts has an origin, unlike an {@code EventSource}. */
    @Test
    void aPageOfTheOwnSiteMayPostWithTheCookie() {
        assertToken("abc", "Origin: https://own.example", "Sec-Fetch-Site: same-origin", "Cookie: crier_token=abc");
    }

    /** Threat: a page of another site causes a request, with which the browser sends the cookie. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: https://other.example",
                "Origin: http://page.example",
                "Origin: null",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site"
            })
    void aPageOfAnotherSiteMayNotUseTheCookie(String header) {
        assertNoToken(header, "Cookie: crier_token=abc");
        assertToken("abc", header, "Authorization: Bearer abc");
    }

    @Test
    void ifAnyOriginMayReadNoOriginMayUseTheCookie() {
        var any = new BearerToken("crier_token", new Cors(List.of("*")));
        assertEquals(Optional.empty(), any.inHeaderOrCookie(headers("Origin: " + LISTED, "Cookie: crier_token=abc")));
    }

    @Test
    void theHeaderAloneIsReadForPublishing() {
        assertEquals(Optional.empty(), BearerToken.inHeader(headers("Cookie: crier_token=abc")));
    }
}
