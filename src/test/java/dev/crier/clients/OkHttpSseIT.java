package dev.crier.clients;

import java.io.Closeable;
import java.net.URI;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/** {@code okhttp-sse}. It does not reconnect, so this test reconnects with the last event id that it reports. */
class OkHttpSseIT extends ClientContract {

    private static final long RETRY_MILLIS = 10;

    @Override
    Closeable connect(URI stream, Consumer<Received> events) {
        return new Client(stream, events);
    }

    @Override
    boolean showsEveryType() {
        return true;
    }

    private static final class Client extends EventSourceListener implements Closeable {

        private final OkHttpClient http = new OkHttpClient();
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        private final URI stream;
        private final Consumer<Received> events;
        private volatile String lastEventId = "";

        Client(URI stream, Consumer<Received> events) {
            this.stream = stream;
            this.events = events;
            connect();
        }

        private void connect() {
            var request = new Request.Builder().url(stream.toString());
            if (!lastEventId.isEmpty()) {
                request.header("Last-Event-ID", lastEventId);
            }
            EventSources.createFactory(http).newEventSource(request.build(), this);
        }

        @Override
        public void onEvent(EventSource source, String id, String type, String data) {
            lastEventId = id == null ? "" : id;
            events.accept(Received.of(type, data, lastEventId));
        }

        @Override
        public void onClosed(EventSource source) {
            reconnect();
        }

        @Override
        public void onFailure(EventSource source, Throwable failure, Response response) {
            reconnect();
        }

        private void reconnect() {
            try {
                timer.schedule(this::connect, RETRY_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // closed
            }
        }

        @Override
        public void close() {
            timer.shutdownNow();
            http.dispatcher().cancelAll();
            http.dispatcher().executorService().shutdown();
            http.connectionPool().evictAll();
        }
    }
}
