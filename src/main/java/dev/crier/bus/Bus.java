package dev.crier.bus;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.PublishException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/** Publishes over the event bus, and asks for the number of subscribers. */
public final class Bus {

    /**
     * The server's address for publishing, for verticles in any language. A request is a {@link JsonObject} with {@code channel} (the
     * name of a declared channel), {@code data} (a string), and optionally {@code event} (the event type) and {@code key} (an
     * idempotency key). Publications with the same key on the same channel are stored once, even if several nodes that share
     * the log publish them. The reply is the event id, a string. A failure has the code of a {@link PublishException.Reason}
     * and a message that says why.
     */
    public static final String PUBLISH = "crier.publish";

    /** After an address for publishing, the address that replies to any message with the number of subscribers. */
    private static final String SUBSCRIBERS = ".subscribers";

    private final Vertx vertx;
    private final String address;

    /** @param address {@link #PUBLISH}, or the address of a Crier inside an application */
    public Bus(Vertx vertx, String address) {
        this.vertx = vertx;
        this.address = address;
    }

    /** Publishes an event and returns its id. */
    public Future<String> publish(ChannelName channel, Event event) {
        return request(publication(channel, event));
    }

    /**
     * Publishes an event with an idempotency key. If the same event was published to the channel with this key before, returns
     * the id of that event and stores nothing.
     */
    public Future<String> publish(ChannelName channel, Event event, String key) {
        return request(publication(channel, event).put("key", key));
    }

    /** Returns the number of subscribers. */
    public Future<Integer> subscribers() {
        return vertx.eventBus().<Integer>request(address + SUBSCRIBERS, null).map(Message::body);
    }

    /** Replies to requests for the number of subscribers on the current context, until its verticle is undeployed. */
    public void answerSubscribers(Supplier<Integer> subscribers) {
        vertx.eventBus().localConsumer(address + SUBSCRIBERS, request -> request.reply(subscribers.get()));
    }

    private static JsonObject publication(ChannelName channel, Event event) {
        return new JsonObject()
                .put("channel", channel.path())
                .put("event", event.type())
                .put("data", event.data());
    }

    private Future<String> request(JsonObject publication) {
        return vertx.eventBus().<String>request(address, publication).map(Message::body);
    }
}
