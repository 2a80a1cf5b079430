package dev.crier.http;

import dev.crier.config.Cors;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.Set;

/** Which pages of other origins may read and publish (CORS, in the Fetch standard). */
final class Origins {

    private static final int PREFLIGHT_SECONDS = 3600;

    private final Cors cors;

    private Origins(Cors cors) {
        this.cors = cors;
    }

    /** @param credentials whether a page's browser may add the cookie that lets it read; to listed origins only */
    static void mount(Router router, Cors cors, boolean credentials) {
        router.route().handler(new Origins(cors)::admit);
        router.route()
                .handler(CorsHandler.create()
                        .addOrigins(cors.origins())
                        .allowedMethods(Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST))
                        .allowedHeaders(Set.of(
                                "Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "Last-Event-ID"))
                        .allowCredentials(credentials && !cors.any())
                        .maxAgeSeconds(PREFLIGHT_SECONDS));
    }

    /**
     * Vert.x's handler fails on an origin that it cannot parse, and takes an empty list for any. So it is asked about
     * listed origins only; and where any may read, which one it is does not matter, and it is not shown.
     */
    private void admit(RoutingContext ctx) {
        String origin = ctx.request().getHeader(HttpHeaders.ORIGIN);
        if (cors.origins().size() == 1 && !cors.any()) {
            // Vert.x leaves it out where one is listed, as if who names none were answered the same
            ctx.response().putHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        }
        if (origin == null || cors.origins().contains(origin)) {
            ctx.next();
        } else if (isSame(origin, ctx.request())) {
            ctx.request().headers().remove(HttpHeaders.ORIGIN);
            ctx.next();
        } else if (cors.any()) {
            ctx.request().headers().set(HttpHeaders.ORIGIN, "null");
            ctx.next();
        } else {
            Problem.FORBIDDEN.fail(ctx);
        }
    }

    /** A page of Crier's own says where it is from, too, when it publishes. The scheme is a proxy's matter. */
    private static boolean isSame(String origin, HttpServerRequest request) {
        String host = String.valueOf(request.authority()); // which HTTP/2 does not have in a header
        return origin.equals("http://" + host) || origin.equals("https://" + host);
    }
}
