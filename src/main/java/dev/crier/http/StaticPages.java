package dev.crier.http;

import dev.crier.config.Webroot;
import dev.crier.event.ChannelName;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** The static files, and what a browser is told to hold their pages to. */
public final class StaticPages {

    private static final String INDEX = "index.html";

    private StaticPages() {}

    /**
     * A page may load from its own origin only, run no inline script and stand in no other page's frame; streams it may
     * read from anywhere. A browser may keep a file, but asks each time whether it is still the same.
     */
    public static void mount(Router router, Webroot webroot, Downloads downloads) {
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
        if (webroot.packed()) {
            router.route().handler(StaticPages::packed);
            return;
        }
        Path root = Path.of(webroot.path());
        router.route().handler(ctx -> folder(root, ctx, downloads));
        router.route()
                .handler(StaticHandler.create(FileSystemAccess.ROOT, webroot.path())
                        .setIndexPage(INDEX)
                        .setIncludeHidden(false)
                        .setSendVaryHeader(false) // files are never compressed, and Vary may say Origin
                        .setFilesReadOnly(false));
    }

    private static void packed(RoutingContext ctx) {
        String path = PercentEncoding.decode(ctx.request().path());
        if (!PackedPages.has(path)) {
            Problem.NOT_FOUND.fail(ctx);
        } else if (reads(ctx)) {
            PackedPages.answer(ctx, path);
        }
    }

    private static void folder(Path root, RoutingContext ctx, Downloads downloads) {
        if (!isServed(root, opened(ctx))) {
            Problem.NOT_FOUND.fail(ctx);
        } else if (reads(ctx)) {
            downloads.queue(ctx);
        }
    }

    /** Whether the method is {@code GET} or {@code HEAD}. Answers any other method. */
    private static boolean reads(RoutingContext ctx) {
        HttpMethod method = ctx.request().method();
        boolean reads = method == HttpMethod.GET || method == HttpMethod.HEAD;
        if (!reads) {
            ctx.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
            Problem.METHOD_NOT_ALLOWED.fail(ctx);
        }
        return reads;
    }

    /**
     * Returns the path that the static handler would open below the folder. Empty if that differs from the requested path: the
     * handler treats a backslash as a slash and resolves dot segments, so another path than the checked one would be opened.
     */
    private static Optional<String> opened(RoutingContext ctx) {
        return Optional.of(PercentEncoding.decode(ctx.request().path()))
                .filter(path -> path.indexOf('\\') < 0)
                .map(path -> path.endsWith("/") ? path + INDEX : path)
                .filter(ChannelName::isValid); // no dot segment and no empty segment
    }

    /**
     * Whether the path is a regular file in the folder and not hidden. A symbolic link may lead out of the folder, and
     * reading a pipe would block.
     */
    private static boolean isServed(Path root, Optional<String> path) {
        try {
            if (path.isEmpty()) {
                return false;
            }
            Path file = root.resolve(path.get().substring(1)).toRealPath();
            return file.startsWith(root)
                    && !isHidden(root.relativize(file))
                    && (Files.isRegularFile(file) || Files.isDirectory(file));
        } catch (IOException | InvalidPathException e) {
            return false; // there is no such file
        }
    }

    private static boolean isHidden(Path path) {
        for (Path name : path) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }
}
