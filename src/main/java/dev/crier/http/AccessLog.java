package dev.crier.http;

import dev.crier.fanout.StreamWriter;
import dev.crier.limit.Limits;
import dev.crier.transport.CountingWriter;
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
 * The line that a request leaves in the log when it has ended, or its stream has: only where the conf asks for it, since it
 * is kept in memory up to then. Without the query, in which clients put tokens, and without any header but what the client
 * calls itself: no line has a secret.
 *
 * <p>Not by the handler that Vert.x has for such lines: it knows neither the bytes that go past the response nor the
 * requests that the router refuses by itself.
 */
public final class AccessLog {

    /** Where the routes find the line of a request. */
    private static final String KEY = AccessLog.class.getName();

    /** Before all other routes. */
    private static final int FIRST = -1;

    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

    private final long begin = System.nanoTime();
    private final HttpServerResponse response;
    private final boolean valid;
    private final String client;
    private final String method;
    private final String path;
    private final String agent;
    private Optional<CountingWriter> stream = Optional.empty();
    private boolean written;

    /** The status that a refusal stands for, which a refused subscriber does not see; 0 if it is not refused. */
    private int refused;

    /** What the request has is taken now: a stream keeps nothing of it. */
    private AccessLog(HttpServerRequest request, Limits limits) {
        response = request.response();
        valid = request.decoderResult().isSuccess();
        client = limits.clientOf(request);
        method = request.method().name();
        path = request.path();
        agent = request.getHeader(HttpHeaders.USER_AGENT);
    }

    /** Around the router, which refuses some requests before any route; the first one takes over, in the same turn. */
    public static Handler<HttpServerRequest> around(Router router, Limits limits) {
        var arriving = new AtomicReference<AccessLog>();
        router.route().order(FIRST).handler(ctx -> {
            AccessLog line = arriving.get();
            ctx.put(KEY, line).addEndHandler(ended -> line.end());
            ctx.next();
        });
        return request -> {
            var line = new AccessLog(request, limits);
            line.listen();
            arriving.set(line);
            router.handle(request);
        };
    }

    private void listen() {
        response.endHandler(ended -> write()).closeHandler(closed -> write());
    }

    /** A request whose body is broken ends as far as its routes know, and is still to be answered. */
    private void end() {
        if (response.ended() || response.closed()) {
            write();
        } else {
            listen();
        }
    }

    /** For what could not be read as HTTP, so that no route is ever asked, and has been answered. */
    public static void ofInvalid(HttpServerRequest request, Limits limits) {
        new AccessLog(request, limits).write();
    }

    /** The line of the request, if it is to have one. */
    static Optional<AccessLog> of(RoutingContext ctx) {
        return Optional.ofNullable(ctx.get(KEY));
    }

    /** The link of the stream that answers, from now on counted. */
    StreamWriter counted(StreamWriter link) {
        var counted = new CountingWriter(link);
        stream = Optional.of(counted);
        return counted;
    }

    /** Records that the subscriber is refused, because its status is 200. */
    void refused(int status) {
        refused = status;
    }

    /** Once, however many tell of the end. */
    void write() {
        if (written) {
            return;
        }
        written = true;
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("client", client);
        if (valid) { // else they are made up
            line = line.addKeyValue("method", method).addKeyValue("path", path);
        }
        if (response.headWritten()) { // else the client left before
            line = line.addKeyValue("status", response.getStatusCode());
        }
        if (refused != 0) {
            line = line.addKeyValue("refused", refused);
        }
        line = line.addKeyValue("bytes", stream.map(CountingWriter::bytes).orElseGet(response::bytesWritten))
                .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        if (agent != null) {
            line = line.addKeyValue("agent", agent);
        }
        line.log("Request");
    }
}
