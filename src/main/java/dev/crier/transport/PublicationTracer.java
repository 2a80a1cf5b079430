package dev.crier.transport;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.tracing.SpanKind;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingPolicy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Gives each publication a span of the tracer that Vert.x has, such as that of {@code vertx-opentelemetry}. Without a tracer, it
 * does nothing. No delivery has a span.
 *
 * <p>The parent of a span is the trace of the request's headers in Crier's own server. Elsewhere it is the current trace of the
 * context, which may be that of a request to the host's server, or of a message on the event bus. Thread-safe.
 */
public final class PublicationTracer {

    private static final String OPERATION = "publish";

    /** The tags of OpenTelemetry's conventions for messaging. */
    private static final TagExtractor<Published> TAGS = new TagExtractor<>() {

        private static final List<String> NAMES = List.of(
                "messaging.system",
                "messaging.operation.type",
                "messaging.destination.name",
                "messaging.batch.message_count");

        @Override
        public int len(Published published) {
            return NAMES.size();
        }

        @Override
        public String name(Published published, int index) {
            return NAMES.get(index);
        }

        @Override
        public String value(Published published, int index) {
            return switch (index) {
                case 0 -> "crier";
                case 1 -> "send";
                case 2 -> published.channel();
                default -> String.valueOf(published.events());
            };
        }
    };

    private record Published(String channel, int events) {}

    private final VertxInternal vertx;
    private final VertxTracer<?, ?> tracer;

    public PublicationTracer(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
        this.tracer = this.vertx.tracer();
    }

    /**
     * Returns a handler that makes the publications of a request belong to the trace of its headers, for a server without traces
     * of its own: Vert.x ends the trace of a request with its response, which may be an event stream of many days.
     */
    public static Handler<HttpServerRequest> linking(Vertx vertx, Handler<HttpServerRequest> handler) {
        if (((VertxInternal) vertx).tracer() == null) {
            return handler;
        }
        return request -> {
            if (request.method() != HttpMethod.GET && Vertx.currentContext() instanceof ContextInternal context) {
                locals(context).put(PublicationTracer.class, request.headers());
            }
            handler.handle(request);
        };
    }

    private static Map<Object, Object> locals(ContextInternal context) {
        return context.getLocal(ContextInternal.LOCAL_MAP, ConcurrentHashMap::new);
    }

    /** Runs the publication in a span. */
    public <T> Future<T> trace(String channel, int events, Supplier<Future<T>> publication) {
        return tracer == null ? publication.get() : trace(tracer, new Published(channel, events), publication);
    }

    private <I, O, T> Future<T> trace(VertxTracer<I, O> with, Published published, Supplier<Future<T>> publication) {
        ContextInternal context = vertx.getOrCreateContext();
        if (locals(context).get(PublicationTracer.class) instanceof MultiMap headers) {
            I span = with.receiveRequest(
                    context, SpanKind.RPC, TracingPolicy.ALWAYS, published, OPERATION, headers, TAGS);
            return publication
                    .get()
                    .onComplete(
                            (result, failure) -> with.sendResponse(context, null, span, failure, TagExtractor.empty()));
        }
        O span = with.sendRequest(
                context, SpanKind.MESSAGING, TracingPolicy.ALWAYS, published, OPERATION, (name, value) -> {}, TAGS);
        return publication
                .get()
                .onComplete(
                        (result, failure) -> with.receiveResponse(context, null, span, failure, TagExtractor.empty()));
    }
}
