package dev.crier.http.pages;

import dev.crier.config.Webroot;
import dev.crier.transport.SharedBytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** The pages in the jar. They are in memory once for all event loops: a response needs no file, no thread and no copy. */
final class PackedPages {

    private static final String INDEX = "/index.html";

    private static final Map<String, Page> PAGES_BY_PATH = read();

    /** A file, its type and its entity tag. */
    record Page(Buffer content, String type, String tag) {}

    private PackedPages() {}

    private static Map<String, Page> read() {
        var pages = new HashMap<String, Page>();
        Webroot.packedFiles()
                .forEach(path ->
                        pages.put(path, find("/" + Webroot.PACKED + path).orElseThrow()));
        pages.put("/", pages.get(INDEX));
        return Map.copyOf(pages);
    }

    /** Reads a file of the class path, if it exists. */
    static Optional<Page> find(String path) {
        try (var in = PackedPages.class.getResourceAsStream(path)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            return Optional.of(new Page(SharedBytes.of(bytes), StaticPages.type(path), tag(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String tag(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(digest, 0, 8) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    static boolean has(String path) {
        return PAGES_BY_PATH.containsKey(path);
    }

    /** Answers {@code GET} and {@code HEAD} of an existing path. */
    static void answer(RoutingContext ctx, String path) {
        answer(ctx, PAGES_BY_PATH.get(path));
    }

    /** Answers {@code GET} and {@code HEAD} of a page. */
    static void answer(RoutingContext ctx, Page page) {
        HttpServerResponse response = ctx.response().putHeader(HttpHeaders.ETAG, page.tag());
        String known = ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH);
        if (known != null && (known.contains(page.tag()) || known.equals("*"))) {
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, page.type())
                .putHeader(
                        HttpHeaders.CONTENT_LENGTH,
                        String.valueOf(page.content().length()));
        if (ctx.request().method() == HttpMethod.HEAD) {
            response.end();
        } else {
            response.end(page.content());
        }
    }
}
