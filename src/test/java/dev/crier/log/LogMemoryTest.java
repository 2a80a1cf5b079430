package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.event.StreamDigest;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.ReadResult;
import dev.crier.metrics.Metrics;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How much memory the event log takes, and what it refuses when it is full. */
class LogMemoryTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final ChannelName STATE = new ChannelName("/state");
    private static final ChannelName THREE = new ChannelName("/three");
    private static final Retention HOUR = new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofHours(1));
    private static final Duration RETRY_WINDOW = Duration.ofMinutes(10);

    private long now = 1_000_000_000_000L;
    private EventLog log;

    private static Retention retention(ChannelName channel) {
        return switch (channel.path().split("/")[1]) {
            case "state", "states" -> new Retention.Latest();
            case "three" -> new Retention.Events(3, Retention.Events.ANY_AGE);
            default -> HOUR;
        };
    }

    private void open(long memoryBytes, int channels) {
        var clock = new AgeClock(() -> Instant.ofEpochMilli(now), () -> now * 1_000_000);
        var limits = new LogLimits(memoryBytes, channels, Set.of(NEWS, STATE, THREE));
        log = new EventLog(
                channel -> Optional.of(retention(channel)),
                new MemoryStore(),
                clock,
                notified -> {},
                RETRY_WINDOW,
                limits,
                Metrics.NONE);
        log.open();
    }

    private Future<List<EventId>> publish(ChannelName channel, String... data) {
        return publish(channel, Attempt.ONCE, data);
    }

    private Future<List<EventId>> publish(ChannelName channel, Attempt attempt, String... data) {
        var events = List.of(data).stream().map(Event::of).toList();
        return log.append(new Publication(channel, events, attempt));
    }

    private static PublishException refusal(Future<?> refused) {
        assertTrue(refused.failed(), "accepted");
        return (PublishException) refused.cause();
    }

    /** Publishes until a publication is refused, and returns how many were accepted. */
    private int fill(IntFunction<Future<?>> publishing) {
        int accepted = 0;
        while (publishing.apply(accepted).succeeded()) {
            accepted++;
        }
        return accepted;
    }

    private static String text(String text) {
        return new StringBuilder(text).toString(); // a string of its own, like one from a request
    }

    /** Kinds of publications that fill the memory: with so much that whatever else is freed meanwhile hardly counts. */
    enum Load {
        SMALL_EVENTS(120_000) {
            @Override
            void publish(LogMemoryTest test, int i) {
                test.publish(new ChannelName("/news"), text("x" + i));
            }
        },
        EVENTS_OF_TWO_BYTES_A_CHARACTER(1_500) {
            @Override
            void publish(LogMemoryTest test, int i) {
                test.publish(NEWS, text("\u20ac".repeat(10_000)));
            }
        },
        TYPES(60_000) {
            @Override
            void publish(LogMemoryTest test, int i) {
                var event = new Event(text("t".repeat(200)), text(""));
                test.log.append(new Publication(NEWS, List.of(event), Attempt.ONCE));
            }
        },
        STATES_OF_A_FAMILY(60_000) {
            @Override
            void publish(LogMemoryTest test, int i) {
                test.publish(new ChannelName("/states/" + "\u00e9".repeat(50) + i), text("x"));
            }
        },
        CHANNELS_OF_A_FAMILY(60_000) {
            @Override
            void publish(LogMemoryTest test, int i) {
                test.publish(new ChannelName("/orders/" + i), text("x"));
            }
        },
        KEYS(60_000) {
            @Override
            void publish(LogMemoryTest test, int i) {
                test.publish(new ChannelName("/three"), new Attempt("k".repeat(100) + i, "d".repeat(63) + i % 10), "x");
            }
        },
        KEYS_OF_STREAMS(20_000) {
            @Override
            void publish(LogMemoryTest test, int i) {
                StreamDigest digest = StreamDigest.NONE;
                for (int part = 0; part < 3; part++) {
                    StreamDigest next = digest.with(Event.of("x"));
                    test.publish(new ChannelName("/three"), Attempt.ofPart("k" + i, digest, next), "x");
                    digest = next;
                }
            }
        },
        KEYS_OF_BATCHES(3_000) {
            @Override
            void publish(LogMemoryTest test, int i) {
                var batch = IntStream.range(0, 50).mapToObj(event -> "x").toArray(String[]::new);
                test.publish(new ChannelName("/three"), new Attempt("k" + i, "d".repeat(63) + i % 10), batch);
            }
        };

        final int times;

        Load(int times) {
            this.times = times;
        }

        abstract void publish(LogMemoryTest test, int i);
    }

    private static long heap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            var runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @ParameterizedTest
    @EnumSource
    void theCountedBytesAreThoseOnTheHeap(Load load) {
        open(Long.MAX_VALUE, Integer.MAX_VALUE);
        load.publish(this, 0); // classes are loaded
        long counted = log.memoryBytes();
        long heap = heap();
        for (int i = 1; i <= load.times; i++) {
            load.publish(this, i);
        }
        double real = heap() - heap;
        double ratio = (log.memoryBytes() - counted) / real;
        assertTrue(ratio > 0.9 && ratio < 1.2, load + ": counted " + ratio + " of " + real);
    }

    @Test
    void expiredEntriesAndKeysDoNotCount() {
        open(Long.MAX_VALUE, 10);
        for (int i = 0; i < 10; i++) {
            publish(new ChannelName("/orders/" + i), new Attempt("key" + i, "digest"), "x", "\u20ac");
        }
        now += Duration.ofHours(2).toMillis();
        log.trim();
        assertEquals(0, log.entries());
        assertEquals(0, log.memoryBytes());
    }

    @Test
    void aFullLogRefusesPublicationsUntilRetentionMakesRoom() {
        open(1_000_000, 10);
        int accepted = fill(i -> publish(NEWS, "x".repeat(1_000)));
        assertTrue(accepted > 700, "accepted: " + accepted);
        var refusal = refusal(publish(NEWS, "x".repeat(1_000)));
        assertEquals(PublishException.Reason.FULL, refusal.reason());
        assertTrue(refusal.getMessage().startsWith("log.memoryBytes: the event log holds "), refusal.getMessage());
        assertEquals(Optional.of("the event log is full (log.memoryBytes)"), log.full());
        assertEquals(accepted, log.entries());
        assertTrue(log.memoryBytes() <= 1_000_000);
        now += Duration.ofMinutes(61).toMillis();
        log.trim();
        assertEquals(Optional.empty(), log.full());
        assertTrue(publish(NEWS, "x".repeat(1_000)).succeeded());
    }

    @Test
    void aFullLogAcceptsWhatDoesNotMakeItGrow() {
        open(1_000_000, 10);
        publish(STATE, "x".repeat(2_000));
        publish(THREE, "1", "2", "3");
        fill(i -> publish(NEWS, "x".repeat(100)));
        for (int i = 0; i < 1_000; i++) {
            assertTrue(publish(STATE, "y".repeat(2_000)).succeeded());
            assertTrue(publish(THREE, "4").succeeded());
        }
        assertEquals(
                PublishException.Reason.FULL,
                refusal(publish(STATE, "y".repeat(3_000))).reason());
        assertEquals(
                PublishException.Reason.FULL,
                refusal(publish(THREE, new Attempt("key", "digest"), "5")).reason());
        assertTrue(log.memoryBytes() <= 1_000_000);
    }

    @Test
    void aPublicationThatNeverFitsIsTooLargeAndDoesNotMakeTheLogFull() {
        open(1_000_000, 10);
        var refusal = refusal(publish(NEWS, "x".repeat(1_000_000)));
        assertEquals(PublishException.Reason.TOO_LARGE, refusal.reason());
        assertEquals(Optional.empty(), log.full());
    }

    @Test
    void aFullLogAnswersARetryAsItsFirstAttempt() {
        open(1_000_000, 10);
        var attempt = new Attempt("key", "digest");
        Future<List<EventId>> first = publish(NEWS, attempt, "x");
        fill(i -> publish(NEWS, "x".repeat(100)));
        assertEquals(first.result(), publish(NEWS, attempt, "x").result());
        assertEquals(
                PublishException.Reason.KEY_REUSED,
                refusal(publish(NEWS, new Attempt("key", "other"), "x")).reason());
        assertEquals(
                PublishException.Reason.FULL,
                refusal(publish(NEWS, new Attempt("new", "digest"), "x".repeat(100)))
                        .reason());
    }

    @Test
    void idempotencyKeysTakeMemoryUntilTheirWindowEnds() {
        open(1_000_000, 10);
        int accepted = fill(i -> publish(THREE, new Attempt("key" + i, "digest"), "x"));
        assertTrue(accepted > 2_000 && accepted < 5_000, "accepted: " + accepted);
        now += RETRY_WINDOW.toMillis() + 1;
        log.trim();
        assertTrue(publish(THREE, new Attempt("key", "digest"), "x").succeeded());
    }

    @Test
    void aStreamGoesOnInAFullLogIfItsChannelDoesNotGrow() {
        open(1_000_000, 10);
        List<StreamDigest> digests = new ArrayList<>(List.of(StreamDigest.NONE));
        for (int i = 0; i < 1_000; i++) {
            digests.add(digests.get(i).with(Event.of("x")));
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(publish(THREE, Attempt.ofPart("key", digests.get(i), digests.get(i + 1)), "x")
                    .succeeded());
        }
        fill(i -> publish(NEWS, "x".repeat(100)));
        for (int i = 3; i < 1_000; i++) {
            assertTrue(publish(THREE, Attempt.ofPart("key", digests.get(i), digests.get(i + 1)), "x")
                    .succeeded());
        }
        Future<?> again = publish(THREE, Attempt.ofPart("key", digests.get(0), digests.get(1)), "x");
        assertEquals(digests.get(1_000), ((AlreadyStoredException) again.cause()).stored());
        assertEquals(
                PublishException.Reason.FULL,
                refusal(publish(THREE, Attempt.ofPart("other", digests.get(0), digests.get(1)), "x"))
                        .reason());
        assertTrue(log.memoryBytes() <= 1_000_000);
    }

    @Test
    void theChannelLimitDoesNotApplyToNamedChannels() {
        open(Long.MAX_VALUE, 100);
        assertEquals(100, fill(i -> publish(new ChannelName("/orders/" + i), "x")));
        var refusal = refusal(publish(new ChannelName("/orders/one-more"), "x"));
        assertEquals(PublishException.Reason.FULL, refusal.reason());
        assertEquals(
                "limits.channels: 100 channels exist, and this would be one more"
                        + " (expected: fewer channels, shorter retention, or a larger value)",
                refusal.getMessage());
        assertTrue(publish(new ChannelName("/orders/7"), "x").succeeded());
        assertTrue(publish(NEWS, "x").succeeded());
        assertEquals(Optional.empty(), log.full());
    }

    @Test
    void eventsExpireInMoreChannelsThanOneStepExpires() {
        open(Long.MAX_VALUE, Integer.MAX_VALUE);
        int channels = ExpirySweep.STEP_CHANNELS * 2 + 10;
        for (int i = 0; i < channels; i++) {
            publish(new ChannelName("/orders/" + i), "x");
        }
        now += Duration.ofHours(2).toMillis();
        log.trim();
        assertEquals(channels - ExpirySweep.STEP_CHANNELS, log.entries());
        publish(new ChannelName("/orders/0"), "y");
        log.trim();
        log.trim();
        log.trim();
        assertEquals(1, log.entries());
        assertEquals(5_001, log.channels(), "half of the emptied channels that may be remembered, and the one in use");
    }

    @Test
    void emptiedChannelsDoNotKeepOutNewOnes() {
        open(Long.MAX_VALUE, 100);
        EventId before = log.newest();
        for (int round = 0; round < 20; round++) {
            int first = round * 100;
            assertTrue(fill(i -> publish(new ChannelName("/orders/" + (first + i)), "x")) >= 90);
            now += Duration.ofHours(2).toMillis();
            log.trim();
        }
        assertTrue(log.memoryBytes() < 10 * 1_000, "bytes: " + log.memoryBytes());
        assertTrue(log.read(new ChannelName("/orders/0"), HOUR, before) instanceof ReadResult.Gap);
    }
}
