package dev.crier.bus;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.UnknownChannelException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event bus addresses, and what goes over them. */
public final class Bus {

    /**
     * Where any verticle publishes: a request with a {@link JsonObject} of {@code channel} (the name
     * of a declared channel), {@code data} (a text) and, if wanted, {@code event} (the event type).
     * The reply is the event's id, a text. A failure has 400 (the object is not so) or 404 (no such
     * channel) as its code, and says so in its message.
     */
    public static final String PUBLISH = "crier.publish";

    /** Where it is told that a channel has grown: a text, the channel's name. */
    private static final String RING = "crier.ring";

    private static final Logger LOG = LoggerFactory.getLogger(Bus.class);

    private final Vertx vertx;

    public Bus(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Publishes; the answer is the event's id. */
    public Future<String> publish(ChannelName channel, Event event) {
        var publication = new JsonObject()
                .put("channel", channel.path())
                .put("event", event.type())
                .put("data", event.data());
        return vertx.eventBus().<String>request(PUBLISH, publication).map(Message::body);
    }

    /** Takes publications to the log, rings once an entry is stored, and then answers. */
    public MessageConsumer<Object> onPublish(BiFunction<ChannelName, Event, Future<Entry>> append) {
        return vertx.eventBus()
                .localConsumer(
                        PUBLISH,
                        message -> store(message, append)
                                .onSuccess(entry -> {
                                    vertx.eventBus()
                                            .publish(RING, entry.channel().path());
                                    message.reply(entry.id().toString());
                                })
                                .onFailure(failure -> refuse(message, failure)));
    }

    public MessageConsumer<String> onRing(Consumer<ChannelName> ring) {
        return vertx.eventBus().localConsumer(RING, message -> ring.accept(new ChannelName(message.body())));
    }

    private static Future<Entry> store(Message<Object> message, BiFunction<ChannelName, Event, Future<Entry>> append) {
        if (!(message.body() instanceof JsonObject publication)) {
            return refused("the body: " + kind(message.body()), "a JSON object");
        }
        Object channel = publication.getValue("channel");
        Object type = publication.getValue("event", "");
        Object data = publication.getValue("data");
        if (!(channel instanceof String name && ChannelName.isValid(name))) {
            return refused("channel: " + Json.encode(channel), ChannelName.EXPECTED);
        }
        if (!(type instanceof String typeName && Event.isType(typeName))) {
            return refused("event: " + Json.encode(type), Event.EXPECTED_TYPE);
        }
        if (!(data instanceof String text)) {
            return refused("data: " + kind(data), "a text");
        }
        return append.apply(new ChannelName(name), new Event(typeName, text));
    }

    private static Future<Entry> refused(String what, String expected) {
        return Future.failedFuture(new IllegalArgumentException(what + " (expected: " + expected + ")"));
    }

    /** Not the value: what is published does not belong into a log. */
    private static String kind(Object value) {
        return value == null ? "missing" : "of the type " + value.getClass().getSimpleName();
    }

    /** Said in the log as well: who publishes without waiting for the answer would never know. */
    private static void refuse(Message<?> message, Throwable failure) {
        LOG.warn("A publication was refused: {}", failure.getMessage());
        message.fail(code(failure), failure.getMessage());
    }

    private static int code(Throwable failure) {
        if (failure instanceof IllegalArgumentException) {
            return 400;
        }
        return failure instanceof UnknownChannelException ? 404 : 500;
    }
}
