package dev.crier.http.pages;

import dev.crier.http.Problem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The pages of the console, which are in the jar. They contain nothing secret, so they need no token. */
public final class ConsolePages {

    private static final String FOLDER = "/console/";

    /** The files that are served. A name has no slash and does not begin with a dot, so it does not lead out of the folder. */
    private static final Pattern FILE = Pattern.compile("/console/(\\w[\\w.-]*\\.(?:html|css|js|svg|txt))?");

    /** A page runs no inline script, connects to its own origin only, and is shown in no frame. */
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "no-referrer");

    private final Map<String, PackedPages.Page> pages = new ConcurrentHashMap<>();

    /** Adds the routes, and the headers of all responses below {@code /console/}. Other paths go on to the next routes. */
    public void mount(Router router) {
        router.route("/console*").handler(ConsolePages::addHeaders);
        router.get("/console").handler(ConsolePages::addSlash);
        router.route("/console/*").handler(this::handle);
    }

    private static void addHeaders(RoutingContext ctx) {
        ctx.response().headers().setAll(HEADERS).set(HttpHeaders.CACHE_CONTROL, "no-cache");
        ctx.next();
    }

    /** The route also matches the path that has the slash already. */
    private static void addSlash(RoutingContext ctx) {
        if (ctx.request().path().endsWith("/")) {
            ctx.next();
        } else {
            ctx.response()
                    .setStatusCode(308)
                    .putHeader(HttpHeaders.LOCATION, FOLDER)
                    .end();
        }
    }

    private void handle(RoutingContext ctx) {
        Optional<PackedPages.Page> page = page(ctx.request().path());
        if (page.isEmpty()) {
            ctx.next();
        } else if (ctx.request().method() == HttpMethod.GET || ctx.request().method() == HttpMethod.HEAD) {
            PackedPages.answer(ctx, page.get());
        } else {
            ctx.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
            Problem.METHOD_NOT_ALLOWED.fail(ctx);
        }
    }

    /** Keeps only pages that exist, so that requests for others do not fill the memory. */
    private Optional<PackedPages.Page> page(String path) {
        if (!FILE.matcher(path).matches()) {
            return Optional.empty();
        }
        PackedPages.Page known = pages.get(path);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<PackedPages.Page> read = PackedPages.find(path.equals(FOLDER) ? path + "index.html" : path);
        read.ifPresent(found -> pages.put(path, found));
        return read;
    }
}
