package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.testing.Eventually;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contract of reading several channels at once, with any store. */
public abstract class ChannelSetContract extends EventLogFixture {

    protected static final ChannelSet NEWS_ORDERS_TIME = new ChannelSet(List.of(NEWS, ORDERS, TIME), List.of());
    private static final ChannelSet NEWS_AND_RUNS = new ChannelSet(List.of(NEWS), List.of(RUNS));

    private static ChannelName run(int number) {
        return new ChannelName("/runs/" + number);
    }

    @Test
    void severalChannelsAreReadInOneOrder() throws Exception {
        EventId before = log.newest();
        publish(NEWS, "a");
        EventId b = publish(ORDERS, "b").get(0);
        publish(LAST_THREE, "not in the set");
        publish(NEWS, "c", "d");
        publish(TIME, "e");
        assertEquals(List.of("a", "b", "c", "d", "e"), read(NEWS_ORDERS_TIME, before));
        assertEquals(List.of("c", "d", "e"), read(NEWS_ORDERS_TIME, b));
        assertEquals(List.of(), read(NEWS_ORDERS_TIME, log.newest()));
    }

    @Test
    void aLatestChannelOfASetHasItsNewestEventOnlyIfThatIsLater() throws Exception {
        EventId before = log.newest();
        publish(TIME, "old");
        publish(NEWS, "a");
        EventId time = publish(TIME, "new").get(0);
        publish(NEWS, "b");
        assertEquals(List.of("a", "new", "b"), read(NEWS_ORDERS_TIME, before));
        assertEquals(List.of("b"), read(NEWS_ORDERS_TIME, time));
    }

    @Test
    void aFamilyHasAllItsChannelsAlsoThoseThatAppearLater() throws Exception {
        EventId before = log.newest();
        publish(run(1), "a");
        publish(NEWS, "b");
        publish(ORDERS, "not in the set");
        publish(run(2), "c");
        assertEquals(List.of("a", "b", "c"), read(NEWS_AND_RUNS, before));
        EventId position = log.newest();
        publish(run(3), "d");
        assertEquals(List.of("d"), read(NEWS_AND_RUNS, position));
    }

    @Test
    void anEventIsReadOnceIfTheSetHasItsChannelAndItsFamily() throws Exception {
        EventId before = log.newest();
        publish(run(1), "a");
        publish(run(2), "b");
        assertEquals(List.of("a", "b"), read(new ChannelSet(List.of(run(1)), List.of(RUNS)), before));
    }

    @Test
    void aChannelThatHasLostEventsIsAGapAndTheOthersGoOn() throws Exception {
        EventId before = log.newest();
        publish(NEWS, "a");
        publish(LAST_THREE, "1", "2");
        publish(NEWS, "b");
        publish(LAST_THREE, "3", "4", "5");
        publish(NEWS, "c");
        trim();
        Eventually.until("trimmed", () -> readAll(LAST_THREE).size() == 3);
        var set = new ChannelSet(List.of(NEWS, LAST_THREE), List.of());
        assertEquals(List.of("gap /three", "a", "b", "3", "4", "5", "c"), read(set, before));
    }

    @Test
    void everyPositionResumesAllChannelsExactly() throws Exception {
        var random = new Random(1);
        EventId before = log.newest();
        var channels = Stream.concat(
                        Stream.of(NEWS, ORDERS), IntStream.range(0, 80).mapToObj(ChannelSetContract::run))
                .toList();
        Map<EventId, String> published = new LinkedHashMap<>();
        for (int i = 0; i < 300; i++) {
            ChannelName channel = channels.get(random.nextInt(channels.size()));
            // some of the text has two bytes a character, and some reads reach their size
            String data = i + (random.nextInt(3) == 0 ? " " + "é".repeat(2_000) : "");
            published.put(publish(channel, data).get(0), channel + "=" + data);
        }
        var set = new ChannelSet(List.of(NEWS), List.of(RUNS));
        var positions = new ArrayList<>(published.keySet());
        positions.add(0, before);
        for (int i = 0; i < positions.size(); i += 1 + random.nextInt(40)) {
            EventId position = positions.get(i);
            List<String> expected = published.entrySet().stream()
                    .filter(entry -> position.isBefore(entry.getKey())
                            && !entry.getValue().startsWith("/orders="))
                    .map(entry -> entry.getValue().substring(entry.getValue().indexOf('=') + 1))
                    .toList();
            assertEquals(expected, read(set, position));
        }
    }

    @Test
    void manyLargeEventsOfSeveralBytesACharacterAreReadCompletely() throws Exception {
        EventId before = log.newest();
        var texts = IntStream.range(0, 30).mapToObj(i -> i + "€".repeat(3_000)).toList();
        for (String text : texts) {
            publish(NEWS, text);
        }
        assertEquals(texts, read(NEWS, before));
        assertEquals(texts, read(NEWS_ORDERS_TIME, before));
    }
}
