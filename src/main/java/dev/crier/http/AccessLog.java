package dev.crier.http;

import dev.crier.fanout.StreamWriter;
import dev.crier.limit.Limits;
import dev.crier.transport.stream.CountingWriter;
import dev.crier.transport.strict.DecodeFailure;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The access log line of one request. It is written when the response or the stream ends, and stays in memory until then, so
 * it exists only if the configuration asks for it. It has no secret: neither the query, where clients put tokens, nor any
 * header except {@code User-Agent}.
 *
 * <p>The logger handler of Vert.x is not enough. It misses the bytes of a stream that bypass the response, and the requests
 * that the router rejects before any route.
 */
public final class AccessLog {

    /** The routing context's key for the line of its request. */
    private static final String KEY = AccessLog.class.getName();

    /** Orders the route before all others. */
    private static final int FIRST = -1;

    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

    private final long startNanos = System.nanoTime();
    private final HttpServerResponse response;
    private final boolean valid;
    private final String client;
    private final String method;
    private final String path;
    private final String agent;
    private Optional<CountingWriter> stream = Optional.empty();
    private boolean written;

    /** The status that a refused subscriber would have got instead of 200; 0 if the request is not refused. */
    private int refusedStatus;

    /** Copies what the line needs from the request, because a stream clears its headers. */
    private AccessLog(HttpServerRequest request, Limits limits) {
        response = request.response();
        valid = DecodeFailure.of(request).isEmpty();
        client = limits.clientOf(request);
        method = request.method().name();
        path = request.path();
        agent = request.getHeader(HttpHeaders.USER_AGENT);
    }

    /**
     * Returns a handler that logs each request of the router. The router refuses some requests before any route, so the line
     * first listens to the response itself. If the router calls the first route, it does so in the same call, and the routing
     * context, which replaces the handlers of the response, takes over.
     */
    public static Handler<HttpServerRequest> wrap(Router router, Limits limits) {
        var arriving = new AtomicReference<AccessLog>();
        router.route().order(FIRST).handler(ctx -> {
            AccessLog line = arriving.get();
            ctx.put(KEY, line).addEndHandler(ended -> line.requestEnded());
            ctx.next();
        });
        return request -> {
            var line = new AccessLog(request, limits);
            line.writeAtEnd();
            arriving.set(line);
            router.handle(request);
        };
    }

    private void writeAtEnd() {
        response.endHandler(ended -> write()).closeHandler(closed -> write());
    }

    /** A request with a broken body ends before its response does. */
    private void requestEnded() {
        if (response.ended() || response.closed()) {
            write();
        } else {
            writeAtEnd();
        }
    }

    /** Logs a request that was answered before the routes. */
    public static void logUnrouted(HttpServerRequest request, Limits limits) {
        new AccessLog(request, limits).write();
    }

    /** Returns the line of the request; empty if the access log is off. */
    static Optional<AccessLog> of(RoutingContext ctx) {
        return Optional.ofNullable(ctx.get(KEY));
    }

    /** Returns a writer that counts the bytes of the stream for this line. */
    StreamWriter counted(StreamWriter writer) {
        var counting = new CountingWriter(writer);
        stream = Optional.of(counting);
        return counting;
    }

    /** Records that the subscriber is refused, because the status of its response is 200. */
    void refused(int status) {
        refusedStatus = status;
    }

    /** Writes the line. Only the first call has an effect, because several handlers report the end. */
    void write() {
        if (written) {
            return;
        }
        written = true;
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("client", client);
        if (valid) { // otherwise they are placeholders of Vert.x
            line = line.addKeyValue("method", method).addKeyValue("path", path);
        }
        if (response.headWritten()) { // otherwise the client left before the response
            line = line.addKeyValue("status", response.getStatusCode());
        }
        if (refusedStatus != 0) {
            line = line.addKeyValue("refused", refusedStatus);
        }
        line = line.addKeyValue("bytes", stream.map(CountingWriter::bytes).orElseGet(response::bytesWritten))
                .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        if (agent != null) {
            line = line.addKeyValue("agent", agent);
        }
        line.log("Request");
    }
}
