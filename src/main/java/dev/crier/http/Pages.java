package dev.crier.http;

import dev.crier.config.Webroot;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The static files, and what a browser is told to hold their pages to. */
final class Pages {

    private Pages() {}

    /**
     * A page may load from its own origin only, run no inline script and stand in no other page's frame; streams it may
     * read from anywhere. A browser may keep a file, but asks each time whether it is still the same.
     */
    static void mount(Router router, Webroot webroot) {
        router.route().handler(ctx -> {
            MultiMap headers = ctx.response().headers();
            headers.set(
                    "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                            + " connect-src 'self' http: https:; base-uri 'none'; form-action 'none';"
                            + " frame-ancestors 'none'");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("X-Frame-Options", "DENY");
            headers.set("Referrer-Policy", "no-referrer");
            headers.set(HttpHeaders.CACHE_CONTROL, "no-cache");
            ctx.next();
        });
        if (!webroot.packed()) {
            router.route().handler(ctx -> stayInside(Path.of(webroot.path()), ctx));
        }
        router.route()
                .handler(StaticHandler.create(
                                webroot.packed() ? FileSystemAccess.RELATIVE : FileSystemAccess.ROOT, webroot.path())
                        .setIncludeHidden(false)
                        .setSendVaryHeader(false) // files are never compressed, and Vary may say Origin
                        .setFilesReadOnly(false));
    }

    /** A link in the webroot may lead out of it; what it leads to is not served. */
    private static void stayInside(Path root, RoutingContext ctx) {
        try {
            Path file = root.resolve(Escapes.decode(ctx.request().path()).substring(1))
                    .toRealPath();
            if (!file.startsWith(root)) {
                Problem.NOT_FOUND.fail(ctx);
                return;
            }
        } catch (IOException | InvalidPathException e) {
            // there is no such file, as the static handler will find
        }
        ctx.next();
    }
}
