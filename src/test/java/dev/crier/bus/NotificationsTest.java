package dev.crier.bus;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NotificationsTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final ChannelName ORDERS = new ChannelName("/orders");

    private final Vertx vertx = Vertx.vertx();
    private final Notifications notifications = new Notifications(vertx);

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    @Test
    void everyConsumerIsNotifiedOfEachChannelUntilItUnregisters() throws Exception {
        notifications.open();
        var one = new CopyOnWriteArrayList<ChannelName>();
        var other = new CopyOnWriteArrayList<ChannelName>();
        var registered = notifications.consume(one::add);
        RunningCrier.await(registered.completion());
        RunningCrier.await(notifications.consume(other::add).completion());
        notifications.send(new LinkedHashSet<>(List.of(NEWS, ORDERS)));
        Eventually.until("notified", () -> one.size() == 2 && other.size() == 2);
        assertEquals(List.of(NEWS, ORDERS), one);
        RunningCrier.await(registered.unregister());
        notifications.send(Set.of(NEWS));
        Eventually.until("notified", () -> other.size() == 3);
        assertEquals(2, one.size());
    }

    /** A batch may be shown after they are closed. */
    @Test
    void sendingAfterTheCloseDoesNothing() {
        notifications.open();
        notifications.close();
        assertDoesNotThrow(() -> notifications.send(Set.of(NEWS)));
        assertDoesNotThrow(notifications::open, "the codec is unregistered");
    }
}
