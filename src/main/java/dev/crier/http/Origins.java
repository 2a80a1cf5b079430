package dev.crier.http;

import dev.crier.config.Cors;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.Set;

/** Which pages of other origins may read (CORS, in the Fetch standard). */
final class Origins {

    private static final int PREFLIGHT_SECONDS = 3600;

    private Origins() {}

    static void mount(Router router, Cors cors) {
        if (cors.any()) {
            router.route().handler(ctx -> {
                hideScheme(ctx.request());
                ctx.next();
            });
        }
        router.route()
                .handler(CorsHandler.create()
                        .addOrigins(cors.origins())
                        .allowedMethods(Set.of(HttpMethod.GET, HttpMethod.HEAD))
                        .allowedHeaders(Set.of("Cache-Control", "Last-Event-ID"))
                        .maxAgeSeconds(PREFLIGHT_SECONDS));
    }

    /**
     * The handler refuses origins whose scheme it does not know, such as those of applications that
     * are web pages in a frame ({@code tauri://localhost}). Any origin may read, so which one it is
     * does not matter.
     */
    private static void hideScheme(HttpServerRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && !origin.startsWith("http://") && !origin.startsWith("https://")) {
            request.headers().set(HttpHeaders.ORIGIN, "null");
        }
    }
}
