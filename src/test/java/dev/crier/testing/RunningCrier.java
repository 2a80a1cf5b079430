package dev.crier.testing;

import dev.crier.EmbeddedServer;
import dev.crier.MainVerticle;
import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The whole of Crier in this process, on a free port. */
public final class RunningCrier implements AutoCloseable {

    private static boolean embedding;

    private final boolean embedded = embedding;
    private final EmbeddedServer application = new EmbeddedServer();

    /** With the same transport as {@code Main}. */
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));

    private final MainVerticle main = new MainVerticle(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE, () -> new Random(1));

    /** Starts Crier with this configuration, on the loopback interface and without a drain unless it says otherwise. */
    public RunningCrier(JsonObject configuration) throws TimeoutException {
        JsonObject merged = new JsonObject()
                .put("host", "127.0.0.1")
                .put("port", 0)
                .put("shutdown", new JsonObject().put("drain", "PT0S"))
                .mergeIn(configuration);
        var options = new DeploymentOptions().setConfig(merged);
        await(embedded ? vertx.deployVerticle(application, options) : vertx.deployVerticle(main, options));
    }

    /** Starts Crier with one channel that keeps the latest event and has no source. */
    public static RunningCrier withChannel(String name) throws TimeoutException {
        return new RunningCrier(channels(name));
    }

    /** Returns a configuration with these channels, which keep the latest event. */
    public static JsonObject channels(String... names) {
        var channels = new JsonObject();
        for (String name : names) {
            channels.put(name, new JsonObject().put("keep", "latest"));
        }
        return new JsonObject().put("channels", channels);
    }

    /** Sets whether the next instances run in a plain Vert.x application, not in the server. */
    public static void embed(boolean inApplication) {
        embedding = inApplication;
    }

    public int port() {
        return embedded ? application.port() : main.port();
    }

    public int managementPort() {
        return embedded ? application.managementPort() : main.managementPort();
    }

    public int subscribers() {
        return embedded ? application.subscribers() : main.subscribers();
    }

    public Vertx vertx() {
        return vertx;
    }

    /** Publishes over the event bus and returns the event id. */
    public String publish(String channel, String data) throws TimeoutException {
        return publish(new JsonObject().put("channel", channel).put("data", data));
    }

    public String publish(JsonObject publication) throws TimeoutException {
        return await(vertx.eventBus().<String>request("crier.publish", publication))
                .body();
    }

    /** Publishes the events at once, and returns their ids. The last one may be the end of the channel. */
    public List<String> publish(String channel, List<Event> events) throws TimeoutException {
        var publication = new Publication(new ChannelName(channel), events, Publication.Attempt.ONCE);
        return await(embedded ? application.append(publication) : main.log().append(publication)).stream()
                .map(EventId::toString)
                .toList();
    }

    /** Ends the channel, and returns the id of its end. */
    public String end(String channel) throws TimeoutException {
        return publish(channel, List.of(Event.end(EndReason.ENDED))).get(0);
    }

    public static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws TimeoutException {
        await(vertx.close());
    }
}
