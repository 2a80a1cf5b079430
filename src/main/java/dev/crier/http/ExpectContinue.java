package dev.crier.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * Requests whose client waits for {@code 100 Continue} before it sends the body (RFC 9110, 10.1.1). Only the endpoint that
 * reads the body sends that response, after it has checked the headers. So a rejected body is never uploaded.
 */
public final class ExpectContinue {

    private static final String EXPECTATION = "100-continue";

    /** The routing context's key for a request whose client was told to continue. */
    private static final String CONTINUED = ExpectContinue.class.getName();

    private ExpectContinue() {}

    /**
     * Closes the connection after a response other than {@code 100 Continue}. The client may then send the body or not, so
     * Crier could not tell the next request from the body. A body that has arrived has ended.
     */
    public static void watch(RoutingContext ctx) {
        if (ctx.request().version() == HttpVersion.HTTP_1_1 && isExpected(ctx)) {
            ctx.addHeadersEndHandler(head -> {
                if (ctx.get(CONTINUED) == null && !ctx.request().isEnded()) {
                    ConnectionClose.afterResponse(ctx);
                }
            });
        }
        ctx.next();
    }

    /** Sends {@code 100 Continue} if the client waits for it. HTTP/1.0 has no such response. */
    static void askForBody(RoutingContext ctx) {
        if (ctx.request().version() != HttpVersion.HTTP_1_0
                && isExpected(ctx)
                && !ctx.request().isEnded()) {
            ctx.put(CONTINUED, true);
            ctx.response().writeContinue();
        }
    }

    private static boolean isExpected(RoutingContext ctx) {
        return ctx.request().headers().contains(HttpHeaders.EXPECT, EXPECTATION, true);
    }
}
