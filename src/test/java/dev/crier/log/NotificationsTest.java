package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.ChannelName;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NotificationsTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final ChannelName ORDERS = new ChannelName("/orders");
    private static final Set<ChannelName> BOTH = new LinkedHashSet<>(List.of(NEWS, ORDERS));

    private final Vertx vertx = Vertx.vertx();
    private final Context one = vertx.getOrCreateContext();
    private final Context other = vertx.getOrCreateContext();
    private final Notifications notifications = new Notifications();
    private final List<ChannelName> ofOne = new CopyOnWriteArrayList<>();
    private final List<ChannelName> ofOther = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    @Test
    void everyConsumerIsNotifiedOfAllChannelsInTheirOrderOnItsOwnContext() throws Exception {
        var contexts = new CopyOnWriteArrayList<Context>();
        notifications.register(one, ofOne::add);
        notifications.register(other, channel -> {
            contexts.add(Vertx.currentContext());
            ofOther.add(channel);
        });
        notifications.send(BOTH);
        notifications.send(Set.of(NEWS));
        Eventually.until("notified", () -> ofOne.size() == 3 && ofOther.size() == 3);
        assertEquals(List.of(NEWS, ORDERS, NEWS), ofOne);
        assertEquals(List.of(NEWS, ORDERS, NEWS), ofOther);
        contexts.forEach(context -> assertSame(other, context));
    }

    /** A publisher on the same event loop is answered after its subscribers have been served. */
    @Test
    void allChannelsOfABatchArriveInOneLaterTurn() throws Exception {
        var turns = new ArrayList<String>();
        RunningCrier.await(onOne(() -> {
            notifications.register(one, channel -> turns.add(channel.path()));
            notifications.send(BOTH);
            turns.add("sent");
            one.runOnContext(turn -> turns.add("next turn"));
        }));
        RunningCrier.await(onOne(() -> {}));
        assertEquals(List.of("sent", "/news", "/orders", "next turn"), turns);
    }

    @Test
    void anUnregisteredConsumerIsNotCalledEvenIfANotificationIsOnItsWay() throws Exception {
        var registration = notifications.register(one, ofOne::add);
        notifications.register(one, ofOther::add);
        RunningCrier.await(onOne(() -> {
            notifications.send(BOTH);
            registration.unregister();
        }));
        notifications.send(Set.of(NEWS));
        Eventually.until("notified", () -> ofOther.size() == 3);
        assertEquals(List.of(), ofOne);
    }

    @Test
    void aConsumerMayUnregisterItself() throws Exception {
        var registrations = new ArrayList<Notifications.Registration>();
        registrations.add(notifications.register(one, channel -> {
            ofOne.add(channel);
            registrations.get(0).unregister();
        }));
        notifications.register(one, ofOther::add);
        notifications.send(BOTH);
        Eventually.until("notified", () -> ofOther.size() == 2);
        assertEquals(List.of(NEWS), ofOne);
    }

    @Test
    void aConsumerThatThrowsStopsNoOtherAndIsNotifiedAgain() throws Exception {
        one.exceptionHandler(failure -> {});
        notifications.register(one, channel -> {
            ofOne.add(channel);
            throw new IllegalStateException();
        });
        notifications.register(one, ofOther::add);
        notifications.send(Set.of(NEWS));
        notifications.send(Set.of(ORDERS));
        Eventually.until("notified", () -> ofOther.size() == 2);
        assertEquals(List.of(NEWS, ORDERS), ofOne);
    }

    /** A batch may be shown after the event loops of the subscribers have stopped. */
    @Test
    void aClosedContextStopsNoOther() throws Exception {
        Vertx closing = Vertx.vertx();
        Context closed = closing.getOrCreateContext();
        notifications.register(closed, ofOne::add);
        notifications.register(other, ofOther::add);
        RunningCrier.await(closing.close());
        assertThrows(RejectedExecutionException.class, () -> closed.runOnContext(turn -> {}));
        notifications.send(BOTH);
        Eventually.until("notified", () -> ofOther.size() == 2);
        assertEquals(List.of(), ofOne);
    }

    @Test
    void consumersOfOtherNotificationsInTheSameVertxAreNotNotified() throws Exception {
        var others = new Notifications();
        others.register(one, ofOne::add);
        notifications.register(one, ofOther::add);
        notifications.send(BOTH);
        Eventually.until("notified", () -> ofOther.size() == 2);
        assertEquals(List.of(), ofOne);
    }

    @Test
    void aFollowerIsCalledOnceForEachBatchOfItsChannelUntilItUnfollows() {
        var called = new ArrayList<String>();
        Runnable follower = () -> called.add("one");
        notifications.follow(NEWS, follower);
        notifications.follow(NEWS, () -> called.add("other"));
        notifications.follow(ORDERS, () -> called.add("orders"));
        notifications.send(Set.of(NEWS));
        assertEquals(List.of("one", "other"), called.stream().sorted().toList());
        notifications.unfollow(NEWS, follower);
        notifications.unfollow(NEWS, follower);
        notifications.send(BOTH);
        assertEquals(
                List.of("one", "orders", "other", "other"),
                called.stream().sorted().toList());
        assertEquals(2, notifications.followedChannels());
    }

    @Test
    void followersAreCalledWhenTheNotificationsAreClosed() {
        var closed = new ArrayList<Boolean>();
        notifications.follow(NEWS, () -> closed.add(notifications.isClosed()));
        notifications.close();
        assertEquals(List.of(true), closed);
    }

    private Future<Void> onOne(Runnable work) {
        Promise<Void> done = Promise.promise();
        one.runOnContext(turn -> {
            work.run();
            done.complete();
        });
        return done.future();
    }
}
