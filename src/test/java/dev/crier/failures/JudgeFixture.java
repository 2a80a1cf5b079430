package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import dev.crier.failures.Judge.Loss;
import dev.crier.failures.Received.Event;
import dev.crier.failures.Received.Gap;
import dev.crier.failures.Received.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A run that the test writes by hand. */
abstract class JudgeFixture {

    private static final long NEVER = Long.MAX_VALUE;

    private final List<Published> published = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final List<SetSubscription> sets = new ArrayList<>();

    static EventId id(int number) {
        return new EventId(1_000 + number, 0);
    }

    /** Acknowledges an event whose data is its number, sent and acknowledged at that time. */
    void publish(String channel, int... numbers) {
        for (int number : numbers) {
            published.add(new Published(channel, "n" + number, id(number), 10L * number, 10L * number + 5));
        }
    }

    void publish(Published event) {
        published.add(event);
    }

    void subscribe(String channel, Received... blocks) {
        subscriptions.add(new Subscription("s" + subscriptions.size(), channel, true, List.of(blocks)));
    }

    /** Subscribes after the failure. */
    void subscribeLate(String channel, Received... blocks) {
        subscriptions.add(new Subscription("late", channel, false, List.of(blocks)));
    }

    void subscribe(Target.Several target, Received... blocks) {
        sets.add(new SetSubscription("s" + sets.size(), target, true, List.of(blocks)));
    }

    static Event event(int number) {
        return new Event(id(number), "n" + number);
    }

    static Start start(int number) {
        return new Start(id(number));
    }

    static Gap gap(int asked, int position) {
        return new Gap(id(asked), id(position), Optional.empty());
    }

    List<String> faults(Loss loss) {
        return faults(loss, NEVER);
    }

    List<String> faults(Loss loss, long healed) {
        return Judge.faults(loss, healed, published, subscriptions, sets);
    }

    void assertFault(Loss loss, String fault) {
        var faults = faults(loss);
        assertEquals(1, faults.size(), faults::toString);
        assertTrue(faults.get(0).contains(fault), faults::toString);
    }
}
