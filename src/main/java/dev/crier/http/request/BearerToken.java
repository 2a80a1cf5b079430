package dev.crier.http.request;

import dev.crier.config.Cors;
import dev.crier.transport.CookieHeaders;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The bearer token of a request: in the {@code Authorization} header (RFC 6750, 2.1), or in a cookie, because a browser's
 * {@code EventSource} cannot set headers.
 *
 * <p>The attack: a browser sends cookies with every request to Crier, whichever site caused the request, so another site could
 * use them. The rule: a cookie only permits reading, and only for pages that may read the response.
 */
public final class BearerToken {

    private static final String SCHEME = "bearer";

    /** The values of {@code Sec-Fetch-Site} for a request that no other site caused (Fetch Metadata, 2.3). */
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final String cookie;
    private final Cors cors;

    /** @param cookie the name of the cookie */
    public BearerToken(String cookie, Cors cors) {
        this.cookie = cookie;
        this.cors = cors;
    }

    /**
     * Returns the token of the header, or else that of the cookie. A client that can set the header chooses the token
     * explicitly, so the header comes first.
     *
     * @throws IllegalArgumentException if the request has more than one header or cookie
     */
    public Optional<String> inHeaderOrCookie(MultiMap headers) {
        Optional<String> token = inHeader(headers);
        return token.isPresent() || !mayUseCookie(headers) ? token : inCookie(headers);
    }

    /**
     * Returns the token of the {@code Authorization} header.
     *
     * @throws IllegalArgumentException if the request has more than one such header
     */
    public static Optional<String> inHeader(MultiMap headers) {
        List<String> values = headers.getAll(HttpHeaders.AUTHORIZATION);
        if (values.size() > 1) {
            throw new IllegalArgumentException("Authorization: more than one header (expected: one)");
        }
        return values.isEmpty() ? Optional.empty() : token(values.get(0).trim());
    }

    private static Optional<String> token(String credentials) {
        int end = credentials.indexOf(' ');
        String scheme = end < 0 ? credentials : credentials.substring(0, end);
        String token = end < 0 ? "" : credentials.substring(end).trim();
        return scheme.equalsIgnoreCase(SCHEME) ? Optional.of(token) : Optional.empty();
    }

    /**
     * Returns whether a page that may read the response caused the request. The request of another origin's script has an {@code
     * Origin}; the server's CORS check has removed that of its own pages. A request for an element, such as an image, has none. A
     * script cannot set {@code Sec-Fetch-Site}.
     */
    private boolean mayUseCookie(MultiMap headers) {
        String origin = headers.get(HttpHeaders.ORIGIN);
        String site = headers.get("Sec-Fetch-Site");
        if (origin != null && !"same-origin".equals(site)) {
            return cors.lists(origin);
        }
        return site == null || OWN_SITES.contains(site);
    }

    private Optional<String> inCookie(MultiMap headers) {
        List<String> values = CookieHeaders.values(headers.getAll(HttpHeaders.COOKIE), cookie);
        if (values.size() > 1) {
            // another host of the same site can set one, and the two cannot be told apart
            throw new IllegalArgumentException("Cookie: more than one " + cookie + " (expected: one)");
        }
        return values.stream().findFirst();
    }
}
