package dev.crier.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Ends a stream at once, whatever waits in its connection. Vert.x flushes before it closes, and so would wait for ever
 * for a reader that takes nothing. The only class that knows a connection from inside; where it is not as expected, the
 * connection is closed as Vert.x does it.
 */
final class HardClose {

    private HardClose() {}

    static void of(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        boolean alone = request.version() == HttpVersion.HTTP_1_1 || request.version() == HttpVersion.HTTP_1_0;
        if (alone && connection instanceof ConnectionBase base) {
            base.channelHandlerContext().close();
        } else {
            request.response().reset();
        }
    }
}
