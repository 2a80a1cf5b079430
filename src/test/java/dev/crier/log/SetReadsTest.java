package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.Store;
import dev.crier.testing.RunningCrier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reads of channel sets from a log in memory: their cost, their gaps, and the log's context that changes channels meanwhile. */
class SetReadsTest extends EventLogFixture {

    private static final ChannelSet FAMILY = new ChannelSet(List.of(), List.of(RUNS));

    @Override
    protected Store store() {
        return new MemoryStore();
    }

    private static ChannelName run(int number) {
        return new ChannelName("/runs/" + number);
    }

    /** Publishes an event to each channel of the family, and enough others that the order does not know these any more. */
    private EventId publishToFamily(int channels) throws Exception {
        EventId before = log.newest();
        for (int i = 0; i < channels; i++) {
            publish(run(i), "r" + i);
        }
        String[] others = new String[1_000];
        Arrays.fill(others, "other");
        for (int i = 0; i < 20; i++) {
            publish(NEWS, others);
        }
        return before;
    }

    @Test
    void aReadInMemoryNeverNeedsTheStoreAlthoughEntriesAreDroppedMeanwhile() throws Exception {
        var set = new ChannelSet(List.of(NEWS, LAST_THREE), List.of());
        var stop = new AtomicBoolean();
        var empty = new ArrayList<EventId>();
        var reader = new Thread(() -> {
            while (!stop.get()) {
                if (log.sets().read(set, EventId.FIRST).isEmpty()) {
                    empty.add(log.newest());
                }
            }
        });
        reader.start();
        String[] batch = new String[500];
        Arrays.fill(batch, "x");
        for (int i = 0; i < 500; i++) {
            publish(LAST_THREE, batch);
        }
        stop.set(true);
        reader.join();
        assertEquals(List.of(), empty);
    }

    @Test
    void aFamilyIsCaughtUpInStepsThatRememberItsChannels() throws Exception {
        EventId before = publishToFamily(500);
        assertTrue(log.sets().read(FAMILY, before).isEmpty(), "too many channels to be read at once");
        var catchUp = log.sets().catchUp(FAMILY);
        var read = new ArrayList<String>();
        EventId position = before;
        int steps = 0;
        boolean more = true;
        while (more) {
            assertEquals(steps > 0, catchUp.isAt(position));
            SetRead step = RunningCrier.await(catchUp.read(position, ANYONE));
            step.items()
                    .forEach(item ->
                            read.add(((SetRead.Found) item).entry().event().data()));
            position = step.through();
            more = step.more();
            steps++;
        }
        assertEquals(IntStream.range(0, 500).mapToObj(i -> "r" + i).collect(Collectors.toList()), read);
        assertTrue(steps < 20, "a step reads many channels: " + steps);
        assertFalse(catchUp.isAt(position), "it is finished");
    }

    @Test
    void whatTheWholeFamilyHasLostIsOneGap() throws Exception {
        publishToFamily(100);
        var items = read(FAMILY, new EventId(1, 0));
        assertEquals("gap /runs/:id", items.get(0));
        assertEquals(101, items.size());
    }

    @Test
    void aLongGapIsReportedInPartsSoThatEachPositionHasBeenToldOfAllBeforeIt() throws Exception {
        EventId before = log.newest();
        publish(LAST_THREE, "lost");
        String large = "x".repeat(40_000);
        EventId news = publish(NEWS, large, large).get(1);
        EventId lost = publish(LAST_THREE, "lost, too", "1", "2", "3").get(0);
        var set = new ChannelSet(List.of(NEWS, LAST_THREE), List.of());
        SetRead first = log.sets().read(set, before).orElseThrow();
        var part = (SetRead.Lost) first.items().get(0);
        assertEquals(List.of(news, news), List.of(part.position(), first.through()));
        SetRead second = log.sets().read(set, first.through()).orElseThrow();
        assertEquals(lost, ((SetRead.Lost) second.items().get(0)).position());
        assertEquals(4, second.items().size());
    }
}
