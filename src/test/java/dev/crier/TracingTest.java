package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.ext.web.Router;
import io.vertx.tracing.opentelemetry.OpenTelemetryTracingFactory;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each publication has a span, and no delivery has one. */
class TracingTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String TRACEPARENT = "traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final String TOKEN = "a-secret-of-my-own-0123456789";
    private static final JsonObject CONF = new JsonObject("""
            {"channels": {"/news": {"keep": {"events": 100}, "publish": true}}, "publish": {"tokens": ["%s"]}}""".formatted(TOKEN));

    private final List<SpanData> spans = new CopyOnWriteArrayList<>();
    private final Vertx vertx = Vertx.builder()
            .withTracer(new OpenTelemetryTracingFactory(OpenTelemetrySdk.builder()
                    .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                    .setTracerProvider(SdkTracerProvider.builder()
                            .addSpanProcessor(SimpleSpanProcessor.create(new Exporter()))
                            .build())
                    .build()))
            .build();

    private final class Exporter implements SpanExporter {

        @Override
        public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    private final MainVerticle server = new MainVerticle(1);

    private int server() throws Exception {
        JsonObject conf = new JsonObject("""
                {"host": "127.0.0.1", "port": 0, "shutdown": {"drain": "PT0S"}}""").mergeIn(CONF);
        RunningCrier.await(vertx.deployVerticle(server, new DeploymentOptions().setConfig(conf)));
        return server.port();
    }

    private void awaitSpans(int count) throws Exception {
        Eventually.until(() -> count + " spans: " + spans, () -> spans.size() == count);
    }

    private static String tag(SpanData span, String name) {
        return span.getAttributes().get(AttributeKey.stringKey(name));
    }

    @Test
    void aPublicationToTheServerBelongsToTheTraceOfItsRequestAndAStreamHasNone() throws Exception {
        int port = server();
        try (var stream = RawClient.request(port, "GET /news", TRACEPARENT)) {
            stream.readThrough("event: crier.start"); // otherwise it may begin after the publication
            try (var publisher = RawClient.publish(port, "/news", TOKEN, "Hello", TRACEPARENT)) {
                assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
            }
            stream.readThrough("data: Hello");
        }
        Eventually.until("the stream has ended", () -> server.subscribers() == 0);
        try (var untraced = RawClient.publish(port, "/news", TOKEN, "Hello again")) {
            assertEquals("HTTP/1.1 201 Created", untraced.head().get(0));
        }
        awaitSpans(2);
        SpanData span = spans.get(0);
        assertEquals(
                List.of("publish", SpanKind.SERVER, TRACE, "00f067aa0ba902b7"),
                List.of(span.getName(), span.getKind(), span.getTraceId(), span.getParentSpanId()));
        assertEquals("/news", tag(span, "messaging.destination.name"));
        assertEquals("1", tag(span, "messaging.batch.message_count"));
        assertTrue(spans.get(1).getParentSpanContext().getSpanId().matches("0+"));
    }

    /** So no span stays open as long as an event stream of the host's server, unless its client has a trace. */
    @Test
    void aHostThatOnlyPropagatesTracesHasNoSpanOfAStream() throws Exception {
        Crier crier = RunningCrier.await(Crier.create(vertx, CONF).start());
        int port = listen(crier, TracingPolicy.PROPAGATE);
        try (var stream = RawClient.request(port, "GET /live/news")) {
            stream.readThrough("event: crier.start");
            RunningCrier.await(crier.publish("/news", "Hello"));
            stream.readThrough("data: Hello");
        }
        Eventually.until("the stream has ended", () -> crier.subscribers() == 0);
        awaitSpans(1);
        assertEquals("publish", spans.get(0).getName());
    }

    private int listen(Crier crier, TracingPolicy policy) throws Exception {
        Router router = Router.router(vertx);
        router.route("/live/*").subRouter(crier.router(vertx));
        return RunningCrier.await(vertx.createHttpServer(new HttpServerOptions().setTracingPolicy(policy))
                        .requestHandler(router)
                        .listen(0, "127.0.0.1"))
                .actualPort();
    }

    /** The body of such a request may last for days, so the request has no span. */
    @Test
    void eachPartOfAStreamedPublicationIsASpanOfTheTraceOfItsRequest() throws Exception {
        int port = server();
        try (var publisher = RawClient.request(
                        port,
                        "POST /news?lines",
                        "Authorization: Bearer " + TOKEN,
                        "Transfer-Encoding: chunked",
                        TRACEPARENT);
                var stream = RawClient.request(port, "GET /news?lastEventId=earliest")) {
            publisher.send("4\r\none\n\r\n");
            stream.readThrough("data: one");
            awaitSpans(1);
            publisher.send("4\r\ntwo\n\r\n");
            stream.readThrough("data: two");
            awaitSpans(2);
            publisher.send("0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
        }
        assertEquals(Set.of(TRACE), spans.stream().map(SpanData::getTraceId).collect(Collectors.toSet()));
    }

    @Test
    void aPublicationInTheProcessIsASpan() throws Exception {
        Crier crier = RunningCrier.await(Crier.create(vertx, CONF).start());
        RunningCrier.await(crier.publish("/news", "Hello"));
        assertThrows(Exception.class, () -> RunningCrier.await(crier.publish("/undeclared", "Hello")));
        awaitSpans(2);
        assertEquals(
                List.of("publish", SpanKind.PRODUCER),
                List.of(spans.get(0).getName(), spans.get(0).getKind()));
        assertEquals(0, spans.get(0).getEvents().size());
        assertEquals("exception", spans.get(1).getEvents().get(0).getName());
    }

    @Test
    void aPublicationThroughTheHostBelongsToTheTraceOfTheHost() throws Exception {
        Crier crier = RunningCrier.await(Crier.create(vertx, CONF).start());
        int port = listen(crier, TracingPolicy.ALWAYS);
        try (var publisher = RawClient.publish(port, "/live/news", TOKEN, "Hello", TRACEPARENT)) {
            assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
        }
        awaitSpans(2);
        SpanData request = spans.stream()
                .filter(span -> span.getKind() == SpanKind.SERVER)
                .findFirst()
                .orElseThrow();
        SpanData publication =
                spans.stream().filter(span -> span != request).findFirst().orElseThrow();
        assertEquals(TRACE, request.getTraceId());
        assertEquals(
                List.of("publish", SpanKind.PRODUCER, TRACE, request.getSpanId()),
                List.of(
                        publication.getName(),
                        publication.getKind(),
                        publication.getTraceId(),
                        publication.getParentSpanId()));
    }
}
