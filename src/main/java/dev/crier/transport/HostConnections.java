package dev.crier.transport;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * The connections of an application in which Crier runs. The application's own server has accepted and limits them, so Crier
 * leaves them and the handlers of their requests as they are. Only an HTTP/1 connection belongs to the stream from its head on.
 */
public final class HostConnections implements StreamConnections {

    /** The routing context's key for a request that is answered by an event stream. */
    private static final String STREAM = HostConnections.class.getName();

    private final int queueBytes;
    private final Duration stallTimeout;

    /**
     * @param queueBytes how many bytes the kernel may keep for a stream
     * @param stallTimeout how long a client may acknowledge nothing
     */
    public HostConnections(int queueBytes, Duration stallTimeout) {
        this.queueBytes = queueBytes;
        this.stallTimeout = stallTimeout;
    }

    @Override
    public void eventStreamBegan(RoutingContext ctx) {
        ctx.put(STREAM, true);
        NettyConnection.limitUnsent(ctx.request(), queueBytes, stallTimeout);
    }

    /** Returns whether the request is answered by an event stream whose head has been written. */
    public static boolean isEventStream(RoutingContext ctx) {
        return ctx.get(STREAM) != null;
    }

    /** Also closes an HTTP/1 connection, because a handler of the application may end the response, such as one of a timeout. */
    @Override
    public void onEventStreamEnd(RoutingContext ctx, Runnable action) {
        ctx.addEndHandler(ended -> {
            action.run();
            HttpServerRequest request = ctx.request();
            if (request.version() != HttpVersion.HTTP_2) {
                request.connection().close();
            }
        });
    }

    @Override
    public void eventStreamEnded(HttpConnection connection) {}

    @Override
    public void goAway(HttpConnection connection) {}
}
