package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which fan-outs follow a channel, while channel sets come and go. */
class FanoutsTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final ChannelName ORDER = new ChannelName("/orders/42");
    private static final ChannelPattern ORDERS = new ChannelPattern(new ChannelName("/orders/:id"));
    private static final ChannelSet SET = new ChannelSet(List.of(NEWS), List.of(ORDERS));

    private final Fanouts fanouts = new Fanouts();

    private Fanout add(ChannelSet set) {
        return fanouts.of(set, shared -> new Fanout(null, Metrics.NONE.channelSets(), () -> fanouts.remove(shared)));
    }

    private List<Fanout> following(ChannelName channel) {
        var following = new ArrayList<Fanout>();
        fanouts.forEachSet(channel, following::add);
        return following;
    }

    private void failToAdd(ChannelSet set) {
        assertThrows(
                OutOfMemoryError.class,
                () -> fanouts.of(set, shared -> {
                    throw new OutOfMemoryError("no memory for a fan-out");
                }));
    }

    @Test
    void aSetWhoseFanOutCannotBeCreatedFollowsNothing() {
        failToAdd(SET);
        assertFalse(fanouts.isFollowed(NEWS));
        assertFalse(fanouts.isFollowed(ORDER));
        assertEquals(List.of(), following(NEWS));
        assertEquals(List.of(), fanouts.all());
        assertSame(add(SET), following(NEWS).get(0));
    }

    @Test
    void aSetWhoseFanOutCannotBeCreatedLeavesTheOthers() {
        Fanout fanout = add(SET);
        failToAdd(new ChannelSet(List.of(NEWS, ORDER), List.of()));
        assertEquals(List.of(fanout), following(NEWS));
        assertEquals(List.of(fanout), following(ORDER));
    }

    @Test
    void theLastSetThatLeavesAChannelEndsItsDelivery() {
        add(SET);
        var names = new ChannelSet(List.of(NEWS, ORDER), List.of());
        add(names);
        assertEquals(2, following(NEWS).size());
        fanouts.remove(SET);
        assertEquals(List.of(add(names)), following(NEWS));
        fanouts.remove(names);
        assertFalse(fanouts.isFollowed(NEWS));
        assertFalse(fanouts.isFollowed(ORDER));
    }
}
