package dev.crier.http;

import dev.crier.config.Cors;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;

/** The CORS protocol (Fetch standard, 3.3): which pages of other origins may read, publish and stop. */
public final class CorsPolicy {

    private static final String ALLOWED_METHODS = "GET, HEAD, POST, DELETE";

    /** The wildcard stands for every header except Authorization. */
    private static final String ANY_HEADER = "*, Authorization";

    /** The headers that a script needs in order to retry in time, and could not read otherwise. */
    private static final String EXPOSED_HEADERS = "Date, Retry-After";

    private static final String PREFLIGHT_SECONDS = "3600";

    private static final Pattern HEADER_NAMES = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z, -]+");

    private final Cors cors;

    public CorsPolicy(Cors cors) {
        this.cors = cors;
    }

    /**
     * Adds the headers that let a page read the response. Runs before any handler that can fail the request: without these
     * headers, a page can neither read an error nor tell it from a broken connection.
     *
     * <p>If any origin may read, all responses have the same headers, so that a cache may reuse one for any page. Otherwise
     * they differ by origin, so all of them have {@code Vary}, even responses to requests without an origin.
     */
    public void addHeaders(RoutingContext ctx) {
        MultiMap headers = ctx.response().headers();
        String origin = ctx.request().getHeader(HttpHeaders.ORIGIN);
        if (cors.any()) {
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, Cors.ANY)
                    .set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        } else {
            headers.set(HttpHeaders.VARY, "Origin");
            if (origin != null && cors.lists(origin)) {
                headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
                        .set(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true")
                        .set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
            }
        }
        ctx.next();
    }

    /** Answers preflights, and rejects requests of pages whose origin is not allowed. */
    public void check(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && !cors.lists(origin)) {
            if (isOwn(origin, request)) {
                request.headers().remove(HttpHeaders.ORIGIN); // from here on, the request is not cross-origin
            } else if (!cors.any()) {
                Problem.FORBIDDEN.fail(ctx);
                return;
            }
        }
        if (request.method() == HttpMethod.OPTIONS
                && request.headers().contains(HttpHeaders.ORIGIN)
                && request.headers().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD)) {
            answerPreflight(ctx);
        } else {
            ctx.next();
        }
    }

    /** Returns whether the origin is Crier's own, which its pages send when they publish. The scheme may be that of a proxy. */
    private static boolean isOwn(String origin, HttpServerRequest request) {
        String host = String.valueOf(request.authority()); // HTTP/2 has no Host header
        return origin.equals("http://" + host) || origin.equals("https://" + host);
    }

    /**
     * Allows every header. Libraries and tracing agents add headers of their own, which Crier ignores; if a preflight did not
     * allow one of them, the whole request would fail. A wildcard does not apply to requests with credentials, so a listed
     * origin gets the names that it asks for.
     */
    private void answerPreflight(RoutingContext ctx) {
        MultiMap headers = ctx.response().headers();
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS)
                .set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        if (cors.any()) {
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, ANY_HEADER);
        } else {
            headers.set(HttpHeaders.VARY, "Origin, Access-Control-Request-Headers");
            String names = ctx.request().getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
            if (names != null && HEADER_NAMES.matcher(names).matches()) {
                headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, names);
            }
        }
        ctx.response().setStatusCode(204).end();
    }
}
