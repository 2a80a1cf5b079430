package dev.crier.http.pages;

import dev.crier.config.Webroot;
import dev.crier.event.ChannelName;
import dev.crier.http.Problem;
import dev.crier.http.request.PercentEncoding;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.MimeMapping;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** The routes of the static files, and the security headers of their responses. */
public final class StaticPages {

    private static final String INDEX = "index.html";

    /**
     * A page may load from its own origin only, runs no inline script and is shown in no frame. It may connect to any server,
     * so that it can read streams from anywhere.
     */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self' http: https:; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private StaticPages() {}

    /** Adds the routes. They answer every request that reaches them. */
    public static void mount(Router router, Webroot webroot, Downloads downloads) {
        router.route().handler(StaticPages::addHeaders);
        if (webroot.packed()) {
            router.route().handler(StaticPages::handlePacked);
            return;
        }
        Path root = Path.of(webroot.path());
        router.route().handler(StaticPages::completeHead);
        router.route().handler(ctx -> handleFolder(root, ctx, downloads));
        router.route()
                .handler(StaticHandler.create(FileSystemAccess.ROOT, webroot.path())
                        .setIndexPage(INDEX)
                        .setIncludeHidden(false)
                        .setSendVaryHeader(false) // files are never compressed, and Vary may say Origin
                        .setFilesReadOnly(false));
    }

    private static void addHeaders(RoutingContext ctx) {
        MultiMap headers = ctx.response().headers();
        headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set(
                HttpHeaders.CACHE_CONTROL, "no-cache"); // a browser may keep a file, but asks whether it has changed
        ctx.next();
    }

    private static void handlePacked(RoutingContext ctx) {
        String path = PercentEncoding.decode(ctx.request().path());
        if (!PackedPages.has(path)) {
            Problem.NOT_FOUND.fail(ctx);
        } else if (isMethodAllowed(ctx)) {
            PackedPages.answer(ctx, path);
        }
    }

    /**
     * Gives a {@code HEAD} request the headers of the whole file. Only {@code GET} has ranges (RFC 9110, 14.2), and the static
     * handler would apply them. It would also omit the type.
     */
    private static void completeHead(RoutingContext ctx) {
        if (ctx.request().method() == HttpMethod.HEAD) {
            ctx.request().headers().remove("Range");
            ctx.addHeadersEndHandler(head -> {
                if (ctx.response().getStatusCode() == 200) {
                    ctx.response()
                            .putHeader(
                                    HttpHeaders.CONTENT_TYPE, type(filePath(ctx).orElseThrow()));
                }
            });
        }
        ctx.next();
    }

    /** Returns the media type of a file, by the ending of its name. */
    static String type(String path) {
        String type = MimeMapping.mimeTypeForFilename(path);
        if (type == null) {
            return "application/octet-stream";
        }
        return type.startsWith("text") ? type + ";charset=UTF-8" : type;
    }

    private static void handleFolder(Path root, RoutingContext ctx, Downloads downloads) {
        if (!isServed(root, filePath(ctx))) {
            Problem.NOT_FOUND.fail(ctx);
        } else if (isMethodAllowed(ctx)) {
            downloads.begin(ctx);
        }
    }

    /** Returns whether the method is {@code GET} or {@code HEAD}. Fails the request with any other method. */
    private static boolean isMethodAllowed(RoutingContext ctx) {
        HttpMethod method = ctx.request().method();
        boolean allowed = method == HttpMethod.GET || method == HttpMethod.HEAD;
        if (!allowed) {
            ctx.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
            Problem.METHOD_NOT_ALLOWED.fail(ctx);
        }
        return allowed;
    }

    /**
     * Returns the path of the file that the static handler would open. Empty if that is not the requested path: the handler
     * treats a backslash as a slash and resolves dot segments, so it would open another path than the checked one.
     */
    private static Optional<String> filePath(RoutingContext ctx) {
        return Optional.of(PercentEncoding.decode(ctx.request().path()))
                .filter(path -> path.indexOf('\\') < 0)
                .map(path -> path.endsWith("/") ? path + INDEX : path)
                .filter(ChannelName::isValid); // no dot segment and no empty segment
    }

    /**
     * Returns whether the path is a file or a folder inside the root, and not hidden. A symbolic link may lead out of the root,
     * and reading a pipe would block. For a folder, the static handler answers 404.
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
