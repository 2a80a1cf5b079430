package dev.crier.http;

import dev.crier.config.Cors;
import dev.crier.transport.CookieHeaders;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a request has its token: in the Authorization header (RFC 6750, 2.1), or in a cookie, since a browser's EventSource
 * sets no headers. A browser adds a cookie whoever asks: so it is looked at for reading only, and only where the page that
 * asks may be answered.
 */
public final class BearerToken {

    private static final String SCHEME = "bearer";

    /** What a browser says of a request that no other site has caused (Fetch Metadata, 2.3). */
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final String cookie;
    private final Cors cors;

    public BearerToken(String cookie, Cors cors) {
        this.cookie = cookie;
        this.cors = cors;
    }

    /**
     * The token of the header, if there is one.
     *
     * @throws IllegalArgumentException if there is more than one
     */
    static Optional<String> ofHeader(HttpServerRequest request) {
        List<String> values = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        if (values.size() > 1) {
            throw new IllegalArgumentException("Authorization: twice (expected: once)");
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
     * The token of the header, else of the cookie: a program says it openly where it can.
     *
     * @throws IllegalArgumentException if there is more than one of either
     */
    Optional<String> of(HttpServerRequest request) {
        Optional<String> header = ofHeader(request);
        return header.isPresent() || !isOfOwnPage(request) ? header : ofCookie(request);
    }

    /**
     * Pages of other origins say which they are, if their script asks; {@link CorsPolicy} has refused those that may not, and
     * taken away the name where it is Crier's own. What a page only shows, such as an image, comes without.
     */
    private boolean isOfOwnPage(HttpServerRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null) {
            return cors.lists(origin);
        }
        String site = request.getHeader("Sec-Fetch-Site");
        return site == null || OWN_SITES.contains(site);
    }

    /** Not by the request itself, which would keep them as long as the stream. */
    private Optional<String> ofCookie(HttpServerRequest request) {
        List<String> values = CookieHeaders.values(request.headers().getAll(HttpHeaders.COOKIE), cookie);
        if (values.size() > 1) {
            // another host of the same site can add one: whose is whose cannot be told
            throw new IllegalArgumentException("Cookie: " + cookie + " twice (expected: once)");
        }
        return values.stream().findFirst();
    }
}
