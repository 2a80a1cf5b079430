package dev.crier;

import dev.crier.config.Conf;
import dev.crier.console.ChannelTable;
import dev.crier.console.Sampler;
import dev.crier.http.Access;
import dev.crier.http.OpenReads;
import dev.crier.http.OverloadResponse;
import dev.crier.log.store.Store;
import dev.crier.server.ManagementListener;
import dev.crier.transport.StreamConnections;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event streams of the console. They are an application of Crier: a second one, in memory, publishes what the first one does
 * to the channels {@code /stats}, which keeps fifteen minutes, and {@code /channels}. The channels of the first one are below
 * {@code /console/log/}. All of it runs on the event loop that opens the management listener.
 */
final class Console implements ManagementListener.Console {

    private static final long PERIOD_MILLIS = 1_000;

    /** How many channels may exist for each second between two tables of channels. */
    private static final long CHANNELS_PER_SECOND = 10_000;

    /** The number of seconds between two questions to the store. */
    private static final int STORE_PERIOD = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Console.class);

    private final Vertx vertx;
    private final Crier shown;
    private final Crier own;
    private final Supplier<Optional<String>> url;
    private final Sampler sampler;
    private final ChannelTable table;
    private final List<MountedRoutes> mounted = new ArrayList<>();
    private long timer = -1;

    /** The last sample, table and question about nodes, which may be in progress. */
    private Future<?> sampled = Future.succeededFuture();

    private Future<?> tabled = Future.succeededFuture();
    private Future<?> asked = Future.succeededFuture();
    private Future<?> counted = Future.succeededFuture();
    private long ticks;
    private boolean hasFailed;
    private List<Store.Sharer> sharers = List.of();
    private JsonArray lastRows = new JsonArray();

    /** @param url returns the URL of the main listener, if there is one */
    Console(Vertx vertx, Crier shown, Sampler sampler, Supplier<Optional<String>> url) {
        this.vertx = vertx;
        this.shown = shown;
        this.sampler = sampler;
        this.url = url;
        table = new ChannelTable(shown.shared());
        own = new Crier(vertx, Conf.readEmbedded(conf(), Map.of()), Random::new);
    }

    private static JsonObject conf() {
        var stats = new JsonObject()
                .put("keep", new JsonObject().put("age", Sampler.kept().toString()));
        var channels = new JsonObject().put("keep", "latest");
        return new JsonObject()
                .put("channels", new JsonObject().put("/stats", stats).put("/channels", channels));
    }

    /** Begins to observe. */
    Future<Void> open() {
        return own.open().onSuccess(opened -> {
            own.lifecycle().started();
            timer = vertx.setPeriodic(PERIOD_MILLIS, id -> tick());
        });
    }

    /** Ends all streams, and forgets what was observed. Waits for a worker that observes. */
    Future<Void> close() {
        vertx.cancelTimer(timer);
        return Future.join(sampled, tabled)
                .eventually(this::closeStreams)
                .eventually(() -> own.shut())
                .mapEmpty();
    }

    private Future<?> closeStreams() {
        return Future.join(
                mounted.stream().map(routes -> routes.close(Duration.ZERO)).toList());
    }

    @Override
    public void mount(Router router, StreamConnections connections) {
        Context context = vertx.getOrCreateContext();
        mount(router, "/console/log/*", shown.mount(context, Console::access, connections));
        mount(router, "/console/*", own.mount(context, Console::access, connections));
    }

    private static Access access(Access tokens, OverloadResponse overload) {
        return new OpenReads(tokens);
    }

    private void mount(Router router, String path, MountedRoutes routes) {
        mounted.add(routes);
        router.route(path).subRouter(routes.router());
    }

    private void tick() {
        boolean watched = own.subscribers() > 0;
        if (watched && asked.isComplete()) {
            asked = askForSharers();
        }
        if (sampled.isComplete()) {
            sampled = publishStats();
        }
        long seconds = 1 + shown.log().channels() / CHANNELS_PER_SECOND;
        if (watched && tabled.isComplete() && ticks % seconds == 0) {
            tabled = publishTable();
        }
        if (watched && counted.isComplete() && ticks % STORE_PERIOD == 1) { // after the first table
            counted = table.askStore();
        }
        ticks = watched ? ticks + 1 : 0;
    }

    private Future<?> publishStats() {
        List<Store.Sharer> known = sharers;
        return vertx.executeBlocking(() -> sampler.next(known), false)
                .compose(stats -> own.publish("/stats", stats.encode()))
                .onFailure(this::failed);
    }

    /** Uses the answer for the next samples, because Redis may not answer in time. */
    private Future<?> askForSharers() {
        return shown.log().sharers().onComplete(done -> sharers = done.succeeded() ? done.result() : List.of());
    }

    private Future<?> publishTable() {
        return shown.shared()
                .loops()
                .subscribers(table::isMember, ChannelTable.MAX_COUNTED)
                .compose(counts -> vertx.executeBlocking(
                        () -> table.next(counts, System.currentTimeMillis(), System.nanoTime()), false))
                .compose(this::publishIfChanged)
                .onFailure(this::failed);
    }

    private Future<?> publishIfChanged(JsonArray rows) {
        if (rows.equals(lastRows)) {
            return Future.succeededFuture();
        }
        lastRows = rows;
        var event = new JsonObject().put("time", System.currentTimeMillis()).put("channels", rows);
        url.get().ifPresent(main -> event.put("url", main));
        return own.publish("/channels", event.encode());
    }

    /** Logs the first failure only, because another one may follow every second. */
    private void failed(Throwable failure) {
        if (!hasFailed) {
            hasFailed = true;
            LOG.warn(
                    "The console could not be updated, and further failures are not logged: {}",
                    String.valueOf(failure));
        }
    }
}
