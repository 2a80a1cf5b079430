package dev.crier.bus;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Appends the publications that are sent to an address of the event bus to the event log. Runs on the context that opens it. */
public final class PublishConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(PublishConsumer.class);

    private final Vertx vertx;
    private final String address;
    private final Function<Publication, Future<List<EventId>>> append;
    private MessageConsumer<Object> consumer;

    /** @param append publishes to the event log */
    public PublishConsumer(Vertx vertx, String address, Function<Publication, Future<List<EventId>>> append) {
        this.vertx = vertx;
        this.address = address;
        this.append = append;
    }

    public Future<Void> open() {
        consumer = vertx.eventBus().localConsumer(address, this::publish);
        return consumer.completion();
    }

    public Future<Void> close() {
        return consumer.unregister();
    }

    private void publish(Message<Object> message) {
        parse(message.body()).compose(append).onComplete((ids, failure) -> {
            if (failure == null) {
                message.reply(ids.get(0).toString());
            } else {
                log(failure);
                fail(message, failure);
            }
        });
    }

    private static Future<Publication> parse(Object body) {
        if (!(body instanceof JsonObject publication)) {
            return malformed("the body: " + kind(body), "a JSON object");
        }
        Object channel = publication.getValue("channel");
        Object event = publication.getValue("event");
        Object type = event == null ? "" : event;
        Object data = publication.getValue("data");
        Object key = publication.getValue("key");
        if (!(channel instanceof String name && ChannelName.isValid(name))) {
            return malformed("channel: " + Json.encode(channel), ChannelName.EXPECTED);
        }
        if (!(type instanceof String typeName && Event.isPublishable(typeName))) {
            return malformed("event: " + Json.encode(type), Event.EXPECTED_TYPE);
        }
        if (!(data instanceof String text && Event.isText(text))) {
            return malformed("data: " + kind(data), "a string");
        }
        if (!(key == null || key instanceof String keyText && Publication.Attempt.isKey(keyText))) {
            return malformed("key: not a valid key", Publication.Attempt.EXPECTED_KEY);
        }
        var one = new Event(typeName, text);
        var attempt = key == null ? Publication.Attempt.ONCE : Publication.Attempt.of((String) key, one);
        return Future.succeededFuture(new Publication(new ChannelName(name), List.of(one), attempt));
    }

    private static Future<Publication> malformed(String found, String expected) {
        return Future.failedFuture(
                new PublishException(PublishException.Reason.MALFORMED, found + " (expected: " + expected + ")"));
    }

    /** Describes a value without its content, which does not belong in a log. */
    private static String kind(Object value) {
        return value == null ? "missing" : "of the type " + value.getClass().getSimpleName();
    }

    /**
     * Logs a refusal as well, because a publisher that does not wait for the reply would never know. The event log itself logs,
     * once, that it cannot store or is full. A reused key is expected if a source runs on several nodes and their events
     * differ, so both are logged at debug.
     */
    private static void log(Throwable failure) {
        if (failure instanceof PublishException refusal && isExpected(refusal.reason())) {
            LOG.debug("A publication was refused: {}", failure.getMessage());
        } else {
            LOG.warn("A publication was refused: {}", failure.getMessage());
        }
    }

    private static boolean isExpected(PublishException.Reason reason) {
        return reason == PublishException.Reason.KEY_REUSED
                || reason.code() == PublishException.Reason.UNAVAILABLE.code();
    }

    private static void fail(Message<?> message, Throwable failure) {
        message.fail(code(failure), failure.getMessage());
    }

    private static int code(Throwable failure) {
        return failure instanceof PublishException refusal
                ? refusal.reason().code()
                : PublishException.Reason.UNAVAILABLE.code();
    }
}
