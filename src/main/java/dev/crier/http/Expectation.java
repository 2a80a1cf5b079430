package dev.crier.http;

import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * Requests whose client waits for {@code 100 Continue} before it sends the body (RFC 9110, 10.1.1). Only the endpoint that
 * reads the body asks for it, after it has judged the headers; so a request that is refused is never uploaded.
 */
final class Expectation {

    private static final String MET = Expectation.class.getName();

    private Expectation() {}

    /**
     * Ends the connection after a response that comes instead of {@code 100 Continue}. The client may send the body all
     * the same, or never, so the next request could not be told from the body.
     */
    static void watch(RoutingContext ctx) {
        if (ctx.request().version() == HttpVersion.HTTP_1_1 && isIn(ctx)) {
            ctx.addHeadersEndHandler(head -> {
                if (!isMet(ctx)) {
                    ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                }
            });
            ctx.addEndHandler(ended -> {
                if (!isMet(ctx)) {
                    ctx.request().connection().close();
                }
            });
        }
        ctx.next();
    }

    /** Asks for the body, if the client waits for that. HTTP/1.0 knows no such response. */
    static void meet(RoutingContext ctx) {
        if (ctx.request().version() != HttpVersion.HTTP_1_0 && isIn(ctx)) {
            ctx.put(MET, true);
            ctx.response().writeContinue();
        }
    }

    private static boolean isIn(RoutingContext ctx) {
        return ctx.request().headers().contains(HttpHeaders.EXPECT, HttpHeaderValues.CONTINUE, true);
    }

    private static boolean isMet(RoutingContext ctx) {
        return ctx.get(MET) != null;
    }
}
