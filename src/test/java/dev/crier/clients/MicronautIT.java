package dev.crier.clients;

import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.client.sse.SseClient;
import io.micronaut.http.sse.Event;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.util.retry.Retry;

/** Micronaut's HTTP client. It does not reconnect, so this test reconnects with the last event id that it reports. */
class MicronautIT extends ClientContract {

    private static final Duration RETRY = Duration.ofMillis(10);

    @Override
    Closeable connect(URI stream, Consumer<Received> events) throws IOException {
        return new Client(stream, events);
    }

    @Override
    boolean showsEveryType() {
        return true;
    }

    /** The client joins the lines of an event without a separator. */
    @Override
    String delivered(String text) {
        return super.delivered(text).replace("\n", "");
    }

    private static final class Client implements Closeable {

        private final SseClient http;
        private final URI stream;
        private final Consumer<Received> events;
        private final Disposable subscription;
        private volatile String lastEventId = "";

        Client(URI stream, Consumer<Received> events) throws IOException {
            this.stream = stream;
            this.events = events;
            http = SseClient.create(stream.resolve("/").toURL());
            subscription = Flux.defer(this::connect)
                    .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, RETRY))
                    .repeatWhen(ended -> ended.delayElements(RETRY))
                    .subscribe(this::receive);
        }

        private Flux<Event<String>> connect() {
            var request = HttpRequest.GET(stream);
            if (!lastEventId.isEmpty()) {
                request.header("Last-Event-ID", lastEventId);
            }
            return Flux.from(http.eventStream(request, Argument.of(String.class)));
        }

        private void receive(Event<String> event) {
            if (event.getId() != null) {
                lastEventId = event.getId();
            }
            events.accept(Received.of(event.getName(), event.getData(), event.getId()));
        }

        @Override
        public void close() throws IOException {
            subscription.dispose();
            ((Closeable) http).close();
        }
    }
}
